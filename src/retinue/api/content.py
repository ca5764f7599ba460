"""The bytes of a file as an answer: whole, or the range that was asked for (RFC 9110, sections 13 and 14)."""

import contextlib
import re
from collections.abc import AsyncGenerator

import msgspec
from msgspec import Struct
from starlette.datastructures import Headers
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from retinue.api import errors
from retinue.api.call import Call
from retinue.api.disposition import attachment
from retinue.core.errors import BlobMissing, NotFound
from retinue.core.file import File

_RANGE = re.compile(r"bytes=\s*(\d{0,18})-(\d{0,18})\s*")


class Range(Struct, frozen=True):
    """The bytes from `start` up to `end`, excluded."""

    start: int
    end: int


class Unsatisfiable(Exception):
    """The range lies beyond the end."""


async def content(call: Call, file: File) -> Response:
    """Return the answer to a request for the file's bytes; raises NotFound if they are gone."""
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": f'"{file.sha256}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": attachment(file.name),
        "Content-Security-Policy": "sandbox",  # what people upload must never run under this server's name
    }
    asked = call.request.headers
    if headers["ETag"] in _etags(asked.get("if-none-match", "")):
        return Response(status_code=304, headers=headers)
    try:
        wanted = asked_range(asked, headers["ETag"], file.size)
    except Unsatisfiable:
        return _unsatisfiable(file, headers)
    part = wanted or Range(0, file.size)
    headers["Content-Length"] = str(part.end - part.start)
    if wanted:
        headers["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{file.size}"
    pieces = _nothing() if call.request.method == "HEAD" else await _opened(call, file, part)
    return _Streamed(pieces, status=206 if wanted else 200, headers=headers)


def asked_range(headers: Headers, etag: str, size: int) -> Range | None:
    """Return the range that is asked for; None is everything. Raises Unsatisfiable.

    Several ranges at once, and what is no range of bytes, are not refused but passed over, as the RFC allows.
    """
    match = _RANGE.fullmatch(headers.get("range", ""))
    if match is None or headers.get("if-range", etag).strip() != etag:
        return None
    first, last = match[1], match[2]
    if not first and not last:
        return None
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None
    if start >= end:
        raise Unsatisfiable
    return Range(start, end)


class _Streamed(StreamingResponse):
    """Sends the bytes while there is somebody to take them, and lets go of the file whatever happens."""

    def __init__(self, pieces: AsyncGenerator[bytes, None], *, status: int, headers: dict[str, str]) -> None:
        super().__init__(pieces, status_code=status, headers=headers, media_type="application/octet-stream")
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with contextlib.aclosing(self._pieces):
            await super().__call__(scope, receive, send)


async def _opened(call: Call, file: File, part: Range) -> AsyncGenerator[bytes, None]:
    """The bytes, of which the first have been read: what is missing is told before the answer begins."""
    pieces = call.engine.blobs.open(file.blob, start=part.start, end=part.end)
    try:
        first = await anext(pieces, b"")
    except BlobMissing as error:  # deleted since its row was read
        raise NotFound("file", file.id) from error
    return _after(first, pieces)


async def _after(first: bytes, rest: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    async with contextlib.aclosing(rest):
        yield first
        async for piece in rest:
            yield piece


async def _nothing() -> AsyncGenerator[bytes, None]:
    yield b""


def _etags(header: str) -> set[str]:
    return {etag.strip().removeprefix("W/") for etag in header.split(",")}


def _unsatisfiable(file: File, headers: dict[str, str]) -> Response:
    body = errors.body(
        f"The range lies beyond the end of the file, which has {file.size} bytes.", param="Range", code="invalid_range"
    )
    headers = {"Content-Range": f"bytes */{file.size}", "Accept-Ranges": "bytes", "ETag": headers["ETag"]}
    return Response(msgspec.json.encode(body), status_code=416, headers=headers, media_type="application/json")
