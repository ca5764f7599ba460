"""Endpoints of assistants."""

from starlette.responses import Response

from retinue.api import lists
from retinue.api.assistants import render
from retinue.api.assistants.bodies.assistants import AssistantBody
from retinue.api.call import Call, answer
from retinue.api.query import page_query
from retinue.engine.commands import assistants


async def create(call: Call) -> Response:
    """POST /assistants"""
    body = await call.body(AssistantBody)
    return answer(render.assistant(await assistants.create(call.engine, call.caller, body.draft(), body.store())))


async def list_(call: Call) -> Response:
    """GET /assistants"""
    page = await call.scope.assistants.list(page_query(call.request.query_params))
    return answer(lists.page(page, render.assistant))


async def retrieve(call: Call) -> Response:
    """GET /assistants/{assistant}"""
    return answer(render.assistant(await call.scope.assistants.get(call.id("assistant"))))


async def modify(call: Call) -> Response:
    """POST /assistants/{assistant}"""
    body = await call.body(AssistantBody)
    changed = await assistants.modify(call.engine, call.caller, call.id("assistant"), body.applied_to)
    return answer(render.assistant(changed))


async def delete(call: Call) -> Response:
    """DELETE /assistants/{assistant}"""
    await assistants.delete(call.engine, call.caller, call.id("assistant"))
    return answer(lists.deleted(call.id("assistant"), "assistant"))
