"""Fakes for tests, of Retinue and of what people build on it: a model provider and a clock.

A test of a program that talks to a provider looks like this:

    async with FakeProvider(says("Hello", " there"), Fails(429, "Slow down.")) as provider:
        client = AsyncOpenAI(base_url=provider.base_url, api_key="any")
        ...
        assert provider.requests[0].body["model"] == "gpt-4o"
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, assert_never

import msgspec
from aiohttp import web
from msgspec import Struct

Json = dict[str, Any]

_MODEL = "fake-model"
_BODY_LIMIT = 64 * 1024 * 1024  # bytes of a request


class Pause(Struct, frozen=True):
    """A wait amid an answer, in seconds."""

    seconds: float


class Hold(Struct, frozen=True):
    """A wait amid an answer until the test sets the event; better than a pause, as it never races."""

    event: asyncio.Event


class Cut(Struct, frozen=True):
    """The end of the connection, amid an answer."""


Part = str | bytes | Pause | Hold | Cut


class Call(Struct, frozen=True, kw_only=True):
    """A tool call that the fake model makes; its arguments are JSON text, streamed in two pieces."""

    name: str
    arguments: str = "{}"
    id: str | None = None


class Says(Struct, frozen=True):
    """A reply in good order: each text piece is one chunk, tool calls follow.

    `usage` is (prompt, completion) tokens. Pauses, holds and cuts may stand between the pieces. A request without
    `"stream": true` gets the same as one completion.
    """

    parts: tuple[Part, ...] = ()
    calls: tuple[Call, ...] = ()
    usage: tuple[int, int] | None = None
    finish: str | None = None
    """The finish reason; "stop", or "tool_calls" if there are calls, unless told otherwise."""
    model: str | None = None
    """The model that claims to answer; the one that was asked for unless told otherwise."""


class Fails(Struct, frozen=True):
    """An HTTP error, in the shape in which OpenAI sends one."""

    status: int
    message: str = "The fake provider was told to fail."
    headers: Mapping[str, str] = {}


class Sends(Struct, frozen=True):
    """An answer byte by byte as the test has it: anything that a server might do wrong."""

    parts: tuple[Part, ...] = ()
    status: int = 200
    content_type: str = "text/event-stream"
    headers: Mapping[str, str] = {}


Answer = Says | Fails | Sends


class Recorded(Struct, frozen=True, kw_only=True):
    """A request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    """Looked up without regard to case."""
    body: Json
    """Empty for a GET."""


def says(*parts: Part, usage: tuple[int, int] | None = (10, 5), **more: Any) -> Says:
    """Return a reply of these pieces of text; `more` are the other fields of `Says`."""
    return Says(parts, usage=usage, **more)


def calls(*wanted: Call, usage: tuple[int, int] | None = (10, 5), **more: Any) -> Says:
    """Return a reply that makes these tool calls; `more` are the other fields of `Says`."""
    return Says(calls=wanted, usage=usage, **more)


def sends(*parts: Part, **more: Any) -> Sends:
    """Return an answer of these very bytes; `more` are the other fields of `Sends`."""
    return Sends(parts, **more)


class FakeProvider:
    """A real HTTP server on a free port of this machine that speaks chat completions by script.

    Each request for a completion takes the next answer; a function in the script gets the request's body and
    returns the answer. After the last one `default` answers every request, or if there is none, a 500 that says so.
    """

    def __init__(
        self,
        *script: Answer | Callable[[Json], Answer],
        models: tuple[str, ...] | None = (_MODEL,),
        default: Answer | None = None,
    ) -> None:
        """`models` is what GET /models lists; None has it fail with a 404."""
        self.script: deque[Answer | Callable[[Json], Answer]] = deque(script)
        self.models = models
        self.default = default
        self.requests: list[Recorded] = []
        """Requests for completions, in the order in which they came."""
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
        """How many connections the requests for completions came over."""
        return len(self._peers)

    async def __aenter__(self) -> "FakeProvider":
        app = web.Application(client_max_size=_BODY_LIMIT)
        app.router.add_get("/v1/models", self._list_models)
        app.router.add_post("/v1/chat/completions", self._complete)
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

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        body = await self._record(request)
        entry = self.script.popleft() if self.script else self.default
        answer = entry(body) if callable(entry) else entry
        match answer:
            case None:
                return _error(500, "The fake provider's script has no answer left.", {})
            case Fails(status, message, headers):
                return _error(status, message, headers)
            case Says() if not body.get("stream"):
                return _json(_completion(answer, body))
            case Says():
                return await self._send(request, Sends(tuple(_stream(answer, body))))
            case Sends():
                return await self._send(request, answer)
            case _:
                assert_never(answer)

    async def _record(self, request: web.Request) -> Json:
        body: Json = msgspec.json.decode(await request.read())
        self.requests.append(Recorded(method=request.method, path=request.path, headers=request.headers, body=body))
        if request.transport is not None:
            self._peers.add(request.transport.get_extra_info("peername"))
        return body

    async def _send(self, request: web.Request, answer: Sends) -> web.StreamResponse:
        headers = {"Content-Type": answer.content_type, **answer.headers}
        response = web.StreamResponse(status=answer.status, headers=headers)
        try:
            await response.prepare(request)
            for part in answer.parts:
                await _play(part, request, response)
            await response.write_eof()
        except (ConnectionError, asyncio.CancelledError):
            self.left.set()
            raise
        return response


