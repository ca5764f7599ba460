"""Endpoints of threads."""

from starlette.responses import Response

from retinue.api.assistants import render
from retinue.api.assistants.bodies.threads import ThreadBody, ThreadChanges
from retinue.api.call import Call, answer
from retinue.engine.commands import threads


async def create(call: Call) -> Response:
    """POST /threads"""
    body = await call.body(ThreadBody)
    thread = await threads.create(call.engine, call.caller, body.draft(), body.drafts())
    return answer(render.thread(thread))


async def retrieve(call: Call) -> Response:
    """GET /threads/{thread}"""
    return answer(render.thread(await call.scope.threads.get(call.id("thread"))))


async def modify(call: Call) -> Response:
    """POST /threads/{thread}"""
    body = await call.body(ThreadChanges)
    return answer(render.thread(await threads.modify(call.engine, call.caller, call.id("thread"), body.applied_to)))


async def delete(call: Call) -> Response:
    """DELETE /threads/{thread}"""
    await threads.delete(call.engine, call.caller, call.id("thread"))
    return answer(render.deleted(call.id("thread"), "thread"))
