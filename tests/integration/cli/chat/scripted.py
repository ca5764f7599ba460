"""A conversation by script: answers to known questions, one happening after the other."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

from retinue.cli.chat.conversation import (
    Answered,
    Asked,
    Called,
    Coded,
    Exchange,
    Happening,
    Made,
    Printed,
    Said,
    Waiting,
)
from retinue.core.errors import InvalidRequest

HOSTILE = "red \x1b[31mand \x1b]0;title\x07 \x9b2J \x1b[2J\u202egone \x08\x08 over"
LONG = "\n\n".join(f"Paragraph {number} of a long answer, which says nothing that matters." for number in range(1, 60))
MARKDOWN = """# Sorting

Use `sorted`, it is **stable**:

```python
def first(names):
    return sorted(names)[0]  # the first
```

| name | what it is for | cost |
|---|---|---|
| sorted | any iterable | a copy |
| list.sort | a list alone | nothing |

1. one
2. two 日本語

Then \\(a_1 * b_2\\) holds.
"""
CODE = ("import math", "print('~~~')", "```", "print(\x1b[31m1)")
STALLING = "Partly said."


class Scripted:
    """See `Conversation`. `stall` never ends by itself, `call` asks for a function, `code` runs code, `fail` fails."""

    def __init__(self) -> None:
        self._said: list[Exchange] = []
        self._stopped = asyncio.Event()
        self._number = 0
        self.model = "test-model"
        self.place = "a script"
        self.system = self.documents = ""
        self.notes: Sequence[str] = ()

    @property
    def thread_id(self) -> str | None:
        return f"thread_{self._number}" if self._said else None

    async def models(self) -> Sequence[str]:
        return ["test-model", "test-model-large", "other"]

    async def use_model(self, name: str) -> None:
        if name not in await self.models():
            raise InvalidRequest(f"Nobody serves the model '{name}'.")
        self.model = name

    def use_system(self, text: str) -> None:
        self.system = text

    async def say(self, text: str) -> AsyncGenerator[Happening, None]:
        self._said.append(Exchange(role="user", text=text))
        async for happening in self._answer(text):
            yield happening

    async def hand_in(self, outputs: dict[str, str]) -> AsyncGenerator[Happening, None]:
        if self._stopped.is_set():
            yield Answered(end="stopped")
            return
        async for happening in self._told(f"It came to {outputs['call_1']!r}."):
            yield happening

    async def stop(self) -> None:
        self._stopped.set()

    async def retry(self) -> AsyncGenerator[Happening, None]:
        if not self._said:
            raise InvalidRequest("There is no question in this thread yet.")
        async for happening in self._told("Anew."):
            yield happening

    async def undo(self) -> str:
        if not self._said:
            raise InvalidRequest("There is no question in this thread yet.")
        while self._said.pop().role != "user":
            pass
        return "first line\nsecond line"

    async def clear(self) -> None:
        self._said, self._number = [], self._number + 1

    async def content(self, file_id: str) -> AsyncGenerator[bytes, None]:
        yield b"content of "
        yield file_id.encode()

    async def exchanges(self) -> Sequence[Exchange]:
        return self._said

    async def _answer(self, question: str) -> AsyncGenerator[Happening, None]:
        self._stopped.clear()
        match question.partition("\n")[0]:
            case "stall":
                yield Said(text=STALLING)
                await self._stopped.wait()
                yield Answered(end="stopped", prompt_tokens=3, completion_tokens=2, first_token_s=0.5, seconds=1.0)
            case "deaf":
                yield Said(text=STALLING)
                await asyncio.Event().wait()
            case "call":
                yield Called(name="look\x1b[31mup", arguments='{"where": "here"}')
                yield Asked(call_id="call_1", name="weather\x1b]0;x\x07", arguments='{"city": "Paris"}')
            case "code":
                yield Coded("", begins=True)
                for line in (*CODE, *(f"x = {number}" for number in range(60))):
                    yield Coded(f"{line}\n")
                yield Printed("\n".join(f"row {number}\x1b[2J" for number in range(60)))
                yield Made(file_id="file-1", kind="chart", name="chart.png", size=23_400)
                async for happening in self._told("A chart. "):
                    if isinstance(happening, Answered):
                        yield Made(file_id="file-2", name="../../evil\x1b[2J.csv", size=12)
                    yield happening
            case "fail":
                yield Waiting(why="The provider answered 503.", seconds=4.0)
                yield Waiting(why="The provider answered 503.", seconds=0.0)
                yield Answered(end="failed", why="The provider has no such model.\x1b[2J Name another one.")
            case "markdown":
                async for happening in self._told(MARKDOWN):
                    yield happening
            case "long":
                async for happening in self._told(LONG):
                    yield happening
            case "hostile":
                async for happening in self._told(HOSTILE):
                    yield happening
            case _:
                async for happening in self._told(f"You said {question!r}."):
                    yield happening

    async def _told(self, text: str) -> AsyncGenerator[Happening, None]:
        for start in range(0, len(text), 7):
            yield Said(text=text[start : start + 7])
            await asyncio.sleep(0)
        self._said.append(Exchange(role="assistant", text=text))
        yield Answered(
            end="completed",
            model=self.model,
            prompt_tokens=312,
            completion_tokens=85,
            cost_usd=0.0012,
            first_token_s=0.4,
            seconds=1.4,
        )
