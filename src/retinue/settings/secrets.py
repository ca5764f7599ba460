"""Keeps secrets out of what is shown."""

import re

_PREFIX = "sk-"
_TAIL = 4  # characters of a key that are shown at most
_SHARE = 5  # and never more than one in so many
_SHOWN = 60  # characters of a mistaken value
_LISTED = 3  # elements of a mistaken list
_RUN = re.compile(r"[A-Za-z0-9+/=_.-]{20,}")
_OWN_PREFIX = re.compile(r"\b(?:sk|pk|rk|gsk|xai|hf|ghp|AIza)[-_]?\w{6}")
_KEY = re.compile(r"\b(?:(?:sk|pk|rk|gsk|xai|hf|ghp)[-_]|AIza)[\w-]{16,}")


def masked(secret: str) -> str:
    """Return a key so that its owner knows it again and nobody can use it."""
    budget = len(secret) // _SHARE
    if budget < _TAIL:
        return "****"
    prefix = _PREFIX if secret.startswith(_PREFIX) and budget >= _TAIL + len(_PREFIX) else ""
    return f"{prefix}…{secret[-_TAIL:]}"


def looks_secret(text: str) -> bool:
    """Whether a text may be, or bear, a key or a password."""
    runs = (run[0] for run in _RUN.finditer(text))
    mixed = any(re.search(r"\d", run) and re.search(r"[A-Za-z]", run) for run in runs)
    return mixed or "@" in text or _OWN_PREFIX.search(text) is not None


def shown(value: object) -> str:
    """Return a mistaken value for a sentence about it; one that may be a secret is not told."""
    match value:
        case str() if looks_secret(value):
            return "a text that may be a secret"
        case str():
            return repr(value if len(value) <= _SHOWN else f"{value[:_SHOWN]}...")
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value) if abs(value) < 1e18 else "a number"
        case list():
            more = ["..."] if len(value) > _LISTED else []
            return f"[{', '.join([*map(shown, value[:_LISTED]), *more])}]"
        case dict():
            return "a table"
        case _:
            return "a date or time"


def without_login(url: str) -> str:
    """Return an address without the user, password and query that it may bear."""
    return re.sub(r"(?<=://)[^/?#]*@|[?#].*", "", url)


def without_keys(text: str) -> str:
    """Return a text, each key in it masked that shows by its beginning: one may have been pasted where none belongs."""
    return _KEY.sub(lambda found: masked(found[0]), text)
