"""A model provider for tests, over real HTTP."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import assert_never

import msgspec
from aiohttp import web
from msgspec import Struct

from retinue.testing.answers import Answer, Cut, Embeds, Fails, Flags, Hold, Part, Pause, Raw, Says, Sends
from retinue.testing.completions import Json, completion, stream, text_completion, text_stream
from retinue.testing.embeddings import embeds, listing
from retinue.testing.moderations import judgement

Entry = Answer | Callable[[Json], Answer]
"""An answer, or a function that gets the request's body and returns the answer."""

_MODEL = "fake-model"
_ALL_CLEAR = Flags()
_BODY_LIMIT = 64 * 1024 * 1024  # bytes of a request


class Recorded(Struct, frozen=True, kw_only=True):
    """A request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    """Looked up without regard to case."""
    body: Json
    raw: bytes
    """The body as it came, byte for byte."""


class FakeProvider:
    """A real HTTP server on a free port of this machine that speaks OpenAI's API by script.

    Each request for a completion, of a chat or of a prompt, takes the next answer; a function in the script gets the
    request's body and returns the answer. After the last one `default` answers every request, or if there is none, a
    500 that says so. Embeddings and moderations have one answer each, and a sensible one unless told otherwise.
    """

    def __init__(
        self,
        *script: Entry,
        models: tuple[str, ...] | None = (_MODEL,),
        default: Entry | None = None,
        embeddings: Entry = embeds,
        moderations: Entry = _ALL_CLEAR,
    ) -> None:
        """`models` is what GET /models lists; None has it fail with a 404."""
        self.script: deque[Entry] = deque(script)
        self.models = models
        self.default = default
        self.embeddings = embeddings
        self.moderations = moderations
        self.requests: list[Recorded] = []
        """Requests for anything but the list of models, in the order in which they came."""
        self.listings = 0
        """How often the list of models was asked for."""
        self.left = asyncio.Event()
        """Set when a client went away before its answer was whole."""
        self.port = 0
        self._peers: set[object] = set()
        self._runner: web.AppRunner | None = None

    @property
    def base_url(self) -> str:
        """What a client gets as its base URL."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def connections(self) -> int:
        """How many connections those requests came over."""
        return len(self._peers)

    async def __aenter__(self) -> "FakeProvider":
        app = web.Application(client_max_size=_BODY_LIMIT)
        app.router.add_get("/v1/models", self._list_models)
        app.router.add_post("/v1/chat/completions", self._scripted)
        app.router.add_post("/v1/completions", self._scripted)
        app.router.add_post("/v1/embeddings", self._embed)
        app.router.add_post("/v1/moderations", self._moderate)
        # With cancellation a handler learns at once that its client went away.
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _list_models(self, request: web.Request) -> web.Response:
        self.listings += 1
        if self.models is None:
            return web.Response(status=404, text="404 page not found")
        data = [{"id": name, "object": "model", "created": 0, "owned_by": "fake"} for name in self.models]
        return _json({"object": "list", "data": data})

    async def _scripted(self, request: web.Request) -> web.StreamResponse:
        body = await self._record(request)
        return await self._answer(request, body, self.script.popleft() if self.script else self.default)

    async def _embed(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, await self._record(request), self.embeddings)

    async def _moderate(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, await self._record(request), self.moderations)

    async def _answer(self, request: web.Request, body: Json, entry: Entry | None) -> web.StreamResponse:
        answer = entry(body) if callable(entry) else entry
        match answer:
            case None:
                return _error(500, "The fake provider's script has no answer left.", {})
            case Fails(status, message, headers):
                return _error(status, message, headers)
            case Says():
                return await self._say(request, answer, body)
            case Embeds():
                return _json(listing(answer, body))
            case Flags():
                return _json(judgement(answer, body))
            case Sends():
                return await self._send(request, answer)
            case Raw():
                return await self._write(request, answer)
            case _:
                assert_never(answer)

    async def _say(self, request: web.Request, answer: Says, body: Json) -> web.StreamResponse:
        chats = request.path.endswith("/chat/completions")
        if not body.get("stream"):
            return _json(completion(answer, body) if chats else text_completion(answer, body))
        return await self._send(request, Sends(tuple((stream if chats else text_stream)(answer, body))))

    async def _record(self, request: web.Request) -> Json:
        raw = await request.read()
        body: Json = msgspec.json.decode(raw)
        recorded = Recorded(method=request.method, path=request.path, headers=request.headers, body=body, raw=raw)
        self.requests.append(recorded)
        if request.transport is not None:
            self._peers.add(request.transport.get_extra_info("peername"))
        return body

    async def _send(self, request: web.Request, answer: Sends) -> web.StreamResponse:
        headers = {"Content-Type": answer.content_type, **answer.headers}
        response = web.StreamResponse(status=answer.status, headers=headers)
        try:
            await response.prepare(request)
            for part in answer.parts:
                await _play(part, request, response.write)
            await response.write_eof()
        except (ConnectionError, asyncio.CancelledError):
            self.left.set()
            raise
        return response

    async def _write(self, request: web.Request, answer: Raw) -> web.StreamResponse:
        connection = request.transport
        assert connection is not None, "a request that is being answered has one"

        async def write(piece: bytes) -> None:
            connection.write(piece)

        try:
            for part in answer.parts:
                await _play(part, request, write)
        except asyncio.CancelledError:
            self.left.set()
            raise
        connection.close()
        return web.Response()  # it goes nowhere


async def _play(part: Part, request: web.Request, write: Callable[[bytes], Awaitable[None]]) -> None:
    match part:
        case str():
            await write(part.encode())
        case bytes():
            await write(part)
        case Pause(seconds):
            await asyncio.sleep(seconds)
        case Hold(gate):
            await gate.wait()
        case Cut():
            if request.transport is not None:
                request.transport.abort()
        case _:
            assert_never(part)


def _error(status: int, message: str, headers: Mapping[str, str]) -> web.Response:
    error = {"message": message, "type": "fake_error", "param": None, "code": None}
    return _json({"error": error}, status=status, headers=headers)


def _json(body: Json, *, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(body=msgspec.json.encode(body), status=status, headers=headers, content_type="application/json")
