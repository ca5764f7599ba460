"""Memory that forks share for longer: what they allocate stands together, and not in the gaps of what all have."""

import contextlib
import ctypes

_POOL = 16 << 10
"""Bytes that CPython's allocator takes for objects of one size at a time; see Objects/obmalloc.c."""
_SMALLEST, _LARGEST, _STEP = 48, 512, 16
_HEAD = bytes.__basicsize__
_MOST = 64 << 20
"""Bytes after which the search for a pool without gaps is given up."""

_kept: list[object] = []


def fill() -> None:
    """Fill the gaps between objects: those of a fork stand in pages of their own then, and fewer are written to."""
    for size in range(_SMALLEST, _LARGEST + 1, _STEP):
        _fill(size)
    with contextlib.suppress(AttributeError):  # no glibc
        ctypes.CDLL(None).malloc_trim(0)  # the same of what is no object: free pages are given back


def _fill(size: int) -> None:
    """Allocate objects of a size until a whole pool of them stands in a row."""
    row, last, left = 0, 0, _MOST // size
    while row < _POOL // size - 2 and left:
        filler = bytes(size - _HEAD)
        row = row + 1 if id(filler) - last == size else 0
        last, left = id(filler), left - 1
        _kept.append(filler)
