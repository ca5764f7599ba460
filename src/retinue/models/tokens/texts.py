"""Counts of texts in one encoding, each text counted only once."""

import asyncio
from functools import cache

from retinue.models.tokens.encodings import Encoding, EncodingName, load
from retinue.models.tokens.memory import Memory, key_of
from retinue.models.tokens.pieces import pieces_of

_AT_ONCE = 2_048  # characters that are counted in the event loop: half a millisecond of the worst text
_UNNOTED = 64  # characters up to which counting is cheaper than looking a count up
_BREATH = 32_768  # characters after which other tasks get their turn: some 3 ms of short texts
_COUNTS = 32_768  # that are kept: 5 MB


class Texts:
    """Counts texts with an encoding, and remembers what they came to."""

    def __init__(self, encoding: Encoding, *, remembered: int = _COUNTS) -> None:
        self._encoding = encoding
        self._memory = Memory(remembered)
        self._in_one_breath = 0

    async def count(self, text: str) -> int:
        """Return the number of the text's tokens; a long one is counted in another thread."""
        await self._breathe(len(text))
        if len(text) <= _UNNOTED:
            return self._counted(text)
        key = key_of(text)
        count = self._memory.find(key)
        if count is None:
            count = self._counted(text) if len(text) <= _AT_ONCE else await self._counted_apart(text)
            self._memory.note(key, count)
        return count

    async def _breathe(self, characters: int) -> None:
        """Keep a crowd of short texts from holding up the event loop as a long one would."""
        self._in_one_breath += characters
        if self._in_one_breath > _BREATH:
            self._in_one_breath = 0
            await asyncio.sleep(0)

    async def _counted_apart(self, text: str) -> int:
        """Count piece by piece: who gives up waiting keeps a thread busy for one of them at most."""
        return sum([await asyncio.to_thread(self._counted, piece) for piece in pieces_of(text)])

    def _counted(self, text: str) -> int:
        return len(self._encoding.encode_ordinary(text))


@cache
def texts_in(encoding: EncodingName) -> Texts:
    """Return what counts in an encoding, loading it if it is the first time: not for the event loop."""
    return Texts(load(encoding))
