"""The process that reads files: asked for one at a time, it answers with batches of windows.

Its arguments are for how many seconds it may be at one page, and wait to be asked, if nobody is left to end it.
"""

import os
import sys
from typing import BinaryIO

from retinue.knowledge.reading.batches import batches_of
from retinue.knowledge.reading.faults import failed
from retinue.knowledge.reading.frames import LENGTH, Asked, Failed, Finished, Frame, Hindered, asked_of, framed
from retinue.knowledge.reading.limits import confine, die_after
from retinue.knowledge.reading.units import Vocabulary
from retinue.models.tokens.encodings import load


class Worker:
    """Answers until nobody asks."""

    def __init__(self, asks: BinaryIO, answers: BinaryIO, *, patience_s: int, idle_s: int) -> None:
        self._asks = asks
        self._answers = answers
        self._patience_s = patience_s
        self._idle_s = idle_s
        self._vocabulary = Vocabulary(load("cl100k_base"))

    def serve(self) -> None:
        """Say that all is there, then answer."""
        self._say(Finished())
        die_after(self._idle_s)
        while head := self._asks.read(LENGTH.size):
            asked = asked_of(self._asks.read(*LENGTH.unpack(head)))
            die_after(self._patience_s)
            self._say(self._answer(asked))
            die_after(self._idle_s)

    def _answer(self, asked: Asked) -> Finished | Failed | Hindered:
        """Say all batches; return what ends them."""
        try:
            for batch in batches_of(asked, self._vocabulary):
                self._say(batch)
        except Exception as fault:  # the libraries raise what they like
            return failed(fault)
        return Finished()

    def _say(self, frame: Frame) -> None:
        die_after(0)  # however long nobody takes it; if nobody is left, it fails
        self._answers.write(framed(frame))
        self._answers.flush()
        die_after(self._patience_s)


def _own_output() -> BinaryIO:
    """Return standard output, and leave to the libraries one that nobody reads: a file may have them say anything."""
    own = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    return os.fdopen(own, "wb")


if __name__ == "__main__":
    os.closerange(3, 1 << 16)  # uvloop leaves a child the server's own terminal and log, under numbers of its own
    patience_s, idle_s = map(int, sys.argv[1:3])
    worker = Worker(sys.stdin.buffer, _own_output(), patience_s=patience_s, idle_s=idle_s)
    confine()
    worker.serve()
