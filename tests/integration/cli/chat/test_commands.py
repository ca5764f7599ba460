"""A command that waits for a server is left with Ctrl-C."""

import asyncio
import io
import os
import signal
from collections.abc import Sequence
from pathlib import Path

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


async def test_charts_and_files_of_the_last_answer_are_saved_under_harmless_names(tmp_path: Path) -> None:
    out = io.StringIO()
    window = Window(Scripted(), Spoken(out), Interrupts())
    await obey(window, "/files")
    assert out.getvalue() == "The last answer has no charts and no files.\n"
    await window.ask("code")
    for _ in range(2):
        await obey(window, f"/files {tmp_path / 'saved'}")
    saved = sorted(path.name for path in (tmp_path / "saved").iterdir())
    assert saved == ["chart-2.png", "chart.png", "evil_2J-2.csv", "evil_2J.csv"]
    assert (tmp_path / "saved" / "chart.png").read_text() == "content of file-1"
    assert f"Saved {tmp_path / 'saved' / 'evil_2J-2.csv'}" in out.getvalue()
    await window.ask("something else")
    assert window.made == []
