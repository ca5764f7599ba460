"""Vectors as providers send them and as they are kept."""

import binascii
import math
import struct
from base64 import b64decode
from collections.abc import Sequence
from typing import Literal


class Unfit(ValueError):
    """What should be a vector is none; the message says why."""


def unit(given: Sequence[float] | str) -> list[float]:
    """Return a vector, given as numbers or as the base64 of little-endian float32, at length 1; raises Unfit."""
    vector = _decoded(given) if isinstance(given, str) else given
    length = math.hypot(*vector)
    if not math.isfinite(length) or length == 0:
        raise Unfit("a vector is zero, or holds what is no number.")
    return [value / length for value in vector]


def written(vector: Sequence[float], kind: Literal["e", "f"]) -> bytes:
    """Return a vector's little-endian float16 ("e") or float32 ("f")."""
    return struct.pack(f"<{len(vector)}{kind}", *vector)


def _decoded(text: str) -> Sequence[float]:
    try:
        content = b64decode(text, validate=True)
        return struct.unpack(f"<{len(content) // 4}f", content)
    except (binascii.Error, ValueError, struct.error) as fault:
        raise Unfit("a vector is neither a list of numbers nor the base64 of some.") from fault
