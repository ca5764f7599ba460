"""Bounds of JSON text, found without parsing it: linear in its length, and mostly in C."""

import re

MAX_DEPTH = 100
"""Levels of objects and arrays; whoever reads what is stored needs some stack for each."""

_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_GOOD_TEXT = re.compile(
    rb"(?:[^\\]++|\\(?:[^u]|u(?:(?!0000|[dD][89a-fA-F])[0-9a-fA-F]{4}"
    rb"|[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})))*+",
    re.DOTALL,
)
_BAD_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


def is_too_deep(raw: bytes) -> bool:
    """Return whether JSON is nested deeper than MAX_DEPTH; what is no JSON may be either."""
    if raw.count(b"[") + raw.count(b"{") <= MAX_DEPTH:
        return False
    unescaped = raw.replace(rb"\\", b"").replace(rb"\"", b"")
    brackets = b"".join(unescaped.split(b'"')[::2]).translate(None, delete=_NO_BRACKETS)  # outside of texts
    for _ in range(MAX_DEPTH):  # each round takes the innermost level away
        outer = brackets.replace(b"[]", b"").replace(b"{}", b"")
        if len(outer) == len(brackets):
            return False
        brackets = outer
    return bool(brackets)


def has_bad_text(raw: bytes) -> bool:
    """Return whether a text in the JSON holds a NUL or half of a surrogate pair, which no database stores."""
    if b"\\u" not in raw:
        return False
    good = _GOOD_TEXT.match(raw)
    return good is not None and _BAD_ESCAPE.match(raw, good.end()) is not None
