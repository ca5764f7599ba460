"""An answer that a model's provider gives, handed on as it comes."""

import msgspec
import structlog
from starlette.types import Receive, Scope, Send

from retinue.api.errors import to_http
from retinue.api.leaving import WhileCallerStays
from retinue.core.errors import ModelFault
from retinue.models import Model, Relayed, RelayRequest
from retinue.models.http.sse import EVENT_STREAM

log = structlog.get_logger()


class RelayedAnswer:
    """Asks the provider and sends what it answers; a client that goes away ends the request to the provider."""

    def __init__(self, model: Model, request: RelayRequest) -> None:
        self._model = model
        self._request = request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the answer."""
        with WhileCallerStays(scope):
            async with self._model.relay(self._request) as answer:
                await send({"type": "http.response.start", "status": answer.status, "headers": _headers(answer)})
                try:
                    async for piece in answer.pieces:
                        await send({"type": "http.response.body", "body": piece, "more_body": True})
                except ModelFault as fault:
                    if not _is_event_stream(answer):
                        raise  # the connection closes before the body is whole: there is no other way to tell
                    log.error("stream_broken_off", operation=self._request.operation, why=fault.message)
                    await send({"type": "http.response.body", "body": _event(fault), "more_body": True})
                await send({"type": "http.response.body", "body": b""})


def _headers(answer: Relayed) -> list[tuple[bytes, bytes]]:
    headers = [(name.encode(), value.encode()) for name, value in answer.headers.items()]
    if _is_event_stream(answer):
        headers.append((b"cache-control", b"no-cache"))
    return headers


def _is_event_stream(answer: Relayed) -> bool:
    return answer.headers["content-type"].lower().startswith(EVENT_STREAM)


def _event(fault: ModelFault) -> bytes:
    """The event that the official clients raise as an APIError."""
    return b"data: " + msgspec.json.encode(to_http(fault)[1]) + b"\n\n"
