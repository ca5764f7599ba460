"""Content-Disposition, both ways: names of fields and files as clients write them, names of files as clients read them.

Read are quoted strings with the escapes of RFC 7578 and of browsers (WHATWG: `%22`, `%0D`, `%0A`), raw UTF-8, and the
extended form of RFC 5987 (`filename*=UTF-8''...`), which goes before the plain one. Written are both forms (RFC 6266).
"""

import re
from urllib.parse import quote, unquote_to_bytes

from msgspec import Struct

_PARAMETER = re.compile(rb';\s*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;"\s]*)\s*', re.DOTALL)
_BROWSERS = {b"%22": b'"', b"%0d": b"\r", b"%0a": b"\n"}
_CHARSETS = {"utf-8": "utf-8", "iso-8859-1": "latin-1"}  # all that RFC 5987 asks of a reader


class Disposition(Struct, frozen=True, kw_only=True):
    """What the header of a part says."""

    kind: str
    name: str | None = None
    filename: str | None = None


def parse_disposition(header: bytes) -> Disposition | None:
    """Return what the header says; None if it isn't well-formed. Bytes that are no UTF-8 become U+FFFD."""
    kind, semicolon, rest = header.partition(b";")
    parameters: dict[bytes, bytes] = {}
    place = 0
    rest = semicolon + rest.rstrip()
    while place < len(rest):
        match = _PARAMETER.match(rest, place)
        if match is None:
            return None
        parameters.setdefault(match[1].lower(), match[2])
        place = match.end()
    return Disposition(
        kind=kind.strip().lower().decode("latin-1"),
        name=_plain(parameters.get(b"name")),
        filename=_extended(parameters.get(b"filename*")) or _plain(parameters.get(b"filename")),
    )


def attachment(filename: str) -> str:
    """Return the header that has a client save what comes under this name."""
    plain = re.sub(r'[^ -~]|["\\%]', "_", filename)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"


def _plain(value: bytes | None) -> str | None:
    if value is None:
        return None
    if value.startswith(b'"'):
        value = re.sub(rb'\\([\\"])', rb"\1", value[1:-1])
    value = re.sub(rb"(?i)%22|%0d|%0a", lambda match: _BROWSERS[match[0].lower()], value)
    return value.decode("utf-8", errors="replace")


def _extended(value: bytes | None) -> str | None:
    charset, first, rest = (value or b"").partition(b"'")
    _, second, encoded = rest.partition(b"'")
    encoding = _CHARSETS.get(charset.decode("latin-1").lower())
    if not first or not second or encoding is None:
        return None
    return unquote_to_bytes(encoded).decode(encoding, errors="replace")
