"""Around every request: which host it was meant for, the headers every answer bears, and errors in the API's form."""

import re
import time
import uuid
from collections.abc import Collection

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

_NOT_YET = re.compile(
    r"/(v1|openai(/v1)?)(/deployments/[^/]+)?/(audio|batches|chat/completions/[^/]+|containers|conversations|fine_tuning|images"
    r"|realtime|responses|vector_stores)(/|$)"
)
_HTTP_SENTENCES = {
    404: "Unknown request URL: {method} {path}. Check the URL for typos; the API's paths begin with /v1.",
    405: "Not allowed to {method} on {path}. Try another method.",
}


class Envelope:
    """The outermost layer of the API."""

    def __init__(self, app: ASGIApp, *, hosts: Collection[str], access: Access) -> None:
        self._app, self._access = app, access
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send)
        try:
            await self._serve(scope, receive, answer)
        finally:
            log.debug(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=answer.status,
                content_type=answer.content_type,
                ms=answer.elapsed_ms,
            )

    async def _serve(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        try:
            await self._check_host(scope)
            if b"%2" in scope.get("raw_path", b""):
                scope["path"] = hidden(scope["raw_path"])
            scope["app"] = self._app  # with it, the routing table raises what it refuses, for us to put into words
            await self._app(scope, receive, answer.send)
        except ClientDisconnect:
            pass  # nobody is left to answer
        except HTTPException as error:
            await answer.fail(error.status_code, _http_error(error, scope), allow=_allowed(error, scope))
        except RetinueError as error:
            status, content = to_http(error)
            if status >= 500:
                log.error("request_failed", request=answer.request_id, why=error.message)
            await answer.fail(status, content)
        except Exception:
            log.exception("request_failed", request=answer.request_id, path=scope["path"])
            message = (
                "The server had an error while processing your request. Sorry about that! "
                f"The server's log says more under the request ID {answer.request_id}."
            )
            await answer.fail(500, body(message, kind="server_error"))

    async def _check_host(self, scope: Scope) -> None:
        """Refuse a name that isn't ours: a page whose own name was made to lead here must get no answer.

        Where keys are asked for, any name will do: such a page has none, and proxies use what names they like.
        """
        hosts = (value.decode("latin-1") for name, value in scope["headers"] if name == b"host" and value)
        for name in map(_without_port, hosts):
            if name.lower() not in self._hosts and not await self._access.needs_key():
                raise WrongHost(
                    f"This server doesn't answer to the name {name[:200]!r}. "
                    "Call it by its address, or start it with RETINUE_HOSTS naming this one."
                )


class _Answer:
    """Adds the headers to an answer, and knows whether it has begun."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._began = time.perf_counter()
        self.status: int | None = None
        self.content_type: str | None = None
        """Both once the answer has begun."""
        self.request_id = new_request_id()

    @property
    def elapsed_ms(self) -> int:
        return int((time.perf_counter() - self._began) * 1000)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.content_type = next(
                (value.decode("latin-1") for name, value in message["headers"] if name == b"content-type"), None
            )
            message["headers"] = [
                *message["headers"],
                *promised_headers(self.request_id, elapsed_ms=self.elapsed_ms),
            ]
        await self._send(message)

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
    return f"req_{uuid.uuid4().hex}"


def promised_headers(request_id: str, *, elapsed_ms: int) -> list[tuple[bytes, bytes]]:
    """Return the headers that every answer bears."""
    return [
        (b"x-request-id", request_id.encode()),
        (b"openai-processing-ms", str(elapsed_ms).encode()),
        (b"openai-version", API_VERSION),
    ]


def _http_error(error: HTTPException, scope: Scope) -> dict[str, object]:
    sentence = _HTTP_SENTENCES.get(error.status_code, str(error.detail))
    if error.status_code == 404 and _NOT_YET.match(scope["path"]):
        sentence = (
            "Retinue does not serve {path} yet. Let that part of your program call its provider: give it a base_url."
        )
    return body(sentence.format(method=scope["method"], path=scope["path"][:200]))


def _allowed(error: HTTPException, scope: Scope) -> str:
    """The methods of all routes of this path; the one that refused knows its own alone."""
    if error.status_code != 405:
        return ""
    here = (route for route in scope["router"].routes if route.path == scope["route"].path)
    return ", ".join(sorted(set().union(*(route.methods for route in here))))


def _without_port(host: str) -> str:
    """`localhost:8000` and `[::1]:8000` without their ports; what is no host with a port stays as it is."""
    match = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]*)(:\d*)?", host)
    return match[1] if match else host
