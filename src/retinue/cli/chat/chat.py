"""A conversation as the terminal holds it: on which screen, with which line, and how it ends."""

import asyncio
import io
import os
import shutil
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path

from msgspec import Struct

from retinue.cli.chat.conversation import Conversation
from retinue.cli.chat.screen.base import Screen
from retinue.cli.chat.screen.json_line import JsonLine
from retinue.cli.chat.screen.piped import Piped
from retinue.cli.chat.screen.spoken import Spoken
from retinue.cli.chat.screen.words import STOPPED, STOPPED_ONCE
from retinue.cli.chat.window.commands import COMMANDS
from retinue.cli.chat.window.interrupts import Interrupts
from retinue.cli.chat.window.line import Line, PlainLine
from retinue.cli.chat.window.loop import converse
from retinue.cli.chat.window.threaded import ThreadedLine
from retinue.cli.chat.window.window import Window
from retinue.cli.leaving import leave_within
from retinue.cli.terminal import silent
from retinue.core.errors import RetinueError

_END_S = 2.0  # for functions that are still at work when the conversation is over


class Manner(Struct, frozen=True, kw_only=True):
    """How a session looks."""

    data: Path
    """Where the history of lines is kept."""
    plain: bool = False
    as_json: bool = False
    save: Path | None = None
    """The folder for the charts and files of an answer to one question; None for none."""


def run_talk(
    opened: Callable[[], AbstractAsyncContextManager[Conversation]], question: str | None, manner: Manner
) -> int:
    """Open a conversation and hold it; return the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # what this terminal's encoding lacks is no reason to break off
    try:
        return asyncio.run(_held(opened, question, manner))
    except BrokenPipeError:  # whoever read the answer has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


async def _held(
    opened: Callable[[], AbstractAsyncContextManager[Conversation]], question: str | None, manner: Manner
) -> int:
    async with opened() as conversation:
        code = await _talk(conversation, question, manner)
    leave_within(_END_S, code=code, say="retinue: Left a function that was still at work.", err=True)
    return code


async def _talk(conversation: Conversation, question: str | None, manner: Manner) -> int:
    """Ask the question, or take questions from the terminal; return the exit code."""
    interrupts = Interrupts()
    screen = _screen(conversation, manner, once=question is not None)
    line = _line(conversation, interrupts, screen, manner)
    window = Window(conversation, screen, interrupts, line=line, width=_width)
    try:
        for note in conversation.notes:
            screen.notice(note)
        with interrupts.taken():
            if question is not None:
                return await _asked(window, question, manner.save)
            assert line is not None  # a question comes from a terminal or is there
            # the line that is edited shows by itself what is typed
            with nullcontext() if isinstance(screen, Spoken) else silent():
                await converse(window, line)
    except asyncio.CancelledError:
        if interrupts.ended_by is None:
            raise
        return 128 + interrupts.ended_by
    return 0


async def _asked(window: Window, question: str, folder: Path | None) -> int:
    completed = (await window.ask(question)).end == "completed"
    try:
        if folder is not None and window.made:
            await window.save(folder)
    except RetinueError as error:
        window.screen.fault(error.message)
        return 1
    return 0 if completed else 1


def _screen(conversation: Conversation, manner: Manner, *, once: bool) -> Screen:
    if manner.as_json:
        return JsonLine(sys.stdout, sys.stderr, lambda: conversation.thread_id)
    if once and not sys.stdout.isatty():
        return Piped(sys.stdout, sys.stderr)
    stopped = STOPPED_ONCE if once else STOPPED
    if manner.plain or not sys.stdout.isatty():
        return Spoken(sys.stdout, width=_width if sys.stdout.isatty() else None, stopped=stopped)
    return _drawn(stopped) or Spoken(sys.stdout, width=_width, stopped=stopped)


def _drawn(stopped: str) -> Screen | None:
    """Return the screen that draws; None for a terminal that can't be drawn on."""
    from rich.console import Console  # slow to import, and no use to an answer in a pipe

    from retinue.cli.chat.screen.drawn import Drawn
    from retinue.cli.chat.screen.markdown import STYLES

    console = Console(markup=False, emoji=False, highlight=False, theme=STYLES)
    return None if console.is_dumb_terminal or console.legacy_windows else Drawn(console, stopped=stopped)


def _line(conversation: Conversation, interrupts: Interrupts, screen: Screen, manner: Manner) -> Line | None:
    """Return where questions and the outputs of functions are typed; None where nobody sits there."""
    if sys.stdin is None or not sys.stdin.isatty() or isinstance(screen, Piped | JsonLine):
        return None
    if isinstance(screen, Spoken):
        if sys.platform == "win32":
            return ThreadedLine(sys.stdin, sys.stdout, interrupts)
        return PlainLine(sys.stdout, interrupts)
    from retinue.cli.chat.window.edited import EditedLine  # as slow to import

    names = [command.name for command in COMMANDS]
    return EditedLine(manner.data, interrupts, commands=names, models=conversation.models)


def _width() -> int:
    return shutil.get_terminal_size().columns
