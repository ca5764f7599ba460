"""The line that the user types."""

import asyncio
import os
import re
import select
import sys
from typing import Protocol, TextIO

from retinue.cli.chat.window.interrupts import Interrupts
from retinue.cli.clean import clean

MARK = "> "
PLAIN_KEYS = "Enter sends; lines that are pasted together are one question."
_KEYS_PRESSED = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|.)?|[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""What arrows, function keys and control keys leave in a line that nobody edits."""
_MOST = 65_536  # bytes that a terminal gives at once


class Interrupted(Exception):
    """Ctrl-C at an empty line."""


class Line(Protocol):
    """Where questions come from."""

    keys: str
    """What keys do, for /help."""

    async def read(self, mark: str = MARK, *, draft: str = "") -> str:
        """Return what the user types, `draft` being typed already.

        Raises Interrupted on Ctrl-C at an empty line, EOFError on Ctrl-D.
        """
        ...


def show_mark(out: TextIO, mark: str, draft: str) -> None:
    """Show, in words, what is to be typed, and what it was before."""
    if draft:
        out.write(f"It was: {clean(draft)}\n")
    out.write("You: " if mark == MARK else mark)
    out.flush()


class PlainLine:
    """The line as any terminal gives it, for those that can't be drawn on and for screen readers."""

    keys = PLAIN_KEYS

    def __init__(self, out: TextIO, interrupts: Interrupts) -> None:
        self._out = out
        self._interrupts = interrupts

    async def read(self, mark: str = MARK, *, draft: str = "") -> str:
        """See `Line.read`; a draft can only be shown. Lines that come at once, as pasted ones do, are one question."""
        show_mark(self._out, mark, draft)
        typed = b""
        while not typed or _waits():
            await self._readable()
            more = os.read(sys.stdin.fileno(), _MOST)
            typed += more
            if not more:
                break
        if not typed:
            self._out.write("\n")
            raise EOFError
        return _KEYS_PRESSED.sub("", typed.decode(errors="replace")).removesuffix("\n")

    async def _readable(self) -> None:
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[None] = loop.create_future()
        loop.add_reader(sys.stdin.fileno(), _settle, ready)
        try:
            with self._interrupts.to(lambda: _settle(ready, Interrupted())):
                await ready
        except Interrupted:
            self._out.write("\n")
            raise
        finally:
            loop.remove_reader(sys.stdin.fileno())


def _settle(ready: "asyncio.Future[None]", error: Exception | None = None) -> None:
    if ready.done():
        return
    if error:
        ready.set_exception(error)
    else:
        ready.set_result(None)


def _waits() -> bool:
    return bool(select.select([sys.stdin], [], [], 0)[0])
