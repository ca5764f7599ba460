"""While an answer is shown, the rest of the program has its turn."""

import asyncio
from collections.abc import AsyncGenerator

from cli.chat.scripted import Scripted
from retinue.cli.chat.conversation import Answered, Asked, Happening, Said, Shown
from retinue.cli.chat.window.interrupts import Interrupts
from retinue.cli.chat.window.window import Window


class Counting:
    """See `Screen`. Counts what is shown, and how often another task had a turn meanwhile."""

    def __init__(self) -> None:
        self.turns: list[int] = []
        self.turn = 0

    def begin(self) -> None: ...

    def show(self, happening: Shown | Asked) -> None:
        self.turns.append(self.turn)

    def tick(self) -> None: ...

    def end(self, answered: Answered, *, summary: str) -> None: ...

    def notice(self, text: str) -> None: ...

    def fault(self, text: str) -> None: ...


class Flooding(Scripted):
    """Says very much at once."""

    async def say(self, text: str) -> AsyncGenerator[Happening, None]:
        yield Said(text="x" * 20_000)
        yield Said(text="y")
        yield Answered(end="completed")


async def test_however_much_comes_at_once_others_have_a_turn_between_pieces() -> None:
    screen = Counting()

    async def other() -> None:
        while True:
            screen.turn += 1
            await asyncio.sleep(0)

    waiting = asyncio.create_task(other())
    await Window(Flooding(), screen, Interrupts()).ask("?")
    waiting.cancel()
    assert len(screen.turns) == 11
    assert len(set(screen.turns)) == len(screen.turns)
