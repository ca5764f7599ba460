"""Endpoints of messages."""

from starlette.responses import Response

from retinue.api import lists
from retinue.api.assistants.form import form_of
from retinue.api.call import Call, answer
from retinue.api.fields import MetadataBody
from retinue.api.query import id_in, page_query
from retinue.engine.commands import messages


async def create(call: Call) -> Response:
    """POST /threads/{thread}/messages"""
    form = form_of(call)
    body = await call.body(form.message_body)
    message = await messages.create(call.engine, call.caller, call.id("thread"), body.draft())
    return answer(form.render.message(message))


async def list_(call: Call) -> Response:
    """GET /threads/{thread}/messages"""
    query = call.request.query_params
    scope, render_message = call.scope, form_of(call).render.message
    page = await scope.messages.list(call.id("thread"), page_query(query), run_id=id_in(query, "run_id"))
    return answer(lists.page(page, lambda message: render_message(call.engine.as_said(scope, message))))


async def retrieve(call: Call) -> Response:
    """GET /threads/{thread}/messages/{message}"""
    message = await call.scope.messages.get(call.id("thread"), call.id("message"))
    return answer(form_of(call).render.message(call.engine.as_said(call.scope, message)))


async def modify(call: Call) -> Response:
    """POST /threads/{thread}/messages/{message}"""
    form = form_of(call)
    body = await call.body(MetadataBody)
    thread_id, message_id = call.id("thread"), call.id("message")
    if body.metadata is None:
        return answer(form.render.message(await call.scope.messages.get(thread_id, message_id)))
    changed = await messages.modify(call.engine, call.caller, thread_id, message_id, body.metadata)
    return answer(form.render.message(changed))


async def delete(call: Call) -> Response:
    """DELETE /threads/{thread}/messages/{message}"""
    await messages.delete(call.engine, call.caller, call.id("thread"), call.id("message"))
    return answer(lists.deleted(call.id("message"), "thread.message"))
