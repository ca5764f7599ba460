"""Endpoints of containers."""

from functools import partial

from starlette.responses import Response

from retinue.api.call import Call, answer
from retinue.api.containers import render
from retinue.api.containers.bodies import ContainerBody
from retinue.api.lists import deleted, page
from retinue.api.query import id_in, page_query
from retinue.core.container import Container
from retinue.engine.commands import containers


async def create(call: Call) -> Response:
    """POST /containers"""
    body = await call.body(ContainerBody)
    return _answer(call, await containers.create(call.engine, call.caller, body.draft(), body.file_ids or ()))


async def list_(call: Call) -> Response:
    """GET /containers"""
    query = call.request.query_params
    found = await call.scope.containers.list(page_query(query), name=id_in(query, "name"))
    return answer(page(found, partial(render.container, now=call.engine.clock())))


async def retrieve(call: Call) -> Response:
    """GET /containers/{container}"""
    return _answer(call, await containers.use(call.engine, call.caller, call.id("container")))


async def delete(call: Call) -> Response:
    """DELETE /containers/{container}"""
    await containers.delete(call.engine, call.caller, call.id("container"))
    return answer(deleted(call.id("container"), "container"))


def _answer(call: Call, container: Container) -> Response:
    return answer(render.container(container, now=call.engine.clock()))
