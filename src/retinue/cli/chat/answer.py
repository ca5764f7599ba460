"""One answer: a run from its question to its end, over as many streams as that takes."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping
from contextlib import aclosing, suppress
from typing import Any, Literal
from urllib.parse import quote

from msgspec import Struct, structs

from retinue.cli.chat.conversation import Answered, Happening, Made, Said, Waiting
from retinue.cli.chat.hearing import Hearing
from retinue.cli.chat.objects import Run, Turn
from retinue.cli.client.api import Api, Refused
from retinue.cli.client.door import Gone
from retinue.cli.client.objects import Page
from retinue.cli.client.sse import Event
from retinue.cli.files.objects import File
from retinue.core.errors import RetinueError

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

    def __init__(self, api: Api, served: Collection[str], clock: Clock, names: Mapping[str, str] | None = None) -> None:
        """`served` are the functions that the server runs; `names`: see `Start`."""
        self._api, self._clock = api, clock
        self._hearing = Hearing(served, names)
        self._began = clock.now()
        self._first_token_s: float | None = None
        self._stopping = self._cancelled = False
        self._why = ""
        self._events: AsyncGenerator[Event, None] | None = None
        self._beginning: asyncio.Task[None] | None = None

    @property
    def run(self) -> Run | None:
        """The run as it was told last; None until it was."""
        return self._hearing.run

    def begin(self, path: str, **body: Any) -> AsyncGenerator[Happening, None]:
        """Ask for the run and yield what happens, until it ends or asks for functions; raises Refused and Gone."""
        return self._begun(self._api.events("POST", path, stream=True, **body))

    def go_on(self, outputs: dict[str, str]) -> AsyncGenerator[Happening, None]:
        """Hand in what functions came to and yield what happens then; one that was stopped takes no more."""
        run = self._known_run()
        if self._cancelled:
            return self._heard(self._following(run))
        return self._heard(self._submission(run, outputs), outputs)

    async def stop(self) -> None:
        """Have the run end; a run that nobody has told of yet is stopped as soon as it is."""
        self._stopping = True
        if self.run is not None and self.run.live and not self._cancelled:
            self._cancelled = True
            try:
                await self._api.post(f"{path_of(self.run)}/cancel", Run)
            except Refused:
                pass  # it has ended meanwhile
            except Gone:
                self._cancelled = False

    async def leave(self) -> None:
        """Have the run end, for nobody listens any more; one that nobody has told of yet, as soon as it is."""
        if self._beginning is not None and self._events is not None:
            with suppress(RetinueError):
                await self._beginning
            await self._events.aclose()
        if self.run is not None and self.run.live:
            await cancelled(self._api, self.run)

    async def _begun(self, events: AsyncGenerator[Event, None]) -> AsyncGenerator[Happening, None]:
        """Yield what happens. Whoever leaves before the run is known leaves the task that will know it."""
        self._events, self._beginning = events, asyncio.create_task(self._until_known(events))
        await asyncio.shield(self._beginning)
        async with aclosing(self._heard(events)) as happenings:
            async for happening in happenings:
                yield happening

    async def _until_known(self, events: AsyncGenerator[Event, None]) -> None:
        """Listen until the run is told of; nothing is said before."""
        async for event in events:
            for _ in self._hearing.hear(event):
                pass
            if self.run is not None:
                return

    async def _heard(
        self, events: AsyncGenerator[Event, None], outputs: Mapping[str, str] | None = None
    ) -> AsyncGenerator[Happening, None]:
        """Yield what happens in a stream, and in those that follow it where it breaks off.

        `outputs` that it was to hand in are handed in again where the run still waits for them then.
        """
        tries = 0
        while True:
            before, self._hearing.done = self._hearing.last, False
            async with aclosing(self._until_break(events)) as happenings:
                async for happening in happenings:
                    yield happening
            run = self._known_run()
            if not run.live:
                yield await self._answered(run)
                return
            waits = self._hearing.done and not self._cancelled and {call.id for call in run.pending}
            if waits and waits != (outputs or {}).keys():
                return
            tries = 0 if self._hearing.last > before else tries + 1
            if tries == len(_PAUSES_S):
                yield self._lost()
                return
            yield Waiting(why=self._why, seconds=_PAUSES_S[tries])
            await self._clock.sleep(_PAUSES_S[tries])
            events = self._submission(run, outputs) if waits and outputs else self._following(run)

    async def _until_break(self, events: AsyncGenerator[Event, None]) -> AsyncGenerator[Happening, None]:
        """Yield what happens in one stream; raises Gone where it broke off before the run was told of."""
        try:
            async with aclosing(events):
                if self._stopping and not self._cancelled:
                    await self.stop()
                async for event in events:
                    for happening in self._hearing.hear(event):
                        yield await self._named(happening) if isinstance(happening, Made) else self._timed(happening)
                    if self._stopping and not self._cancelled:
                        await self.stop()
            self._why = self._hearing.broken or "The server broke off its answer."
        except Gone as gone:
            if self.run is None:
                raise
            self._why = gone.message

    def _submission(self, run: Run, outputs: Mapping[str, str]) -> AsyncGenerator[Event, None]:
        given = [{"tool_call_id": call_id, "output": output} for call_id, output in outputs.items()]
        path = f"{path_of(run)}/submit_tool_outputs"
        return self._api.events("POST", path, stream=True, tool_outputs=given)

    def _following(self, run: Run) -> AsyncGenerator[Event, None]:
        return self._api.events("GET", f"/v1/retinue/runs/{run.id}/events", after=self._hearing.last)

    def _timed(self, happening: Happening) -> Happening:
        if isinstance(happening, Said) and self._first_token_s is None:
            self._first_token_s = self._clock.now() - self._began
        return happening

    async def _named(self, made: Made) -> Made:
        """Return a chart or file with its name and size; where the server can't tell, with its id as its name."""
        try:
            file = await self._api.get(f"/v1/files/{quote(made.file_id, safe='')}", File)
        except (Refused, Gone):
            return structs.replace(made, name=made.file_id)
        return structs.replace(made, name=file.filename or made.file_id, size=file.bytes)

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

    def _lost(self) -> Answered:
        return Answered(
            end="failed",
            why=f"{self._why} Your question is stored: once a server has the folder again, /retry answers it.",
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
