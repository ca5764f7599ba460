"""What the terminal needs and the API lacks, under /v1/retinue/."""

from starlette.responses import Response

from retinue.api.assistants import render
from retinue.api.call import Call, Endpoint, answer
from retinue.api.fields import Body
from retinue.core.errors import InvalidRequest
from retinue.engine.commands import terminal, threads
from retinue.models.base import REHEARSAL


class Rewinding(Body, frozen=True, kw_only=True):
    """From which message a thread goes on: the one that is kept, or the first that is not."""

    after: str | None = None
    before: str | None = None


def assistant(default_model: str | None) -> Endpoint:
    """POST /retinue/terminal: the assistant that the terminal talks to, made if need be."""

    async def endpoint(call: Call) -> Response:
        found = await terminal.assistant(call.engine, call.caller, model=default_model or REHEARSAL)
        return answer({**render.assistant(found), "retinue": {"default_model": default_model}})

    return endpoint


async def rewind(call: Call) -> Response:
    """POST /retinue/threads/{thread}/rewind: the thread goes on from one of its messages."""
    body = await call.body(Rewinding)
    if (body.after is None) == (body.before is None):
        raise InvalidRequest("Name one message, in 'after' or in 'before'.", param="after", code="invalid_value")
    message_id = body.after or body.before or ""
    thread = await threads.rewind(call.engine, call.caller, call.id("thread"), message_id, keep=body.after is not None)
    return answer(render.thread(thread))
