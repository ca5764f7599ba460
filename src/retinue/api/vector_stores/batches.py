"""Endpoints of files that are put into a vector store together."""

from starlette.responses import Response

from retinue.api.call import Call, answer
from retinue.api.lists import page
from retinue.api.query import page_query
from retinue.api.vector_stores import render
from retinue.api.vector_stores.bodies.files import BatchBody
from retinue.api.vector_stores.files import poll_after, status_in
from retinue.core.vector_store import FileBatch
from retinue.engine.commands import file_batches


async def create(call: Call) -> Response:
    """POST /vector_stores/{vector_store}/file_batches"""
    body = await call.body(BatchBody)
    return _answer(call, await file_batches.create(call.engine, call.caller, call.id("vector_store"), body.drafts()))


async def retrieve(call: Call) -> Response:
    """GET /vector_stores/{vector_store}/file_batches/{file_batch}"""
    return _answer(call, await call.scope.file_batches.get(call.id("vector_store"), call.id("file_batch")))


async def cancel(call: Call) -> Response:
    """POST /vector_stores/{vector_store}/file_batches/{file_batch}/cancel"""
    batch = await file_batches.cancel(call.engine, call.caller, call.id("vector_store"), call.id("file_batch"))
    return _answer(call, batch)


async def list_files(call: Call) -> Response:
    """GET /vector_stores/{vector_store}/file_batches/{file_batch}/files"""
    query, scope, store_id = call.request.query_params, call.scope, call.id("vector_store")
    batch = await scope.file_batches.get(store_id, call.id("file_batch"))
    files = scope.vector_store_files
    found = await files.list(store_id, page_query(query), status=status_in(query), batch=batch.id)
    return answer(page(found, render.file))


def _answer(call: Call, batch: FileBatch) -> Response:
    waited_for = batch.status == "in_progress"
    return answer(render.batch(batch), headers=poll_after(call, batch.created_at) if waited_for else None)
