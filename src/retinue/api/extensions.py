"""Our own routes, under /v1/retinue: what the page and the terminal need and the API lacks."""

from retinue.api.assistants.stream import run_stream
from retinue.api.call import Call
from retinue.api.sse import EventStream
from retinue.core.errors import InvalidRequest


async def run_events(call: Call) -> EventStream:
    """GET /retinue/runs/{run}/events: the run's stream, taken up after `Last-Event-ID`."""
    await call.scope.runs.history(call.id("run"))  # NotFound is said before the stream begins
    return run_stream(call, call.id("run"), after=_last_event(call))


def _last_event(call: Call) -> int:
    text = call.request.headers.get("last-event-id", "").strip()
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise InvalidRequest(
            "Invalid 'Last-Event-ID': expected the id of an event of this run, a number.",
            param="Last-Event-ID",
            code="invalid_value",
        )
    return int(text)
