"""Endpoints of vector stores."""

import functools

from starlette.responses import Response

from retinue.api.call import Call, answer
from retinue.api.lists import deleted, page
from retinue.api.query import page_query
from retinue.api.vector_stores import render
from retinue.api.vector_stores.bodies.stores import StoreBody, StoreChanges
from retinue.engine.commands import vector_stores


async def create(call: Call) -> Response:
    """POST /vector_stores"""
    body = await call.body(StoreBody)
    return answer(render.store(await vector_stores.create(call.engine, call.caller, body.draft())))


async def list_(call: Call) -> Response:
    """GET /vector_stores"""
    return answer(page(await call.scope.vector_stores.list(page_query(call.request.query_params)), render.store))


async def retrieve(call: Call) -> Response:
    """GET /vector_stores/{vector_store}"""
    return answer(render.store(await call.scope.vector_stores.get(call.id("vector_store"))))


async def modify(call: Call) -> Response:
    """POST /vector_stores/{vector_store}"""
    body = await call.body(StoreChanges)
    change = functools.partial(body.applied_to, now=call.engine.clock())
    store = await vector_stores.modify(call.engine, call.caller, call.id("vector_store"), change)
    return answer(render.store(store))


async def delete(call: Call) -> Response:
    """DELETE /vector_stores/{vector_store}"""
    await vector_stores.delete(call.engine, call.caller, call.id("vector_store"))
    return answer(deleted(call.id("vector_store"), "vector_store"))
