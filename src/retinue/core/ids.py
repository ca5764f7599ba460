"""Ids: opaque, unguessable, with a prefix that tells people what they look at."""

import os

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LENGTH = 24
_BYTES = 18  # 144 bits fill 24 base-62 characters (142.9 bits) without a visible bias


def new_id(prefix: str, *, joint: str = "_") -> str:
    """Return a fresh id such as `thread_3kX...`: the prefix, the joint, 24 random base-62 characters."""
    number = int.from_bytes(os.urandom(_BYTES), "big")
    characters = []
    for _ in range(_LENGTH):
        number, digit = divmod(number, 62)
        characters.append(_ALPHABET[digit])
    return f"{prefix}{joint}{''.join(characters)}"
