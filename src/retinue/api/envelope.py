"""Around every request: which host it was meant for, the headers every answer bears, and errors in the API's form."""

import functools
import logging
import os
import re
import time
from collections.abc import Awaitable, Collection

import msgspec
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from retinue.api.errors import WrongHost, body, to_http
from retinue.api.slashes import hidden
from retinue.core.errors import RetinueError
from retinue.gateway import Access

log = structlog.get_logger()

API_VERSION = b"2020-10-01"

_HOSTS_KEPT = 64  # Host headers of which it is known whether they are ours
_NOT_YET = re.compile(
    r"/(v1|openai(/v1)?)(/deployments/[^/]+)?/(audio|batches|chat/completions/[^/]+|conversations|fine_tuning|images"
    r"|realtime|responses)(/|$)"
)
_HTTP_SENTENCES = {
    404: "Unknown request URL: {method} {path}. Check the URL for typos; the API's paths begin with /v1.",
    405: "Not allowed to {method} on {path}. Try another method.",
}


class Envelope:
    """The outermost layer of the API."""

    def __init__(self, app: ASGIApp, *, hosts: Collection[str], access: Access) -> None:
        self._app, self._access = app, access
        ours = frozenset(host.lower() for host in hosts)
        self._is_ours = functools.lru_cache(_HOSTS_KEPT)(lambda host: _without_port(host).lower() in ours)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send)
        try:
            await self._check_host(scope)
            if b"%2" in scope.get("raw_path", b""):
                scope["path"] = hidden(scope["raw_path"])
            await self._app(scope, receive, answer.send)
        except ClientDisconnect:
            pass  # nobody is left to answer
        except Exception as error:
            await _tell(error, scope, answer)
        finally:
            if log.is_enabled_for(logging.DEBUG):
                _note(scope, answer)

    async def _check_host(self, scope: Scope) -> None:
        """Refuse a name that isn't ours: a page whose own name was made to lead here must get no answer.

        Where keys are asked for, any name will do: such a page has none, and proxies use what names they like.
        """
        for name, value in scope["headers"]:
            if name == b"host" and value and not self._is_ours(value) and not await self._access.needs_key():
                raise WrongHost(
                    f"This server doesn't answer to the name {_without_port(value)[:200]!r}. "
                    "Call it by its address, or start it with RETINUE_HOSTS naming this one."
                )


class _Answer:
    """Adds the headers to an answer, and knows whether it has begun."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._began = time.perf_counter()
        self.status: int | None = None
        """Once it has begun."""
        self.headers: list[tuple[bytes, bytes]] = []
        self.request_id = new_request_id()

    @property
    def elapsed_ms(self) -> int:
        return int((time.perf_counter() - self._began) * 1000)

    def send(self, message: Message) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = [*message["headers"], *promised_headers(self.request_id, elapsed_ms=self.elapsed_ms)]
            message["headers"] = self.headers
        return self._send(message)

    async def fail(self, status: int, content: dict[str, object], *, allow: str = "") -> None:
        if self.status is not None:
            return  # a stream tells its own faults; nothing can be said outside it
        raw = msgspec.json.encode(content)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(raw)).encode())]
        if allow:
            headers.append((b"allow", allow.encode()))
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": raw})


def new_request_id() -> str:
    """Return a name for one request, for its answer and for the log."""
    return f"req_{os.urandom(16).hex()}"


def promised_headers(request_id: str, *, elapsed_ms: int) -> list[tuple[bytes, bytes]]:
    """Return the headers that every answer bears."""
    return [
        (b"x-request-id", request_id.encode()),
        (b"openai-processing-ms", str(elapsed_ms).encode()),
        (b"openai-version", API_VERSION),
    ]


async def _tell(error: Exception, scope: Scope, answer: _Answer) -> None:
    match error:
        case HTTPException():
            allowed = (error.headers or {}).get("allow", "")
            await answer.fail(error.status_code, _http_error(error, scope), allow=allowed)
        case RetinueError():
            status, content = to_http(error)
            if status >= 500:
                log.error("request_failed", request=answer.request_id, why=error.message)
            await answer.fail(status, content)
        case _:
            log.exception("request_failed", request=answer.request_id, path=scope["path"])
            message = (
                "The server had an error while processing your request. Sorry about that! "
                f"The server's log says more under the request ID {answer.request_id}."
            )
            await answer.fail(500, body(message, kind="server_error"))


def _note(scope: Scope, answer: _Answer) -> None:
    content_type = dict(answer.headers).get(b"content-type")
    log.debug(
        "request",
        method=scope["method"],
        path=scope["path"],
        status=answer.status,
        content_type=content_type and content_type.decode("latin-1"),
        ms=answer.elapsed_ms,
    )


def _http_error(error: HTTPException, scope: Scope) -> dict[str, object]:
    sentence = _HTTP_SENTENCES.get(error.status_code, str(error.detail))
    if error.status_code == 404 and _NOT_YET.match(scope["path"]):
        sentence = (
            "Retinue does not serve {path} yet. Let that part of your program call its provider: give it a base_url."
        )
    return body(sentence.format(method=scope["method"], path=scope["path"][:200]))


def _without_port(header: bytes) -> str:
    """`localhost:8000` and `[::1]:8000` without their ports; what is no host with a port stays as it is."""
    host = header.decode("latin-1")
    match = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]*)(:\d*)?", host)
    return match[1] if match else host
