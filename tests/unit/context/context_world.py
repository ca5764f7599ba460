"""Threads in memory, as the window reads them, and requests built over them."""

from collections.abc import Sequence
from typing import Any, cast

import msgspec
from msgspec import structs

from retinue.blobs.memory import MemoryBlobs
from retinue.context import Context, Refused
from retinue.core.errors import NotFound
from retinue.core.file import File
from retinue.core.history import History
from retinue.core.item import Item, Message, Part, Placed, Said, Text, ToolCall, ToolOutput
from retinue.core.next_action import CallModel
from retinue.core.run import Run, RunSpec
from retinue.core.turn import Manifest, Turn
from retinue.core.usage import Usage
from retinue.models import Model, ModelFacts, ModelRequest
from retinue.store import Branch, Scope
from retinue.store.branches import Segment

MODEL = "gpt-4o"
"""Its tokens are counted as it counts them."""

RUN = Run(
    id="run_1", thread_id="t", branch="b", created_at=0, expires_at=600, spec=RunSpec(assistant_id="a", model=MODEL)
)


_stored: msgspec.json.Decoder[Said | ToolCall | ToolOutput] = msgspec.json.Decoder(Said | ToolCall | ToolOutput)


def placed(items: Sequence[Item], *, first: int = 0) -> list[Placed]:
    """The items as a window over their rows reads them."""
    rows = [msgspec.json.encode(item) for item in items]
    return [Placed(position, _stored.decode(row)) for position, row in enumerate(rows, start=first)]


class FakeMessages:
    """The items of one branch, read as the store's are."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.placed = placed(items)
        self.read: list[int] = []
        """How many items each reading asked for."""

    async def window(self, branch: Branch, *, before: int | None, limit: int) -> Sequence[Placed]:
        self.read.append(limit)
        newest = [placed for placed in self.placed if before is None or placed.position < before]
        return newest[::-1][:limit]

    async def branch(self, id_: str) -> Branch:
        end = self.placed[-1].position + 1 if self.placed else 0
        return Branch(id=id_, path=(Segment(id_, 0),), next_position=end, messages=0, items=len(self.placed))


class FakeFiles:
    """Files by their ids."""

    def __init__(self, files: Sequence[File] = ()) -> None:
        self._files = {file.id: file for file in files}

    async def get(self, id_: str) -> File:
        if id_ not in self._files:
            raise NotFound("file", id_)
        return self._files[id_]


class FakeTurns:
    """What the last turn of the run before was shown."""

    def __init__(self, last: Manifest | None = None) -> None:
        self.last = last

    async def manifest_before(self, run: Run) -> Manifest | None:
        return self.last


class FakeScope:
    """As much of a scope as a context reads."""

    project = "default"

    def __init__(self, items: Sequence[Item], *, before: Manifest | None = None, files: Sequence[File] = ()) -> None:
        self.messages = FakeMessages(items)
        self.files = FakeFiles(files)
        self.turns = FakeTurns(before)


class FakeModel:
    """As much of a model as a context asks: its facts."""

    def __init__(self, **facts: Any) -> None:
        self._facts = facts

    async def facts(self, name: str) -> ModelFacts:
        return ModelFacts(model=name, **self._facts)


class World:
    """A thread, a model, a run, and what settings say; each `build` is the run's next turn."""

    def __init__(
        self,
        items: Sequence[Item],
        *,
        context_tokens: int | None = None,
        completion_tokens: int | None = None,
        images: bool | None = None,
        files: Sequence[File] = (),
        blobs: MemoryBlobs | None = None,
        turns: int | None = None,
        reply_tokens: int | None = None,
    ) -> None:
        model = FakeModel(context_tokens=context_tokens, completion_tokens=completion_tokens, images=images)
        self.scope = FakeScope(items, files=files)
        self.context = Context(
            cast(Model, model),  # it is asked for facts alone
            blobs or MemoryBlobs(),
            turns=turns,
            reply_tokens=reply_tokens,
        )

    def add(self, *items: Item) -> None:
        there = self.scope.messages.placed
        there.extend(placed(items, first=len(there)))

    async def build(
        self,
        *,
        prompt: int | None = None,
        completion: int | None = None,
        turns: Sequence[Turn] = (),
        refused: Refused | None = None,
        **spec: Any,
    ) -> tuple[ModelRequest, Manifest]:
        run = structs.replace(RUN, spec=structs.replace(RUN.spec, **spec))
        action = CallModel(turn=len(turns), prompt_tokens=prompt, completion_tokens=completion)
        scope = cast(Scope, self.scope)  # nothing else of it is read
        built = await self.context.build(scope, History(run=run, turns=tuple(turns)), action, refused=refused)
        self.scope.turns.last = built.manifest
        return built.request, built.manifest


def turn(manifest: Manifest | None = None) -> Turn:
    return Turn(
        run_id="run_0",
        index=0,
        model=MODEL,
        finish="tool_calls",
        usage=Usage(),
        manifest=manifest or Manifest(),
        started_at=0,
        ended_at=0,
    )


def user(*content: str | Part) -> Message:
    parts = tuple(Text(part) if isinstance(part, str) else part for part in content)
    return Message(id="msg", thread_id="t", role="user", created_at=0, content=parts)


def said(text: str, *, run: str = "run_0") -> Message:
    return Message(id="msg", thread_id="t", role="assistant", created_at=0, content=(Text(text),), run_id=run)


def calls(step: str, *ids: str, output: str = "42", run: str = "run_0") -> list[Item]:
    """A round: calls of a function `f`, and what each came to."""
    made: list[Item] = [
        ToolCall(id="i", run_id=run, step_id=step, created_at=0, call_id=id_, name="f", arguments="{}") for id_ in ids
    ]
    made += [ToolOutput(id="o", run_id=run, step_id=step, created_at=0, call_id=id_, output=output) for id_ in ids]
    return made


def exchanges(count: int, size: int = 1, *, first: int = 0) -> list[Item]:
    """Questions and answers: a question has about `size` tokens besides its own few."""
    return [item for n in range(first, first + count) for item in (user(f"q{n:03}{' word' * size}"), said(f"a{n:03}"))]


def texts(request: ModelRequest) -> list[str | None]:
    return [message["content"] for message in request.messages]


def firsts(request: ModelRequest) -> list[str]:
    """The first four characters of each message."""
    return [str(message["content"])[:4] for message in request.messages]
