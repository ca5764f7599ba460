"""From a file to batches of its windows."""

import os
import re
import sys
import time
from collections.abc import Generator, Iterator
from itertools import count
from pathlib import Path

from msgspec import structs

from retinue.core.surrogates import mended
from retinue.knowledge.reading.base import Batch, Unreadable, Window
from retinue.knowledge.reading.cutter import Cutter
from retinue.knowledge.reading.frames import Asked
from retinue.knowledge.reading.opening import pieces_of
from retinue.knowledge.reading.units import Vocabulary
from retinue.knowledge.words import pack_texts

_BATCH = 64  # windows
_BATCH_S = 1.0  # after which those that are there are told; none, where a page takes long

_PACKED = 8  # tokens in a byte of a document that is compressed, at most, unless it was made to harm

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff]")  # databases refuse some of them in a text
_TOO_LONG = (
    "The file's text makes more than {:,} passages of up to {} tokens. Split it into smaller files and upload those."
)


def batches_of(asked: Asked, vocabulary: Vocabulary) -> Iterator[Batch]:
    """Yield the file's windows; an empty batch where pages gave none for long. Raises Unreadable.

    A large file is read through before its first window is told: to embed what is refused in the end takes long. So
    it is known how many windows it has.
    """
    is_large = Path(os.fsdecode(asked.path)).stat().st_size > asked.most_tokens // _PACKED
    of = 0
    if is_large and not asked.skip:
        of = yield from _batches(structs.replace(asked, skip=sys.maxsize), vocabulary)
    yield from _batches(asked, vocabulary, of=of)


def _batches(asked: Asked, vocabulary: Vocabulary, *, of: int = 0) -> Generator[Batch, None, int]:
    """Yield the windows that are wanted; return how many there are with those that are not."""
    windows: list[Window] = []
    count = 0
    told = time.monotonic()
    for window in _windows(asked, vocabulary):
        if window and window.number >= (most := asked.most_tokens // asked.tokens):
            raise Unreadable("invalid_file", _TOO_LONG.format(most, asked.tokens))
        if window:
            count = window.number + 1
        if window and window.number >= asked.skip:
            windows.append(window)
        if len(windows) >= _BATCH or time.monotonic() - told > _BATCH_S:
            yield _batch(windows, of)
            windows = []
            told = time.monotonic()
    if windows:
        yield _batch(windows, of)
    return count


def _windows(asked: Asked, vocabulary: Vocabulary) -> Iterator[Window | None]:
    """Yield the windows that hold any text, and None after each piece of the file."""
    numbers = count()
    cutter = Cutter(vocabulary, tokens=asked.tokens)
    for page, piece in pieces_of(Path(os.fsdecode(asked.path)), asked.extension):
        for cut in cutter.push(page, _clean(piece)):
            yield _window(numbers, *cut)
        yield None
    for cut in cutter.end():
        yield _window(numbers, *cut)


def _window(numbers: Iterator[int], page: int | None, text: str) -> Window | None:
    return None if text.isspace() else Window(next(numbers), page, text)


def _clean(text: str) -> str:
    return _CONTROL.sub(" ", mended(text))


def _batch(windows: list[Window], of: int) -> Batch:
    return Batch(windows, pack_texts([window.text for window in windows]), of)
