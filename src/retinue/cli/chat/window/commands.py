"""What a line that begins with a slash does."""

import difflib
import textwrap
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from retinue.cli.chat.window.line import Interrupted
from retinue.cli.chat.window.transcript import save, transcript
from retinue.cli.chat.window.window import Window
from retinue.core.errors import RetinueError

_COLUMN = 16  # where the words stand in /help
_LISTED = 40  # models that /model lists
_STOPPING = "Ctrl-C stops an answer, a second one leaves."
_SLASH = "To ask something that begins with a slash, type two of them."


class Command(Struct, frozen=True, kw_only=True):
    """A command: its name, what may stand behind it, what it does."""

    name: str
    run: Callable[[Window, str], Coroutine[Any, Any, None]]
    summary: str
    argument: str = ""


async def obey(window: Window, line: str) -> None:
    """Do what a line says that begins with a slash."""
    name, _, argument = line.strip().partition(" ")
    command = next((command for command in (*COMMANDS, _QUIT) if command.name == name), None)
    if command is None:
        window.screen.notice(_unknown(name))
        return
    try:
        if not await window.until_interrupted(command.run(window, argument.strip())):
            window.screen.notice(f"Gave up {name}.")
    except RetinueError as error:
        window.screen.fault(error.message)


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, [command.name for command in COMMANDS], n=1)
    there_is = f"did you mean {near[0]}?" if near else "/help lists them all."
    return f"There is no {name}; {there_is} {_SLASH}"


async def _help(window: Window, _: str) -> None:
    width = max(30, window.width - 1)
    lines = [_described(command, width) for command in COMMANDS]
    keys = f"{window.line.keys if window.line else ''} {_STOPPING} {_SLASH}".strip()
    window.screen.notice("\n".join([*lines, textwrap.fill(keys, width)]))


def _described(command: Command, width: int) -> str:
    head = f"{command.name} {command.argument}".ljust(_COLUMN)
    return textwrap.fill(command.summary, width, initial_indent=head, subsequent_indent=" " * _COLUMN)


async def _clear(window: Window, _: str) -> None:
    left = window.conversation.thread_id
    await window.conversation.clear()
    kept = f" The last one stays:\n  retinue chat --thread {left}" if left else ""
    window.screen.notice(f"A new thread begins with the next question.{kept}")


async def _stats(window: Window, _: str) -> None:
    conversation = window.conversation
    lines = window.tally.lines(model=conversation.model, thread_id=conversation.thread_id)
    window.screen.notice("\n".join(lines))


async def _model(window: Window, name: str) -> None:
    chosen = name or await _choice(window)
    if chosen and chosen != window.conversation.model:
        await window.conversation.use_model(chosen)
    if chosen:
        window.screen.notice(f"{window.conversation.model} answers from now on.")


async def _choice(window: Window) -> str:
    """List the models and return the one that is chosen; empty for none."""
    names = await window.conversation.models()
    window.screen.notice("\n".join(_listed(names, window.conversation.model)))
    if window.line is None or not names:
        return ""
    try:
        typed = (await window.line.read("Number or name: ")).strip()
    except (Interrupted, EOFError):
        return ""
    return names[int(typed) - 1] if typed.isdecimal() and 0 < int(typed) <= len(names) else typed


def _listed(names: Sequence[str], current: str) -> list[str]:
    numbered = [f"{number:>3} {name}{' (answers now)' * (name == current)}" for number, name in enumerate(names, 1)]
    more = len(numbered) - _LISTED
    rest = [f"    and {more} more: /model NAME takes each of them"] if more > 0 else []
    return [*([] if current in names else [f"    {current} (answers now)"]), *numbered[:_LISTED], *rest]


async def _system(window: Window, text: str) -> None:
    if text:
        window.conversation.use_system("" if text == "-" else text)
        window.screen.notice(
            "The instructions are taken away." if text == "-" else "These instructions hold from now on."
        )
    else:
        window.screen.notice(window.conversation.system or "There are no instructions. Give some with: /system TEXT")


async def _retry(window: Window, _: str) -> None:
    await window.retry()


async def _undo(window: Window, _: str) -> None:
    window.draft = await window.conversation.undo()
    window.screen.notice("Taken back: the last question, to be changed here, and its answer.")


async def _save(window: Window, argument: str) -> None:
    exchanges = await window.conversation.exchanges()
    if not exchanges:
        window.screen.notice("Nothing has been said yet.")
        return
    flag, _, behind = argument.partition(" ")
    over = flag == "-f"
    name = behind.strip() if over else argument
    path = save(name or f"{window.conversation.thread_id}.md", transcript(exchanges), over=over)
    window.screen.notice(f"Saved as {path}")


async def _files(window: Window, argument: str) -> None:
    if window.made:
        await window.save(_folder(argument))
    else:
        window.screen.notice("The last answer has no charts and no files.")


def _folder(argument: str) -> Path:
    return Path(argument or ".").expanduser()


async def _exit(window: Window, _: str) -> None:
    window.over = True


COMMANDS = (
    Command(name="/help", run=_help, summary="list these commands"),
    Command(name="/clear", run=_clear, summary="begin a new thread; this one stays stored"),
    Command(name="/stats", run=_stats, summary="tokens, cost and speed of this session"),
    Command(name="/model", argument="[NAME]", run=_model, summary="have another model answer; lists them"),
    Command(name="/system", argument="[TEXT]", run=_system, summary="show or set the instructions; - takes them away"),
    Command(name="/retry", run=_retry, summary="have the last question answered anew"),
    Command(name="/undo", run=_undo, summary="take the last question back, to change it"),
    Command(name="/save", argument="[FILE]", run=_save, summary="write the thread as Markdown; -f FILE writes over"),
    Command(name="/files", argument="[DIR]", run=_files, summary="save the charts and files of the last answer"),
    Command(name="/exit", run=_exit, summary="leave; Ctrl-D does too, and /quit"),
)
_QUIT = Command(name="/quit", run=_exit, summary="leave")
