"""The line with history, completion, and a question in several lines."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.shortcuts import CompleteStyle

from retinue.cli.chat.window.history import KeptHistory
from retinue.cli.chat.window.interrupts import Interrupts
from retinue.cli.chat.window.line import MARK, Interrupted
from retinue.core.errors import RetinueError

_MODEL = "/model "
_FORESEEN = "/m"


class EditedLine:
    """See `Line`. Enter sends, Alt-Enter begins a new line, and what is pasted stays one question."""

    keys = "Enter sends, Alt-Enter begins a new line, Tab completes."

    def __init__(
        self,
        folder: Path,
        interrupts: Interrupts,
        *,
        commands: Sequence[str],
        models: Callable[[], Awaitable[Sequence[str]]],
    ) -> None:
        self._interrupts = interrupts
        names = _Names(commands, models)
        self._session: PromptSession[str] = PromptSession(
            history=KeptHistory(folder),
            completer=names,
            complete_while_typing=False,
            complete_style=CompleteStyle.READLINE_LIKE,  # no menu: it would want eight lines kept free below
            multiline=True,
            prompt_continuation="  ",
            key_bindings=_keys(),
            include_default_pygments_style=False,
        )
        self._session.default_buffer.on_text_changed += names.foresee

    async def read(self, mark: str = MARK, *, draft: str = "") -> str:
        """See `Line.read`."""
        with self._interrupts.to(lambda: self._session.app.exit(exception=Interrupted())):
            return await self._session.prompt_async([("bold", mark)], default=draft, handle_sigint=False)


class _Names(Completer):
    """Completes commands, and behind `/model` the models; those are asked for when a command with an m is begun."""

    def __init__(self, commands: Sequence[str], models: Callable[[], Awaitable[Sequence[str]]]) -> None:
        self._commands = commands
        self._models = models
        self._asking: asyncio.Task[Sequence[str]] | None = None

    def foresee(self, buffer: Buffer) -> None:
        """Ask for the models once a line looks as if it wanted one."""
        if self._asking is None and buffer.text.startswith(_FORESEEN):
            self._asking = asyncio.create_task(self._listed())

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        """Yield the names that begin as what is typed does."""
        typed = document.text_before_cursor
        wants_model = typed.startswith(_MODEL)
        names = self._known_models() if wants_model else self._commands
        begun = typed.removeprefix(_MODEL) if wants_model else typed
        for name in names if typed.startswith("/") else ():
            if name.startswith(begun):
                yield Completion(name, start_position=-len(begun))

    async def _listed(self) -> Sequence[str]:
        try:
            return await self._models()
        except RetinueError:  # nothing to complete; `/model` says why
            return ()

    def _known_models(self) -> Sequence[str]:
        return self._asking.result() if self._asking and self._asking.done() else ()


def _keys() -> KeyBindings:
    keys = KeyBindings()

    @keys.add("enter")
    def _send(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    @keys.add("escape", "enter")
    def _new_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    @keys.add("c-c")
    def _clear(event: KeyPressEvent) -> None:
        if event.current_buffer.text:
            event.current_buffer.reset()
        else:
            event.app.exit(exception=Interrupted(), style="class:aborting")

    return keys
