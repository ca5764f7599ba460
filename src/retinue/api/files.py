"""Endpoints of files."""

import asyncio
import re
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, structs
from starlette.responses import Response
from starlette.routing import Route

from retinue.api import lists
from retinue.api.body import parse
from retinue.api.call import Call, Router, answer
from retinue.api.content import content
from retinue.api.fields import Body
from retinue.api.multipart import read_form
from retinue.api.query import id_in, page_query
from retinue.core.file import MAX_FILE_BYTES, File, FileDraft, Purpose, clean_name
from retinue.core.paging import Page, PageQuery
from retinue.engine.commands import files

_LONGEST_PAGE = 10_000
_STRETCH = 200  # entries that are read in one go: some milliseconds
_FIELDS = ("purpose", "expires_after[anchor]", "expires_after[seconds]")


class ExpiresAfter(Body, frozen=True, kw_only=True):
    """When a file is to be deleted."""

    anchor: Literal["created_at"]
    seconds: Annotated[int, Meta(ge=3_600, le=2_592_000)]


class FileFields(Body, frozen=True, kw_only=True):
    """What is said of a file."""

    purpose: Purpose
    expires_after: ExpiresAfter | None = None

    def draft(self, filename: str, *, param: str) -> FileDraft:
        """Return a new file's draft; raises InvalidRequest for a name that is too long."""
        return FileDraft(
            name=clean_name(filename, param=param),
            purpose=self.purpose,
            expires_after_s=self.expires_after.seconds if self.expires_after else None,
        )


def routes(router: Router, prefix: str) -> list[Route]:
    """Return all routes of files under a prefix such as `/v1`."""
    file = f"{prefix}/files" + "/{file}"
    return [
        router.route("POST", f"{prefix}/files", create),
        router.route("GET", f"{prefix}/files", list_),
        router.route("GET", file, retrieve),
        router.route("DELETE", file, delete),
        router.route("GET", f"{file}/content", download),
    ]


async def create(call: Call) -> Response:
    """POST /files"""
    form = read_form(call.request, file="file", limit=MAX_FILE_BYTES, fields=_FIELDS)

    def describe() -> FileDraft:
        return _fields(form.fields).draft(form.filename, param="file")

    return answer(file(await files.create(call.engine, call.caller, form.file(), describe)))


async def list_(call: Call) -> Response:
    """GET /files"""
    query = call.request.query_params
    page = page_query(query, default=_LONGEST_PAGE, most=_LONGEST_PAGE)
    return answer(lists.page(await _long_page(call, page, id_in(query, "purpose")), file))


async def retrieve(call: Call) -> Response:
    """GET /files/{file}"""
    return answer(file(await call.scope.files.get(call.id("file"))))


async def delete(call: Call) -> Response:
    """DELETE /files/{file}"""
    await files.delete(call.engine, call.caller, call.id("file"))
    return answer({"id": call.id("file"), "object": "file", "deleted": True})


async def download(call: Call) -> Response:
    """GET /files/{file}/content"""
    return await content(call, await call.scope.files.get(call.id("file")))


def file(value: File) -> dict[str, Any]:
    """Return a `file`. It is processed as soon as it is there; `status` is what clients of long ago look at."""
    return {
        "id": value.id,
        "object": "file",
        "bytes": value.size,
        "created_at": int(value.created_at),
        "expires_at": None if value.expires_at is None else int(value.expires_at),
        "filename": value.name,
        "purpose": value.purpose,
        "status": "processed",
        "status_details": None,
    }


def _fields(fields: dict[str, str]) -> FileFields:
    """The form's fields, held to the same rules, and refused in the same words, as those of a JSON body."""
    body: dict[str, Any] = {}
    for name, value in fields.items():
        outer, _, inner = name.rstrip("]").partition("[")
        if not inner:
            body[outer] = value
        else:
            whole = inner == "seconds" and re.fullmatch(r"[+-]?[0-9]{1,18}", value)
            body.setdefault(outer, {})[inner] = int(value) if whole else value
    return parse(msgspec.json.encode(body), FileFields)


async def _long_page(call: Call, query: PageQuery, purpose: str | None) -> Page[File]:
    """Read a page of perhaps ten thousand in stretches, so that other requests get their turn in between."""
    found: list[File] = []
    while True:
        wanted = min(_STRETCH, query.limit - len(found))
        page = await call.scope.files.list(structs.replace(query, limit=wanted), purpose=purpose)
        backwards = query.before is not None and query.after is None
        found = [*page.data, *found] if backwards else [*found, *page.data]
        if not page.has_more or len(found) == query.limit:
            return Page(data=found, has_more=page.has_more)
        cursor = {"before": found[0].id} if backwards else {"after": found[-1].id}
        query = structs.replace(query, **cursor)
        await asyncio.sleep(0)
