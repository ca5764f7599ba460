"""Searches in vector stores."""

from msgspec import structs
from starlette.responses import Response

from retinue.api.call import Call, Endpoint, answer
from retinue.api.vector_stores import render
from retinue.api.vector_stores.bodies.search import SearchBody
from retinue.engine.commands import vector_stores
from retinue.engine.rewriting import rewritten
from retinue.models import Model


def search(model: Model, default_model: str | None) -> Endpoint:
    """POST /vector_stores/{vector_store}/search; the default model rewrites what is asked, where it is to be."""

    async def endpoint(call: Call) -> Response:
        body = await call.body(SearchBody)
        search, store_id = body.search(), call.id("vector_store")
        if body.rewrite_query:
            await call.scope.vector_stores.get(store_id)
            queries = await rewritten(search.queries, model, default_model, caller=call.caller)
            search = structs.replace(search, queries=queries)
        passages = await vector_stores.search(call.engine, call.caller, store_id, search)
        return answer(render.results(passages, queries=search.queries))

    return endpoint
