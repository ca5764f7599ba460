"""Slashes within ids: imported ids may be anyone's, and `a%2Fb` in a path is one id, not two."""

from urllib.parse import unquote

_STAND_IN = "\ue000"  # of the private use area: no id that anybody gave has it


def hidden(raw_path: bytes) -> str:
    """Return a path decoded, its encoded slashes hidden from the routing table."""
    return unquote(raw_path.partition(b"?")[0].replace(b"%2F", b"%2f").decode("latin-1").replace("%2f", _STAND_IN))


def shown(id_: str) -> str:
    """Return an id from a path with its slashes."""
    return id_.replace(_STAND_IN, "/")
