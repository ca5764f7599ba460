"""The API as commands call it: typed objects, streams of events, and refusals as errors."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, TypeVar

import msgspec

from retinue.cli.client.door import Answer, Door, Gone, Request
from retinue.cli.client.form import Form
from retinue.cli.client.objects import ErrorBody
from retinue.cli.client.sse import Event, events_of
from retinue.core.errors import RetinueError

NOTICES = "Retinue-Notices"
"""The header that asks for what happens beside a run: see `api/assistants/stream.py`."""

_HEADERS = {"OpenAI-Beta": "assistants=v2", "Content-Type": "application/json"}
_PATIENCE_S = 60.0  # for an answer that is no stream: listing models asks all providers
_LONGEST = 64 << 20  # bytes of an answer

T = TypeVar("T")


class Refused(RetinueError):
    """The API refused a request; the message is its own."""

    def __init__(self, message: str, *, status: int, code: str | None = None, param: str | None = None) -> None:
        super().__init__(message, code=code, param=param)
        self.status = status


class Api:
    """Calls of the Assistants API v2."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def get(self, path: str, type_: type[T]) -> T:
        """Return what is found at a path; raises Refused and Gone."""
        return decoded(await self._whole("GET", path), type_)

    async def post(self, path: str, type_: type[T], **body: Any) -> T:
        """Post and return the answer; raises Refused and Gone. Fields that are None are left out."""
        return decoded(await self._whole("POST", path, body), type_)

    async def delete(self, path: str, type_: type[T]) -> T:
        """Delete what is found at a path and return the answer; raises Refused and Gone."""
        return decoded(await self._whole("DELETE", path), type_)

    async def upload(self, path: str, type_: type[T], form: Form) -> T:
        """Post a file and return the answer; raises Refused and Gone."""
        return decoded(await self._whole("POST", path, form), type_)

    async def events(self, method: str, path: str, *, after: int = 0, **body: Any) -> AsyncGenerator[Event, None]:
        """Yield the events that answer a request, those after a number; raises Refused and Gone."""
        headers = {NOTICES: "true", **({"Last-Event-ID": str(after)} if after else {})}
        async with self._door.send(self._request(method, path, body, headers)) as answer:
            if answer.status >= 400:
                raise await _refusal(answer)
            async with aclosing(events_of(answer.pieces)) as events:
                async for event in events:
                    yield event

    async def content(self, path: str) -> AsyncGenerator[bytes, None]:
        """Yield what is in a file, piece by piece; raises Refused and Gone."""
        async with self._door.send(self._request("GET", path, {})) as answer:
            if answer.status >= 400:
                raise await _refusal(answer)
            async for piece in answer.pieces:
                yield piece

    async def _whole(self, method: str, path: str, body: dict[str, Any] | Form | None = None) -> bytes:
        request = self._form(path, body) if isinstance(body, Form) else self._request(method, path, body or {})
        try:
            async with asyncio.timeout(_PATIENCE_S), self._door.send(request) as answer:
                if answer.status >= 400:
                    raise await _refusal(answer)
                return await _read(answer.pieces)
        except TimeoutError:
            raise Gone(f"The server did not answer within {_PATIENCE_S:.0f} s. Ask again.") from None

    def _request(self, method: str, path: str, body: dict[str, Any], headers: dict[str, str] | None = None) -> Request:
        said = {name: value for name, value in body.items() if value is not None}
        content = msgspec.json.encode(said) if method == "POST" else b""
        return Request(method=method, path=path, headers={**_HEADERS, **(headers or {})}, body=content)

    def _form(self, path: str, form: Form) -> Request:
        content_type, body = form.encoded()
        return Request(method="POST", path=path, headers={**_HEADERS, "Content-Type": content_type}, body=body)


async def _refusal(answer: Answer) -> Refused:
    raw = await _read(answer.pieces)
    try:
        error = msgspec.json.decode(raw, type=ErrorBody).error
    except (msgspec.MsgspecError, ValueError):
        return Refused(f"The server answered with status {answer.status} and said no more.", status=answer.status)
    return Refused(error.message, status=answer.status, code=error.code, param=error.param)


async def _read(pieces: AsyncIterator[bytes]) -> bytes:
    read = bytearray()
    async for piece in pieces:
        read += piece
        if len(read) > _LONGEST:
            raise RetinueError("The server's answer is longer than any can be.")
    return bytes(read)


def decoded(raw: bytes, type_: type[T]) -> T:
    """Return an object of the API; raises RetinueError for what is none."""
    try:
        return msgspec.json.decode(raw, type=type_)
    except (msgspec.MsgspecError, ValueError) as error:
        raise RetinueError("What the server answered is not the Assistants API: is it of another version?") from error
