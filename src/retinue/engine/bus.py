"""Live events: from the driver of a run to whoever listens.

A channel keeps its events for as long as a driver has the run: a listener that comes late, or back, misses none. Once
the driver has let go, everything is stored, and a replay tells it.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from retinue.core.events import Event, events_after

RunKey = tuple[str, str]
"""(project, run id): imported ids may be the same in two projects."""


class Channel:
    """The events of one stretch of a run, in order, for any number of listeners."""

    def __init__(self, first: int) -> None:
        self.first = first
        """Number of the first event that this channel tells; earlier ones are stored."""
        self._events: list[Event] = []
        self._visible = 0
        """How many of them may be heard: the later ones wait for something to be stored."""
        self._holds = 0
        self._closed = False
        self._waiting: list[asyncio.Future[None]] = []

    def publish(self, event: Event) -> None:
        """Tell everyone: at once, or when what is awaited is stored."""
        self._events.append(event)
        if not self._holds:
            self._visible = len(self._events)
            if self._waiting:
                self._wake()

    def hold(self, until: "asyncio.Future[None]") -> None:
        """Keep back what is published from now on until this is done, well or badly.

        A listener that comes back after a crash must find stored whatever it was told had begun.
        """
        self._holds += 1
        until.add_done_callback(self._release)

    def _release(self, _: "asyncio.Future[None]") -> None:
        self._holds -= 1
        if not self._holds:
            self._visible = len(self._events)
            self._wake()

    def close(self) -> None:
        """Say that nothing more will come."""
        self._closed = True
        self._visible = len(self._events)
        self._wake()

    async def follow(self, *, after: int = 0) -> AsyncIterator[Sequence[Event]]:
        """Yield the events numbered above `after` as they come, in batches, until the channel is closed."""
        seen = 0
        while True:
            if seen < self._visible:
                batch = self._events[seen : self._visible]
                seen = self._visible
                if after >= self.first:
                    batch = events_after(batch, after)
                if batch:
                    yield batch
            elif self._closed:
                return
            else:
                waiter = asyncio.get_running_loop().create_future()
                self._waiting.append(waiter)
                await waiter

    def _wake(self) -> None:
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
        self._waiting.clear()


class Bus(Protocol):
    """Where live channels are found by their runs."""

    def open(self, run: RunKey, *, first: int) -> Channel:
        """Open the run's channel; there is none open."""
        ...

    def find(self, run: RunKey) -> Channel | None:
        """Return the run's channel while a driver has the run."""
        ...

    def close(self, run: RunKey) -> None:
        """Close the run's channel and forget it."""
        ...


class MemoryBus:
    """The bus of a single process."""

    def __init__(self) -> None:
        self._channels: dict[RunKey, Channel] = {}

    def open(self, run: RunKey, *, first: int) -> Channel:
        """See `Bus.open`."""
        channel = self._channels[run] = Channel(first)
        return channel

    def find(self, run: RunKey) -> Channel | None:
        """See `Bus.find`."""
        return self._channels.get(run)

    def close(self, run: RunKey) -> None:
        """See `Bus.close`."""
        if channel := self._channels.pop(run, None):
            channel.close()
