"""Endpoints of files in vector stores."""

import asyncio
from typing import cast, get_args

from starlette.datastructures import QueryParams
from starlette.responses import Response

from retinue.api.call import Call, answer
from retinue.api.lists import deleted, page
from retinue.api.polling import poll_header
from retinue.api.query import page_query
from retinue.api.vector_stores import render
from retinue.api.vector_stores.bodies.files import AttachBody, AttributesBody
from retinue.core.errors import InvalidRequest
from retinue.core.vector_store import FileStatus, VectorStoreFile, Window
from retinue.engine.commands import vector_store_files

_STATUSES = get_args(FileStatus)
_CONTENT_WINDOWS = 2_048  # of a page of a file's text: some 2 MB
_AT_ONCE = 128  # windows that are read before it is others' turn
_POLL_MS = (100, 500)


async def attach(call: Call) -> Response:
    """POST /vector_stores/{vector_store}/files"""
    body = await call.body(AttachBody)
    file = await vector_store_files.attach(call.engine, call.caller, call.id("vector_store"), body.draft())
    return await _answer(call, file)


async def list_(call: Call) -> Response:
    """GET /vector_stores/{vector_store}/files"""
    query = call.request.query_params
    files = call.scope.vector_store_files
    found = await files.list(call.id("vector_store"), page_query(query), status=status_in(query))
    return answer(page(found, render.file))


async def retrieve(call: Call) -> Response:
    """GET /vector_stores/{vector_store}/files/{file}"""
    return await _answer(call, await call.scope.vector_store_files.get(call.id("vector_store"), call.id("file")))


async def modify(call: Call) -> Response:
    """POST /vector_stores/{vector_store}/files/{file}"""
    body = await call.body(AttributesBody)
    file = await vector_store_files.modify(
        call.engine, call.caller, call.id("vector_store"), call.id("file"), body.attributes or {}
    )
    return await _answer(call, file)


async def content(call: Call) -> Response:
    """GET /vector_stores/{vector_store}/files/{file}/content"""
    file = await call.scope.vector_store_files.get(call.id("vector_store"), call.id("file"))
    if file.status != "completed":
        why = file.error.message if file.error else "Its content is there once its status is 'completed'."
        raise InvalidRequest(f"The file {file.file_id} is {file.status} in this vector store. {why}")
    first = _first_window(call.request.query_params)
    windows = await _windows(call, file.document, first)
    end = first + len(windows)
    return answer(render.content(windows, next_page=str(end) if windows and end < file.windows else None))


async def detach(call: Call) -> Response:
    """DELETE /vector_stores/{vector_store}/files/{file}"""
    await vector_store_files.detach(call.engine, call.caller, call.id("vector_store"), call.id("file"))
    return answer(deleted(call.id("file"), "vector_store.file"))


async def _windows(call: Call, document: str, first: int) -> list[Window]:
    found: list[Window] = []
    while len(found) < _CONTENT_WINDOWS:
        some = await call.scope.documents.windows(document, first=first + len(found), limit=_AT_ONCE)
        found += some
        if len(some) < _AT_ONCE:
            break
        await asyncio.sleep(0)
    return found


def status_in(query: QueryParams) -> FileStatus | None:
    """Return the status that a list is narrowed to; raises InvalidRequest for a word that is none."""
    wanted = query.get("filter") or None
    if wanted not in (None, *_STATUSES):
        raise InvalidRequest(
            f"Invalid value: {wanted!r}. Supported values are: {', '.join(map(repr, sorted(_STATUSES)))}.",
            param="filter",
            code="invalid_value",
        )
    return cast(FileStatus | None, wanted)  # one of them, as checked above


def poll_after(call: Call, created_at: float) -> dict[str, str]:
    """Return the header for those that wait until something is read."""
    least, most = _POLL_MS
    return poll_header(call.engine.clock() - created_at, least_ms=least, most_ms=most)


async def _answer(call: Call, file: VectorStoreFile) -> Response:
    if file.status != "in_progress":
        return answer(render.file(file))
    stored = await call.scope.documents.stored(file.document)
    return answer(render.file(file, stored=stored), headers=poll_after(call, file.created_at))


def _first_window(query: QueryParams) -> int:
    page = query.get("page") or "0"
    if not (page.isascii() and page.isdigit() and len(page) < 10):
        raise InvalidRequest(
            "Invalid 'page': send the 'next_page' of the page before.", param="page", code="invalid_value"
        )
    return int(page)
