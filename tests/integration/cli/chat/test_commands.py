"""A command that waits for a server is left with Ctrl-C."""

import asyncio
import io
import os
import signal
from collections.abc import Sequence

import pytest

from cli.chat.scripted import Scripted
from retinue.cli.chat.screen.spoken import Spoken
from retinue.cli.chat.window.commands import obey
from retinue.cli.chat.window.interrupts import Interrupts
from retinue.cli.chat.window.window import Window


class Silent(Scripted):
    """Never says which models there are, nor takes anything back."""

    async def models(self) -> Sequence[str]:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.Event().wait()
        return ()

    async def undo(self) -> str:
        await self.models()
        return ""


@pytest.mark.parametrize("command", ["/model", "/model other", "/undo"])
async def test_ctrl_c_ends_a_command_that_waits(command: str) -> None:
    out, interrupts = io.StringIO(), Interrupts()
    window = Window(Silent(), Spoken(out), interrupts)
    with interrupts.taken():
        await obey(window, command)
    assert out.getvalue() == f"Gave up {command.split()[0]}.\n"
    assert window.armed
    assert not window.over
