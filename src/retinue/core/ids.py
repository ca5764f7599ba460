"""Ids: opaque, unguessable, with a prefix that tells people what they look at."""

import os
import time

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PAIRS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)
_RANDOM = 62**17  # 101 bits; the 7 characters before them hold milliseconds until the year 2081
_BYTES = 16  # so many more bits than are needed that no bias is visible


def new_id(prefix: str, *, joint: str = "_") -> str:
    """Return a fresh id such as `thread_Vbcmu8Y...`: the prefix, the joint, 24 base-62 characters.

    The first 7 grow with the time: rows that are stored together stand together in every index of their ids, so that
    they share the pages that are written. The other 17 are random.
    """
    number = time.time_ns() // 1_000_000 * _RANDOM + int.from_bytes(os.urandom(_BYTES), "big") % _RANDOM
    pairs = []
    for _ in range(12):
        number, pair = divmod(number, 3844)
        pairs.append(_PAIRS[pair])
    pairs.reverse()
    return f"{prefix}{joint}{''.join(pairs)}"
