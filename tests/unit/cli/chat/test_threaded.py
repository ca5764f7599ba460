"""The line where only a thread can wait for it."""

import asyncio
import io
import os
from collections.abc import Iterator
from typing import TextIO

import pytest

from retinue.cli.chat.window.interrupts import Interrupts
from retinue.cli.chat.window.line import Interrupted
from retinue.cli.chat.window.threaded import ThreadedLine

Ends = tuple[TextIO, TextIO]


@pytest.fixture
def ends() -> Iterator[Ends]:
    """Where a line comes from, and where it is typed."""
    source, typing = os.pipe()
    with open(source) as reader, open(typing, "w", buffering=1) as writer:  # noqa: PTH123
        yield reader, writer


async def test_lines_come_one_after_the_other_until_the_end(ends: Ends) -> None:
    out = io.StringIO()
    line = ThreadedLine(ends[0], out, Interrupts())
    ends[1].write("one\ntwo\n")
    assert [await line.read(), await line.read(draft="one")] == ["one", "two"]
    ends[1].close()
    with pytest.raises(EOFError):
        await line.read()
    assert out.getvalue() == "You: It was: one\nYou: You: "


async def test_line_that_was_interrupted_is_gone_on_with(ends: Ends) -> None:
    interrupts = Interrupts()
    line = ThreadedLine(ends[0], io.StringIO(), interrupts)
    reading = asyncio.create_task(line.read())
    await asyncio.sleep(0)
    interrupts._interrupt()  # as its signal does
    with pytest.raises(Interrupted):
        await reading
    ends[1].write("one\n")
    assert await line.read() == "one"
