"""The door: a sandbox behind HTTP, for those who have the key."""

import hashlib
import hmac
import json

import msgspec
from msgspec import structs
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from retinue import __version__
from retinue.sandbox.base import Limits, SandboxFault, SessionLost
from retinue.sandbox.remote.frames import refusal
from retinue.sandbox.remote.protocol import (
    ABOUT,
    BEAT_S,
    HEALTH,
    MOST_BYTES,
    MOST_CODE,
    PROTOCOL,
    PROTOCOL_HEADER,
    SESSIONS,
    About,
    Opened,
    check_key,
    path_of_query,
)
from retinue.sandbox.remote.streamed import Streamed
from retinue.sandbox.remote.tenants import Bounds, Busy, Full, Tenants

_GRACE_S = 30.0  # beyond what a call may take, for what it has printed to be taken
_STRANGER = b'{"error":"This runner asks for the key that it was started with (RETINUE_RUNNER_KEY)."}'
_OTHER = "This runner speaks version {} of its protocol, and what was sent another: run the same Retinue on both sides."
_ANSWERED = {"cache-control": "no-store"}


class TooLarge(SandboxFault):
    """More was sent than is taken at a time."""


class Door:
    """What a runner answers. `app` is what an HTTP server serves."""

    def __init__(
        self,
        tenants: Tenants,
        about: About,
        *,
        key: str,
        beat_s: float = BEAT_S,
    ) -> None:
        """`about` is what never changes of it; raises SandboxFault for a key that is none."""
        self._tenants, self._about, self._beat_s = tenants, about, beat_s
        routes = [
            Route(HEALTH, _healthy),
            Route(ABOUT, self._tell),
            Route(SESSIONS, self._open, methods=["POST"]),
            Route(f"{SESSIONS}/{{id}}", self._end, methods=["DELETE"]),
            Route(f"{SESSIONS}/{{id}}/run", self._run, methods=["POST"]),
            Route(f"{SESSIONS}/{{id}}/files", self._list, methods=["GET"]),
            Route(f"{SESSIONS}/{{id}}/file", self._read, methods=["GET"]),
            Route(f"{SESSIONS}/{{id}}/file", self._write, methods=["PUT", "POST"]),
            Route(f"{SESSIONS}/{{id}}/file", self._remove, methods=["DELETE"]),
        ]
        inner = Starlette(routes=routes, exception_handlers={SandboxFault: _refused, ClientDisconnect: _nobody})
        self.app: ASGIApp = _Guard(inner, check_key(key))

    async def _tell(self, request: Request) -> Response:
        return _json(structs.replace(self._about, sessions=len(self._tenants)))

    async def _open(self, request: Request) -> Response:
        return _json(Opened(session=await self._tenants.open()))

    async def _end(self, request: Request) -> Response:
        await self._tenants.end(request.path_params["id"])
        return Response(status_code=204)

    async def _run(self, request: Request) -> Response:
        raw = await _body(request, MOST_CODE)
        try:
            code = raw.decode()
        except UnicodeDecodeError as error:
            raise SandboxFault("The code is no UTF-8.") from error
        tenant = self._tenants.take(request.path_params["id"])
        longest_s = self._about.limits.call_s + _GRACE_S
        return Streamed(self._tenants, tenant, code, beat_s=self._beat_s, longest_s=longest_s)

    async def _list(self, request: Request) -> Response:
        async with self._tenants.used(request.path_params["id"]) as session:
            files = [structs.asdict(file) for file in await session.files()]
        return _answer(json.dumps({"files": files}).encode())  # names are the code's: msgspec takes no half a pair

    async def _read(self, request: Request) -> Response:
        path = path_of_query(request.scope["query_string"])
        async with self._tenants.used(request.path_params["id"]) as session:
            content = await session.read(path)
        return Response(content, media_type="application/octet-stream", headers=_ANSWERED)

    async def _write(self, request: Request) -> Response:
        path = path_of_query(request.scope["query_string"])
        content = await _body(request, MOST_BYTES)
        async with self._tenants.used(request.path_params["id"]) as session:
            await session.write(path, content, more=request.method == "POST")
        return Response(status_code=204)

    async def _remove(self, request: Request) -> Response:
        path = path_of_query(request.scope["query_string"])
        async with self._tenants.used(request.path_params["id"]) as session:
            await session.remove(path)
        return Response(status_code=204)


def about(limits: Limits, bounds: Bounds, *, back_end: str, missing: list[str]) -> About:
    """Return what a door says of itself."""
    return About(
        protocol=PROTOCOL,
        version=__version__,
        limits=limits,
        back_end=back_end,
        missing=missing,
        sessions=0,
        most_sessions=bounds.sessions,
    )


class _Guard:
    """Lets nobody in without the key, before anything else of the request is looked at."""

    def __init__(self, inner: ASGIApp, key: str) -> None:
        self._inner = inner
        self._expected = _digest(f"Bearer {key}".encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._chosen(scope)(scope, receive, send)

    def _chosen(self, scope: Scope) -> ASGIApp:
        headers = dict(scope["headers"])
        if scope["path"] == HEALTH:
            return self._inner
        if not self._is_known(headers.get(b"authorization", b"")):
            return _answer(_STRANGER, 401, {"www-authenticate": "Bearer"})
        if headers.get(PROTOCOL_HEADER.lower().encode()) != b"%d" % PROTOCOL:
            return _answer(refusal(SandboxFault(_OTHER.format(PROTOCOL))), 400)
        return self._inner

    def _is_known(self, said: bytes) -> bool:
        return hmac.compare_digest(_digest(said), self._expected)


def _digest(said: bytes) -> bytes:
    return hashlib.sha256(said).digest()


async def _healthy(request: Request) -> Response:
    return PlainTextResponse("ok\n")


async def _body(request: Request, most: int) -> bytes:
    """Return what was sent; raises TooLarge before it is in memory."""
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > most:
            raise TooLarge(f"More than {most >> 20} MB were sent at a time.")
    return bytes(content)


async def _refused(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, SandboxFault)
    return _answer(refusal(fault), _status(fault))


async def _nobody(request: Request, fault: Exception) -> Response:
    """Answer one who is gone."""
    return Response(status_code=400)


def _status(fault: SandboxFault) -> int:
    match fault:
        case SessionLost():
            return 410
        case Busy():
            return 409
        case TooLarge():
            return 413
        case Full():
            return 503
    return 422


def _json(value: object) -> Response:
    return _answer(msgspec.json.encode(value))


def _answer(raw: bytes, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(raw, status, {**_ANSWERED, **(headers or {})}, "application/json")
