"""Positions of items: numbers that grow along a path. See docs/decisions/0007.

What is said here is numbered one by one. An imported message is placed by its time instead, so that whatever is
imported later finds its place; from then on, what is said in its thread is placed by its time too.
"""

TIE_BITS = 20
"""A second is shifted by so many: positions stay below 2**52, which a double holds exactly."""

DENSE = 1 << TIE_BITS
"""Positions below are of threads without imports, and have no gaps."""


def next_position(end: int, at: float) -> int:
    """Return the place of what is said at this time (seconds since 1970), where `end` follows the last one taken."""
    return end if end < DENSE else max(end, int(at) << TIE_BITS)
