"""The window: puts questions to the conversation and has the answers shown."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any

from retinue.cli.chat.conversation import Answered, Asked, Conversation, Happening, Made, Said, Shown
from retinue.cli.chat.made import save_made
from retinue.cli.chat.screen.base import Screen
from retinue.cli.chat.window.interrupts import Interrupts
from retinue.cli.chat.window.line import Interrupted, Line
from retinue.cli.chat.window.tally import Tally, summary
from retinue.cli.clean import clean_line
from retinue.cli.terminal import silent
from retinue.core.errors import RetinueError

_TICK_S = 0.08  # between two drawings: as fast as one reads, as slow as a terminal over a network can follow
_PIECE = 2_000  # characters that are shown in one go
_SLOW_S = 1.0  # that an answer may take to stop before this is said


class Window:
    """One conversation, the screen that shows it, and the line where somebody types; None where nobody does."""

    def __init__(
        self,
        conversation: Conversation,
        screen: Screen,
        interrupts: Interrupts,
        *,
        line: Line | None = None,
        width: Callable[[], int] = lambda: 80,
    ) -> None:
        self.conversation = conversation
        self.screen = screen
        self.line = line
        self.tally = Tally()
        self.over = False
        self.armed = False
        """Whether the next Ctrl-C leaves."""
        self.made: list[Made] = []
        """The charts and files of the last answer."""
        self.draft = ""
        """What stands in the next line before anything is typed."""
        self._interrupts = interrupts
        self._width = width

    @property
    def width(self) -> int:
        """The terminal's columns."""
        return self._width()

    async def ask(self, question: str) -> Answered:
        """Put a question and show its answer."""
        return await self._answer(self.conversation.say(question))

    async def retry(self) -> Answered:
        """Have the last question answered anew, and show that."""
        return await self._answer(self.conversation.retry())

    async def save(self, folder: Path) -> None:
        """Save the charts and files of the last answer, and say where; raises RetinueError."""
        for path in await save_made(self.made, folder, self.conversation.content):
            self.screen.notice(f"Saved {path}")

    async def until_interrupted(self, work: Coroutine[Any, Any, None]) -> bool:
        """Do this and return True; on Ctrl-C have it cancelled, and return False."""
        doing = asyncio.create_task(work)
        interrupted = False

        def interrupt() -> None:
            nonlocal interrupted
            interrupted = self.armed = True
            doing.cancel()

        with self._interrupts.to(interrupt):
            try:
                await doing
            except asyncio.CancelledError:
                if not interrupted:
                    raise
                return False
        return True

    async def _answer(self, happenings: AsyncGenerator[Happening, None]) -> Answered:
        self.made = []
        answering = asyncio.ensure_future(self._followed(happenings))
        stopping: list[asyncio.Task[None]] = []

        def interrupted() -> None:
            self.armed = True
            if stopping:
                self.over = True
                answering.cancel()
            else:
                stopping.extend([asyncio.create_task(self._stop()), asyncio.create_task(self._say_slow())])

        with self._interrupts.to(interrupted):
            try:
                answered = await answering
            except asyncio.CancelledError:
                if not self.over:
                    raise
                answered = Answered(end="stopped", why="Left before the answer had ended.")
            finally:
                await _let_go(answering, *stopping)
        self.screen.end(answered, summary=summary(answered, self.width))
        return answered

    async def _followed(self, happenings: AsyncGenerator[Happening, None]) -> Answered:
        """Show what happens up to the answer's end, also past functions that are run here."""
        try:
            while not isinstance(asked := await self._shown(happenings), Answered):
                if self.line is None:
                    await self.conversation.stop()
                    return _unserved(asked)
                happenings = self.conversation.hand_in(await self._outputs(self.line, asked))
        except RetinueError as error:
            return Answered(end="failed", why=error.message)
        self.tally.add(asked)
        return asked

    async def _shown(self, happenings: AsyncGenerator[Happening, None]) -> Answered | Sequence[Asked]:
        """Show what happens; return how it ended, or what is asked for before it goes on."""
        asked: list[Asked] = []
        self.screen.begin()
        with silent():
            async with contextlib.aclosing(happenings), _ticking(self.screen):
                async for happening in happenings:
                    match happening:
                        case Answered():
                            return happening
                        case Asked():
                            asked.append(happening)
                        case _:
                            await self._show(happening)
        return asked

    async def _show(self, happening: Shown) -> None:
        """Show what happened; Ctrl-C and the drawing have their turn in between, however much comes at once."""
        if isinstance(happening, Made):
            self.made.append(happening)
        pieces = _pieces(happening) if isinstance(happening, Said) else [happening]
        for piece in pieces:
            self.screen.show(piece)
            await asyncio.sleep(0)

    async def _outputs(self, line: Line, asked: Sequence[Asked]) -> dict[str, str]:
        """Return what the user says that the functions came to, by call; stops the answer where they won't."""
        outputs: dict[str, str] = {}
        try:
            for call in asked:
                self.screen.show(call)
                outputs[call.call_id] = await line.read("It came to: ")
        except (Interrupted, EOFError):
            await self.conversation.stop()
        return outputs

    async def _say_slow(self) -> None:
        await asyncio.sleep(_SLOW_S)
        self.screen.notice("Stopping. Ctrl-C again leaves at once.")

    async def _stop(self) -> None:
        try:
            await self.conversation.stop()
        except RetinueError as error:
            self.screen.fault(error.message)


def _pieces(said: Said) -> Iterator[Said]:
    for start in range(0, len(said.text), _PIECE):
        yield Said(said.text[start : start + _PIECE], () if start else said.citations)


def _unserved(asked: Sequence[Asked]) -> Answered:
    names = ", ".join(dict.fromkeys(clean_line(call.name) for call in asked))
    if not names:
        return Answered(end="failed", why="The answer broke off. Ask again.")
    return Answered(
        end="failed",
        why=f"The model waits for functions that nobody runs here: {names}. Name the file that has them with --tools, "
        "or answer for them in a terminal.",
    )


@contextlib.asynccontextmanager
async def _ticking(screen: Screen) -> AsyncIterator[None]:
    async def tick() -> None:
        took = 0.0
        while True:
            await asyncio.sleep(max(_TICK_S, 4 * took))  # a long table must not keep the answer waiting
            began = time.perf_counter()
            screen.tick()
            took = time.perf_counter() - began

    ticking = asyncio.create_task(tick())
    try:
        yield
    finally:
        await _let_go(ticking)


async def _let_go(*tasks: "asyncio.Future[Any]") -> None:
    """End these tasks and wait until they have."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
