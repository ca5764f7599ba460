"""The stream of a run, to its end or to the point where it waits for its client."""

from collections.abc import AsyncIterator

from retinue.api.assistants.events import DONE, fault, frames
from retinue.api.call import Call
from retinue.api.sse import EventStream
from retinue.core.events import Event, RunChanged
from retinue.core.run import Status


def run_stream(call: Call, run_id: str, *, after: int = 0, first: bytes = b"") -> EventStream:
    """Return the answer that streams the run's events numbered above `after`; `first` goes before them."""
    return EventStream(_pieces(call, run_id, after, first))


async def _pieces(call: Call, run_id: str, after: int, first: bytes) -> AsyncIterator[bytes]:
    last: Event | None = None
    async for batch in call.engine.listen(call.scope, run_id, after=after):
        yield first + frames(batch)
        first, last = b"", batch[-1]
    yield first + (
        DONE if _rests(last) else fault("The run was broken off: its thread was deleted, or the server stops.") + DONE
    )


def _rests(last: Event | None) -> bool:
    """Whether a stream may end here. One that had nothing to tell has told it all before."""
    return last is None or (
        isinstance(last, RunChanged) and (last.run.status.final or last.run.status is Status.REQUIRES_ACTION)
    )
