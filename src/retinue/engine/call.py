"""One call of the model: from the request to the turn that is stored of it."""

import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence

from msgspec import structs

from retinue.context import Prompt, Refused
from retinue.core.citing import Sources
from retinue.core.clock import Clock
from retinue.core.errors import ModelFault, WindowExceeded
from retinue.core.events import Event
from retinue.core.history import RunChange
from retinue.core.item import Item
from retinue.core.response_format import asks_for_json
from retinue.core.run import Run
from retinue.core.turn import Turn
from retinue.core.usage import Usage
from retinue.engine.recorder import Recorder
from retinue.models import CallPiece, Finished, Model, ModelEvent, TextPiece
from retinue.models.tokens import counter_for

Build = Callable[[Refused | None], Awaitable[Prompt]]
"""Builds the request: None the first time, then smaller than one that was refused as too long."""

_SMALLER = 2  # times that a request is made smaller


MAX_REPLY_CHARACTERS = 8_000_000  # some millions of tokens: no model means to say so much, and it is all in memory

Price = Callable[[Finished, Usage], Awaitable[float | None]]
"""What a call costs in US dollars, by how it ended and its usage; None if nobody knows."""


class ModelCall:
    """A call under way, or over; whatever ends it, what was said is at hand."""

    def __init__(self, run: Run, build: Build, recorder: Recorder, *, turn: int, clock: Clock) -> None:
        self._run, self._build, self._recorder = run, build, recorder
        self._prompt: Prompt
        self._index, self._clock = turn, clock
        self._started_at = clock()
        self._first_delta_at: float | None = None
        self._said: list[str] = []
        self._characters = 0
        self._untold: list[Event] = []
        self._unpaid = False
        """Whether the model has begun to answer and there is no turn of that yet."""

    async def listen(self, model: Model) -> Finished:
        """Build the request and take what the model says until it is done; raises ModelFault and PromptTooLong."""
        async with contextlib.aclosing(await self._ask(model)) as batches:
            self._unpaid = True
            async for batch in batches:
                if finished := self._take(batch):
                    return finished
        raise AssertionError("a model's stream ends with Finished or raises")

    async def _ask(self, model: Model) -> AsyncGenerator[Sequence[ModelEvent], None]:
        """Have the model begin to answer; a request that is longer than its context is made smaller, twice at most."""
        await self._make(None)
        for _ in range(_SMALLER):
            try:
                return await model.stream(self._prompt.request)
            except WindowExceeded as refusal:
                await self._make(Refused(self._prompt.request, refusal.limit))
        return await model.stream(self._prompt.request)

    async def _make(self, refused: Refused | None) -> None:
        self._prompt = await self._build(refused)
        outputs = self._prompt.citable
        citable = outputs and not asks_for_json(self._run.spec.response_format)  # JSON is to stay JSON
        self._recorder.sources = Sources(outputs) if citable else None

    def answer(self) -> str:
        """Return the text of the message that the model ended with."""
        return self._recorder.answer()

    def said(self) -> tuple[Item, ...]:
        """Return what the model has said until now."""
        return self._recorder.so_far()[1]

    async def broken_off(self) -> tuple[RunChange, list[Event]]:
        """Return what was said until the call was broken off, and what is to be told of it after it is stored.

        Providers want to be paid for that too, and tell the usage only at the end of a reply: it is estimated.
        """
        self._recorder.break_off(at=self._clock())
        steps, items = self._recorder.so_far()
        turn = None
        if self._unpaid:
            finished = Finished(reason="broken_off", model=self._prompt.request.model)
            turn = self._turn(finished, await self._counted(finished.model), cost_usd=None, problem=None)
        return RunChange(run=self._run, turn=turn, steps=steps, items=items), self._untold

    async def whole(self, finished: Finished, price: Price, *, problem: str | None) -> tuple[RunChange, list[Event]]:
        """Return what to store of the call that ended, and the events to tell after that.

        `problem` is why its answer is not in the run's format; None where it is.
        """
        usage = finished.usage or await self._counted(finished.model)
        cost_usd = await price(finished, usage)
        turn = self._turn(finished, usage, cost_usd=cost_usd, problem=problem)
        self._untold = self._recorder.end(finished.reason, usage, at=turn.ended_at, problem=problem)
        self._unpaid = False
        steps, items = self._recorder.so_far()
        run = structs.replace(self._run, lost_drivers=0)
        return RunChange(run=run, turn=turn, steps=steps, items=items), self._untold

    def _turn(self, finished: Finished, usage: Usage, *, cost_usd: float | None, problem: str | None) -> Turn:
        manifest = self._prompt.manifest
        return Turn(
            run_id=self._run.id,
            index=self._index,
            model=finished.model,
            finish=finished.reason,
            usage=usage,
            cost_usd=cost_usd,
            provider=finished.provider,
            attempts=finished.attempts,
            problem=problem,
            manifest=structs.replace(manifest, notes=(*manifest.notes, *finished.notes)),
            started_at=self._started_at,
            first_delta_at=self._first_delta_at,
            ended_at=self._clock(),
        )

    def _take(self, batch: Sequence[ModelEvent]) -> Finished | None:
        now = self._clock()
        for event in _with_joined_texts(batch):
            match event:
                case list():
                    self._note(event, at=now)
                    self._recorder.text(event, at=now)
                case CallPiece():
                    self._said.append(event.name or "")
                    self._note((event.arguments,), at=now)
                    self._recorder.call(event, at=now)
                case Finished():
                    return event
        return None

    def _note(self, said: Sequence[str], *, at: float) -> None:
        """Note what the model says; raises ModelFault where it is more than anybody can have asked for."""
        if self._first_delta_at is None:
            self._first_delta_at = at
        self._said += said
        self._characters += sum(map(len, said))
        if self._characters > MAX_REPLY_CHARACTERS:
            raise ModelFault(f"The model said more than {MAX_REPLY_CHARACTERS} characters at once. Ask for less.")

    async def _counted(self, model: str) -> Usage:
        counter, request = counter_for(model), self._prompt.request
        return Usage(
            prompt=await counter.count_prompt(request.messages, request.tools),
            completion=await counter.count("".join(self._said)),
            estimated=True,
        )


def _with_joined_texts(batch: Sequence[ModelEvent]) -> Iterator[list[str] | CallPiece | Finished]:
    """Yield the events in order, those of text that follow one another as one list."""
    texts: list[str] = []
    for event in batch:
        if isinstance(event, TextPiece):
            texts.append(event.text)
            continue
        if texts:
            yield texts
            texts = []
        yield event
    if texts:
        yield texts
