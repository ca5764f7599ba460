"""Endpoints of threads."""

from starlette.responses import Response

from retinue.api import lists
from retinue.api.assistants.form import form_of
from retinue.api.call import Call, answer
from retinue.core.thread import Thread
from retinue.engine.commands import threads


async def create(call: Call) -> Response:
    """POST /threads"""
    form = form_of(call)
    body = await call.body(form.thread_body)
    thread = await threads.create(call.engine, call.caller, body.draft(), body.drafts(), body.store())
    return answer(form.render.thread(thread))


async def retrieve(call: Call) -> Response:
    """GET /threads/{thread}"""
    return await _answer(call, await call.scope.threads.get(call.id("thread")))


async def modify(call: Call) -> Response:
    """POST /threads/{thread}"""
    form = form_of(call)
    body = await call.body(form.thread_changes)
    thread = await threads.modify(call.engine, call.caller, call.id("thread"), body.applied_to)
    return await _answer(call, thread)


async def delete(call: Call) -> Response:
    """DELETE /threads/{thread}"""
    await threads.delete(call.engine, call.caller, call.id("thread"))
    return answer(lists.deleted(call.id("thread"), "thread"))


async def _answer(call: Call, thread: Thread) -> Response:
    """Return the thread with what it has cost."""
    spending = await call.scope.spending.of_thread(thread.id)
    return answer(form_of(call).render.thread(thread, spending))
