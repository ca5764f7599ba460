"""The journal of one run: what its driver stores, and what it tells of that."""

import asyncio
import contextlib
from collections.abc import Iterator, Sequence

import structlog
from msgspec import structs

from retinue.core.assistant import Metadata
from retinue.core.errors import StoreUnavailable
from retinue.core.events import Event, RunChanged, StepEnded
from retinue.core.history import RunChange
from retinue.core.run import Run
from retinue.engine.bus import Channel
from retinue.store import Scope

log = structlog.get_logger()

_RETRY_S = (0.5, 1.0, 2.0, 5.0)  # pauses between tries to store what a full disk refused; the last one repeats

_COMPANY_S = 0.05  # for which a beginning waits for the model's first words, to be stored with them


class Journal:
    """Stores a run's changes and publishes its events, numbered on."""

    def __init__(self, scope: Scope, channel: Channel) -> None:
        self._scope, self._channel = scope, channel
        self._waiting: tuple[asyncio.Future[None], asyncio.TimerHandle] | None = None
        self.number = 0
        """Of the event that was told last."""
        self.metadata: dict[str, Metadata] = {}
        """What was changed meanwhile, by the id of the run or the message: stored already, to be told from now on."""

    def next_number(self, count: int = 1) -> int:
        """Return the number of one more event, or of the last of so many."""
        self.number += count
        return self.number

    async def store(self, change: RunChange) -> None:
        """Commit. A disk that is full now may have room later: what the model said is worth the wait."""
        with self._and_what_waits():
            tries = 0
            while True:
                try:
                    await self._scope.runs.commit(change)
                except StoreUnavailable as fault:
                    pause = _RETRY_S[min(tries, len(_RETRY_S) - 1)]
                    log.error("run_not_stored", run=change.run.id, why=fault.message, next_try_in_s=pause)
                    tries += 1
                    await asyncio.sleep(pause)
                else:
                    return

    def store_soon(self, change: RunChange) -> None:
        """Commit without waiting, but tell nothing more before it is done: what was told to have begun is found again.

        What this fails to store, the next awaited commit stores or reports.
        """
        with self._and_what_waits():
            stored = asyncio.ensure_future(self._scope.runs.commit(change))
            stored.add_done_callback(_swallow)
            self._channel.hold(stored)

    def store_with_next(self, run: Run) -> None:
        """Commit that the run stands here as `store_soon` does, but with its next change, if that comes in moments."""
        loop = asyncio.get_running_loop()
        stored: asyncio.Future[None] = loop.create_future()
        self._channel.hold(stored)
        self._waiting = (stored, loop.call_later(_COMPANY_S, self.store_soon, RunChange(run=run)))

    def publish(self, events: Sequence[Event]) -> None:
        """Tell events, with metadata that changed meanwhile."""
        for event in events:
            self._channel.publish(self._with_metadata(event) if self.metadata else event)

    def _with_metadata(self, event: Event) -> Event:
        if isinstance(event, RunChanged) and (changed := self.metadata.get(event.run.id)) is not None:
            return structs.replace(event, run=structs.replace(event.run, metadata=changed))
        if isinstance(event, StepEnded) and event.message:
            changed = self.metadata.get(event.message.id, event.message.metadata)
            return structs.replace(event, message=structs.replace(event.message, metadata=changed))
        return event

    @contextlib.contextmanager
    def _and_what_waits(self) -> Iterator[None]:
        """Whatever change is stored now says where the run stands: what waited for it may be told after it."""
        waiting, self._waiting = self._waiting, None
        if waiting is None:
            yield
            return
        stored, timer = waiting
        timer.cancel()
        try:
            yield
        finally:
            stored.set_result(None)


def _swallow(stored: "asyncio.Future[None]") -> None:
    if not stored.cancelled() and (error := stored.exception()):
        log.debug("not_stored_yet", why=str(error))
