"""How near vectors are as they are kept."""

import struct


def floats(vector: bytes) -> tuple[float, ...]:
    """Read a vector: of 384 numbers in float16 or float32."""
    return struct.unpack("<384e" if len(vector) == 768 else "<384f", vector)


def nearness(one: bytes, other: bytes) -> float:
    """Return the cosine of two vectors of length 1."""
    return sum(a * b for a, b in zip(floats(one), floats(other), strict=True))
