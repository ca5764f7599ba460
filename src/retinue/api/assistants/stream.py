"""The stream of a run, to its end or to the point where it waits for its client."""

from collections.abc import AsyncIterator

from retinue.api.assistants.events import DONE, fault, frames, frames_and_notices
from retinue.api.assistants.form import Form, form_of
from retinue.api.call import Call
from retinue.api.headers import header
from retinue.api.sse import EventStream
from retinue.core.errors import NotFound
from retinue.core.events import Event, RunChanged
from retinue.core.run import Run, Status

NOTICES = b"retinue-notices"
"""The header that asks, with `true`, for notices among the events."""

_BROKEN_OFF = "The stream was broken off: the run's thread was deleted, or the server stops. A live run goes on."


def run_stream(call: Call, run_id: str, *, after: int = 0, first: bytes = b"", contents: bool = False) -> EventStream:
    """Return the answer that streams the run's events numbered above `after`; `first` goes before them.

    Steps have the contents of what file searches found if these are asked for.
    """
    return EventStream(_pieces(call, form_of(call), run_id, after, first, contents))


async def _pieces(
    call: Call, form: Form, run_id: str, after: int, first: bytes, contents: bool
) -> AsyncIterator[bytes]:
    last: Event | None = None
    render = frames_and_notices if header(call.request, NOTICES) == "true" else frames
    async for batch in call.engine.listen(call.scope, run_id, after=after):
        if told := first + render(batch, form, contents=contents):
            yield told
        first, last = b"", batch[-1]
    if isinstance(last, RunChanged):
        rests = _rests(last.run)
    else:
        rests = last is None and await _is_stored_at_rest(call, run_id)
    yield first + (DONE if rests else fault(_BROKEN_OFF) + DONE)


async def _is_stored_at_rest(call: Call, run_id: str) -> bool:
    """Whether there is nothing to tell because all was told before."""
    try:
        return _rests((await call.scope.runs.history(run_id)).run)
    except NotFound:
        return False


def _rests(run: Run) -> bool:
    """Whether a stream may end here."""
    return run.status.final or run.status is Status.REQUIRES_ACTION