class FakeClock:
    """A clock that stands still until a test moves it on: `clock()` is the time, `clock.advance(60)` moves it."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        """`now` is in seconds since 1970-01-01 UTC."""
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        """Move the time on."""
        self.now += seconds


def event(chunk: Json | str) -> bytes:
    """Return a server-sent event that holds a chunk, or a mark such as [DONE]."""
    return b"data: " + (chunk.encode() if isinstance(chunk, str) else msgspec.json.encode(chunk)) + b"\n\n"


def chunk(delta: Json | None = None, *, finish: str | None = None, **more: Any) -> bytes:
    """Return the event of one chunk of a completion with this delta; `more` are other fields of the chunk."""
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    return event({"id": "chatcmpl-fake", "object": "chat.completion.chunk", "choices": choices, **more})


async def _play(part: Part, request: web.Request, response: web.StreamResponse) -> None:
    match part:
        case str():
            await response.write(part.encode())
        case bytes():
            await response.write(part)
        case Pause(seconds):
            await asyncio.sleep(seconds)
        case Hold(gate):
            await gate.wait()
        case Cut():
            if request.transport is not None:
                request.transport.abort()
        case _:
            assert_never(part)


def _stream(answer: Says, body: Json) -> list[Part]:
    model = answer.model or body.get("model")
    parts: list[Part] = [chunk({"role": "assistant", "content": ""}, model=model)]
    parts += [chunk({"content": part}, model=model) if isinstance(part, str) else part for part in answer.parts]
    for index, call in enumerate(answer.calls):
        parts += [chunk({"tool_calls": [delta]}, model=model) for delta in _call_deltas(index, call)]
    parts.append(chunk({}, finish=_finish(answer), model=model))
    if answer.usage is not None and (body.get("stream_options") or {}).get("include_usage"):
        parts.append(chunk(usage=_usage(*answer.usage), model=model))
    return [*parts, event("[DONE]")]


def _call_deltas(index: int, call: Call) -> list[Json]:
    middle = len(call.arguments) // 2
    first = {"index": index, "type": "function", **_call(index, call, "")}
    pieces = (call.arguments[:middle], call.arguments[middle:])
    return [first, *({"index": index, "function": {"arguments": piece}} for piece in pieces)]


def _call(index: int, call: Call, arguments: str) -> Json:
    return {"id": call.id or f"call_{index}", "function": {"name": call.name, "arguments": arguments}}


def _completion(answer: Says, body: Json) -> Json:
    text = "".join(part for part in answer.parts if isinstance(part, str))
    message: Json = {"role": "assistant", "content": text or None}
    if answer.calls:
        message["tool_calls"] = [
            {"type": "function", **_call(index, call, call.arguments)} for index, call in enumerate(answer.calls)
        ]
    completion = {
        "id": "chatcmpl-fake",
        "object": "chat.completion",
        "model": answer.model or body.get("model"),
        "choices": [{"index": 0, "message": message, "finish_reason": _finish(answer)}],
    }
    return completion if answer.usage is None else {**completion, "usage": _usage(*answer.usage)}


def _finish(answer: Says) -> str:
    return answer.finish or ("tool_calls" if answer.calls else "stop")


def _usage(prompt: int, completion: int) -> Json:
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }


def _error(status: int, message: str, headers: Mapping[str, str]) -> web.Response:
    error = {"message": message, "type": "fake_error", "param": None, "code": None}
    return _json({"error": error}, status=status, headers=headers)


def _json(body: Json, *, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(body=msgspec.json.encode(body), status=status, headers=headers, content_type="application/json")
