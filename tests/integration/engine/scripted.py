"""A model that says what a test wrote down for it, and stops where the test wants to look."""

import asyncio
import itertools
import json
from collections import deque
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager

from retinue.core.turn import Finish
from retinue.core.usage import Usage
from retinue.models import (
    CallPiece,
    Finished,
    ModelCard,
    ModelEvent,
    ModelFacts,
    ModelRequest,
    Relayed,
    RelayRequest,
    TextPiece,
)
from retinue.models.rehearsal.begun import begun


class Gate:
    """A place in a reply: the model sets `reached` there, and goes on once the test sets `go`."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.go = asyncio.Event()


Part = ModelEvent | Gate | Exception
Reply = tuple[Part, ...]


class ScriptedModel:
    """Answers each request with the next reply; the last one answers all that follow."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = deque(replies)
        self.requests: list[ModelRequest] = []
        self.at_once: Sequence[int] = (1,)
        """How many events its batches hold, in turn; none is held back at a gate."""
        self.closed = 0
        """How many of its streams were ended, by whom ever."""

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Sequence[ModelEvent], None]:
        self.requests.append(request)
        return await begun(self._say())

    async def _say(self) -> AsyncGenerator[Sequence[ModelEvent], None]:
        reply = self.replies.popleft() if len(self.replies) > 1 else self.replies[0]
        try:
            for part in _in_batches(reply, self.at_once):
                match part:
                    case Gate():
                        part.reached.set()
                        await part.go.wait()
                    case Exception():
                        raise part
                    case _:
                        yield part
        finally:
            self.closed += 1

    def relay(self, request: RelayRequest) -> AbstractAsyncContextManager[Relayed]:
        raise NotImplementedError("runs relay nothing")

    async def facts(self, name: str) -> ModelFacts:
        return ModelFacts(model=name)

    async def cards(self) -> list[ModelCard]:
        return []

    async def close(self) -> None:
        pass


def _in_batches(reply: Reply, sizes: Sequence[int]) -> Iterator[list[ModelEvent] | Gate | Exception]:
    batch: list[ModelEvent] = []
    left = itertools.cycle(sizes)
    size = next(left)
    for part in reply:
        if isinstance(part, Gate | Exception):
            if batch:
                yield batch
            batch = []
            yield part
            continue
        batch.append(part)
        if len(batch) >= size:
            yield batch
            batch, size = [], next(left)
    if batch:
        yield batch


def says(*pieces: str | Part, finish: Finish = "stop", usage: Usage | None = None) -> Reply:
    """A reply of these pieces of text, or whatever else stands between them."""
    parts = (TextPiece(piece) if isinstance(piece, str) else piece for piece in pieces)
    return (*parts, done(finish, usage))


def calls(*wanted: tuple[str, str], usage: Usage | None = None) -> Reply:
    """A reply that calls `get_<name>` for each (name, arguments); the call ids are `call_<name>`."""
    pieces: list[Part] = []
    for index, (name, arguments) in enumerate(wanted):
        pieces.append(CallPiece(index=index, id=f"call_{name}", name=f"get_{name}"))
        pieces.append(CallPiece(index=index, arguments=arguments))
    return (*pieces, done("tool_calls", usage))


def searches(*queries: str, arguments: str | None = None, usage: Usage | None = None) -> Reply:
    """A reply that searches files once; the call's id is `call_search`."""
    wanted = json.dumps({"queries": queries}) if arguments is None else arguments
    half = len(wanted) // 2
    return (
        CallPiece(index=0, id="call_search", name="file_search", arguments=wanted[:half]),
        CallPiece(index=0, arguments=wanted[half:]),
        done("tool_calls", usage),
    )


def done(reason: Finish = "stop", usage: Usage | None = None) -> Finished:
    return Finished(reason=reason, model="scripted", usage=usage or Usage(prompt=10, completion=5))
