"""Counts that were made before, so that a thread's texts are not counted anew in every turn."""

from collections import OrderedDict
from hashlib import blake2b

_DIGEST = 16  # bytes


class Memory:
    """The counts of the texts that were asked for last, by their digests: it keeps no text."""

    def __init__(self, size: int) -> None:
        """`size`: counts at most, at about 150 bytes each."""
        self._size = size
        self._counts: OrderedDict[bytes, int] = OrderedDict()

    def __len__(self) -> int:
        return len(self._counts)

    def find(self, key: bytes) -> int | None:
        """Return the count that was noted, None if it is not known any more."""
        count = self._counts.pop(key, None)
        if count is not None:
            self._counts[key] = count  # the last in order is the last one forgotten
        return count

    def note(self, key: bytes, count: int) -> None:
        """Keep a count, in place of the one that was not asked for the longest."""
        self._counts[key] = count
        if len(self._counts) > self._size:
            self._counts.popitem(last=False)


def key_of(text: str) -> bytes:
    """Return what a text's count is kept under."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST).digest()
