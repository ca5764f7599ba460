"""Endpoints of files in containers."""

from collections.abc import AsyncIterator
from pathlib import PurePosixPath

import msgspec
from msgspec import structs
from starlette.responses import Response

from retinue.api.body import parse
from retinue.api.call import Call, answer
from retinue.api.containers import render
from retinue.api.containers.bodies import FileBody
from retinue.api.content import content
from retinue.api.headers import header
from retinue.api.lists import deleted, page
from retinue.api.multipart import Form, read_form
from retinue.api.query import page_query
from retinue.core.container import ContainerFile
from retinue.core.container_paths import file_path
from retinue.core.errors import InvalidRequest
from retinue.core.file import MAX_FILE_BYTES, File
from retinue.core.invalid import missing
from retinue.engine.commands import containers


async def create(call: Call) -> Response:
    """POST /containers/{container}/files"""
    await _running(call)
    if header(call.request, b"content-type").startswith("multipart/"):
        return answer(render.file(await _from_form(call)))
    return answer(render.file(await _stored(call, await call.body(FileBody))))


async def list_(call: Call) -> Response:
    """GET /containers/{container}/files"""
    container = await _running(call)
    found = await call.scope.container_files.list(container, page_query(call.request.query_params))
    return answer(page(found, render.file))


async def retrieve(call: Call) -> Response:
    """GET /containers/{container}/files/{container_file}"""
    return answer(render.file(await _file(call)))


async def download(call: Call) -> Response:
    """GET /containers/{container}/files/{container_file}/content"""
    return await content(call, await _as_stored(call, await _file(call)))


async def delete(call: Call) -> Response:
    """DELETE /containers/{container}/files/{container_file}"""
    await containers.delete_file(call.engine, call.caller, await _running(call), call.id("container_file"))
    return answer(deleted(call.id("container_file"), "container.file"))


async def _running(call: Call) -> str:
    """The container's id; raises NotFound, or InvalidRequest if it has expired."""
    return (await containers.use_running(call.engine, call.caller, call.id("container"))).id


async def _file(call: Call) -> ContainerFile:
    return await call.scope.container_files.get(await _running(call), call.id("container_file"))


async def _as_stored(call: Call, file: ContainerFile) -> File:
    """The file as one whose bytes can be sent, under the last part of its path."""
    name = PurePosixPath(file.path).name
    if file.file_id is not None:
        return structs.replace(await call.scope.files.get(file.file_id), name=name)
    assert file.blob is not None  # one of the two it has
    return File(
        id=file.id,
        created_at=file.created_at,
        name=name,
        purpose="user_data",
        size=file.size,
        sha256=file.sha256,
        blob=file.blob,
    )


async def _from_form(call: Call) -> ContainerFile:
    """Put in what a form brings: a file, or the id of a stored one."""
    form = read_form(call.request, file="file", limit=MAX_FILE_BYTES, fields=("file_id",), needs_file=False)
    pieces = form.file()
    first = await anext(pieces, None)

    def describe() -> str:
        if "file_id" in form.fields:
            raise _both()
        return file_path(form.filename, "")

    if first is not None or form.has_file:
        return await containers.add_upload(
            call.engine, call.caller, call.id("container"), _after(first, pieces), describe
        )
    return await _stored(call, _fields(form))


async def _after(first: bytes | None, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if first is not None:
        yield first
    async for piece in rest:
        yield piece


def _fields(form: Form) -> FileBody:
    if "file_id" not in form.fields:
        raise missing("file")
    return parse(msgspec.json.encode(form.fields), FileBody)


async def _stored(call: Call, body: FileBody) -> ContainerFile:
    return await containers.add_file(call.engine, call.caller, call.id("container"), body.file_id)


def _both() -> InvalidRequest:
    return InvalidRequest(
        "Invalid 'file_id': send a file or the id of one, not both.", param="file_id", code="invalid_value"
    )
