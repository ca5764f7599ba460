"""One answer: a run from its question to its end, over as many streams as that takes."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import aclosing, suppress
from typing import Any, Literal
from urllib.parse import quote

from msgspec import Struct

from retinue.cli.chat.api import Api, Refused
from retinue.cli.chat.conversation import Answered, Happening, Said, Waiting
from retinue.cli.chat.door import Gone
from retinue.cli.chat.hearing import Hearing
from retinue.cli.chat.objects import Page, Run, Turn
from retinue.cli.chat.sse import Event

_PAUSES_S = (0.5, 1.0, 2.0, 4.0)  # before a server that broke off is asked to go on
_ENDS: dict[str, Literal["completed", "stopped", "incomplete", "failed"]] = {
    "completed": "completed",
    "cancelled": "stopped",
    "incomplete": "incomplete",
}
_INCOMPLETE = {
    "max_completion_tokens": "The answer reached its bound of tokens. Ask for the rest, or for less.",
    "max_prompt_tokens": "The thread is longer than the run allows. Begin a new one with /clear.",
}


class Clock(Struct, frozen=True):
    """The time, in seconds, and a way to wait."""

    now: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]


class Answer:
    """An answer that is being given, or was."""

    def __init__(self, api: Api, served: Collection[str], clock: Clock) -> None:
        """`served` are the functions that the server runs."""
        self._api, self._clock = api, clock
        self._hearing = Hearing(served)
        self._began = clock.now()
        self._first_token_s: float | None = None
        self._stopping = self._cancelled = False

    @property
    def run(self) -> Run | None:
        """The run as it was told last; None until it was."""
        return self._hearing.run

    async def begin(self, path: str, **body: Any) -> AsyncGenerator[Happening, None]:
        """Ask for the run and yield what happens, until it ends or asks for functions; raises Refused and Gone."""
        async with aclosing(self._heard(self._api.events("POST", path, stream=True, **body))) as happenings:
            async for happening in happenings:
                yield happening

    async def go_on(self, outputs: dict[str, str]) -> AsyncGenerator[Happening, None]:
        """Hand in what functions came to and yield what happens then; one that was stopped takes no more."""
        run = self._known_run()
        given = [{"tool_call_id": call_id, "output": output} for call_id, output in outputs.items()]
        events = (
            self._following(run)
            if self._cancelled
            else self._api.events("POST", f"{path_of(run)}/submit_tool_outputs", stream=True, tool_outputs=given)
        )
        async with aclosing(self._heard(events)) as happenings:
            async for happening in happenings:
                yield happening

    async def stop(self) -> None:
        """Have the run end; a run that nobody has told of yet is stopped as soon as it is."""
        self._stopping = True
        if self.run is not None and self.run.live and not self._cancelled:
            self._cancelled = True
            with suppress(Refused):  # it has ended meanwhile
                await self._api.post(f"{path_of(self.run)}/cancel", Run)

    async def _heard(self, events: AsyncGenerator[Event, None]) -> AsyncGenerator[Happening, None]:
        """Yield what happens in a stream, and in those that follow it where it breaks off."""
        tries = 0
        while True:
            heard = self._hearing.last
            try:
                async with aclosing(events):
                    async for event in events:
                        for happening in self._hearing.hear(event):
                            yield self._timed(happening)
                        if self._stopping and not self._cancelled:
                            await self.stop()
            except Gone as gone:
                if self.run is None:
                    raise
                why = gone.message
            else:
                why = self._hearing.broken or "The server broke off its answer."
            run = self._known_run()
            if not run.live:
                yield await self._answered(run)
                return
            if run.pending and not self._cancelled:
                return
            tries = 0 if self._hearing.last > heard else tries + 1
            if tries >= len(_PAUSES_S):
                yield self._lost(why)
                return
            pause = _PAUSES_S[tries]
            yield Waiting(why=why, seconds=pause)
            await self._clock.sleep(pause)
            events = self._following(run)

    def _following(self, run: Run) -> AsyncGenerator[Event, None]:
        return self._api.events("GET", f"/v1/retinue/runs/{run.id}/events", after=self._hearing.last)

    def _timed(self, happening: Happening) -> Happening:
        if isinstance(happening, Said) and self._first_token_s is None:
            self._first_token_s = self._clock.now() - self._began
        return happening

    async def _answered(self, run: Run) -> Answered:
        return Answered(
            end=_ENDS.get(run.status, "failed"),
            why=_why(run),
            model=await self._model(run),
            prompt_tokens=run.usage.prompt_tokens if run.usage else 0,
            completion_tokens=run.usage.completion_tokens if run.usage else 0,
            cost_usd=run.retinue.cost_usd,
            first_token_s=self._first_token_s,
            seconds=self._clock.now() - self._began,
        )

    async def _model(self, run: Run) -> str:
        """Return what answered by its own name; where the server can't tell, by the one that was asked for."""
        with suppress(Refused, Gone):
            turns = (await self._api.get(f"/v1/retinue/runs/{run.id}/turns", Page[Turn])).data
            return turns[-1].model if turns else run.model
        return run.model

    def _lost(self, why: str) -> Answered:
        return Answered(
            end="failed",
            why=f"{why} Your question is stored: once a server has the folder again, /retry answers it.",
            first_token_s=self._first_token_s,
            seconds=self._clock.now() - self._began,
        )

    def _known_run(self) -> Run:
        if self.run is None:
            raise Gone(self._hearing.broken or "The server broke off before it said anything. Ask again.")
        return self.run


async def cancelled(api: Api, run: Run) -> None:
    """Cancel a run and wait for its end."""
    with suppress(Refused):  # it has ended meanwhile
        await api.post(f"{path_of(run)}/cancel", Run)
    async with aclosing(api.events("GET", f"/v1/retinue/runs/{run.id}/events")) as events:
        async for _ in events:
            pass


def path_of(run: Run) -> str:
    """Return the path of a run."""
    return f"/v1/threads/{quote(run.thread_id, safe='')}/runs/{quote(run.id, safe='')}"


def _why(run: Run) -> str | None:
    match run.status:
        case "completed" | "cancelled":
            return None
        case "incomplete":
            reason = run.incomplete_details.reason if run.incomplete_details else ""
            return _INCOMPLETE.get(reason, f"The answer is not complete: {reason or 'nobody said why'}.")
        case "expired":
            return "The run took longer than runs may. Ask again, or for less."
        case _:
            return run.last_error.message if run.last_error else "The run failed, and nobody said why. Try again."
