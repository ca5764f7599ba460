"""HTTP/1.1 as uvicorn reads it: with a bound on what comes before the body, and refusals in the API's own form."""

import asyncio
from collections.abc import Callable
from http import HTTPStatus

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from retinue.api.envelope import new_request_id, promised_headers
from retinue.api.errors import body
from retinue.api.leaving import LEAVING
from retinue.app.writing import Joined

MAX_HEAD_BYTES = 64 << 10  # of the URL and the headers; clients send less than a thousandth of it


class HTTPProtocol(HttpToolsProtocol):
    """One connection."""

    _head_bytes = 0
    """The URL and the headers that have been read of the request that is being read."""
    _unread_bytes = 0
    """What came before its headers were complete, after the piece that it began in."""
    _in_head = False
    _leave: Callable[[], None] | None = None
    """What to call when the connection is lost."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A caller has come."""
        super().connection_made(transport)
        self.transport = Joined(transport, self.loop)

    def connection_lost(self, exc: Exception | None) -> None:
        """The caller has gone."""
        super().connection_lost(exc)
        if self._leave is not None:
            self._leave()

    def data_received(self, data: bytes) -> None:
        """Take what has come. A header is told once it is whole: until then, the bytes that it came in are counted."""
        if self._in_head:
            self._unread_bytes += len(data)
            if self._is_too_large():
                self.send_400_response("")
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        """A request begins."""
        self._head_bytes = self._unread_bytes = 0
        self._in_head = True
        super().on_message_begin()
        self.scope["extensions"] = {LEAVING: {"watch": self._watch}}

    def on_url(self, url: bytes) -> None:
        """The URL, or a piece of it, was read."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header was read."""
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """All headers were read."""
        self._in_head = False
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, or too much of it, and close; an answer that has begun can only be broken off."""
        if not _is_amid_its_answer(self.cycle):
            self.transport.write(_too_large() if self._is_too_large() else _not_http())
        self.transport.close()

    def _watch(self, leave: Callable[[], None] | None) -> None:
        self._leave = leave
        if leave is not None and self.parser is None:  # lost already
            leave()

    def _count(self, size: int) -> None:
        self._head_bytes += size
        if self._is_too_large():
            raise ValueError("too large")  # ends the parsing, which answers with `send_400_response`

    def _is_too_large(self) -> bool:
        return max(self._head_bytes, self._unread_bytes) > MAX_HEAD_BYTES


def _is_amid_its_answer(cycle: RequestResponseCycle | None) -> bool:
    return cycle is not None and cycle.response_started and not cycle.response_complete


def _too_large() -> bytes:
    sentence = f"The request's URL and headers are larger than {MAX_HEAD_BYTES >> 10} KB together. Send less."
    return _answer(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, sentence, code="headers_too_large")


def _not_http() -> bytes:
    sentence = (
        "What came is no valid HTTP/1.1 request. Check its first line, its headers and the length of its body; "
        "the server speaks no TLS here: call it by http://."
    )
    return _answer(HTTPStatus.BAD_REQUEST, sentence, code="invalid_http")


def _answer(status: HTTPStatus, sentence: str, *, code: str) -> bytes:
    raw = msgspec.json.encode(body(sentence, code=code))
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(raw)).encode()),
        (b"connection", b"close"),
        *promised_headers(new_request_id(), elapsed_ms=0),
    ]
    lines = [f"HTTP/1.1 {status.value} {status.phrase}".encode(), *(b"%b: %b" % header for header in headers)]
    return b"\r\n".join([*lines, b"", raw])
