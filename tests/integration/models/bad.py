"""Bad things that providers do, each with what is to come of it: one table for the models and for the engine."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

from msgspec import Struct

from retinue.core.errors import Blame, RunErrorCode
from retinue.models.openai import OpenAICompatible
from retinue.models.provider.provider import Provider
from retinue.models.rehearsal import Rehearsal
from retinue.models.routing.router import Router
from retinue.models.timer import Timer
from retinue.testing import Answer, Call, Cut, Fails, FakeProvider, Pause, calls, chunk, event, raw, says, sends

SILENCE_S = 0.15  # where silence is what is told
LONG_S = 60.0  # elsewhere: no machine is that slow
NEVER = Pause(3_600)
DONE = event("[DONE]")
STOP = chunk({}, finish="stop")
HALF = (chunk({"content": "Hel"}), chunk({"content": "lo"}))
AT_ONCE = b"".join(HALF)  # before silence: it is told of what nobody was still sending
EMOJI = "😀".encode()
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
OLD_HEAD = b"HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
LONG = "x" * 1_000_000


class Bad(Struct, frozen=True, kw_only=True):
    """What a provider does, and what the model says or fails with."""

    answer: Answer | None
    """None where nothing listens."""
    said: str = ""
    fault: str | None = None
    """Words of it; None where it is no failure."""
    blame: Blame = "moment"
    code: RunErrorCode = "server_error"
    calls: tuple[str, ...] = ()
    """Arguments of the tool calls."""
    counted: bool = True
    """Whether the usage is the provider's own."""
    silent: Literal["first", "idle"] | None = None
    """Which wait for it has no end: that for its beginning, or one amid it."""


def _tool(index: int | None = 0, **more: Any) -> bytes:
    return chunk({"tool_calls": [{"index": index, **more}]})


def _function(arguments: str = "{}") -> dict[str, str]:
    return {"name": "get_a", "arguments": arguments}


BAD = {
    "429": Bad(answer=Fails(429, "Slow down."), fault="Slow down.", code="rate_limit_exceeded"),
    "429 for a while": Bad(
        answer=Fails(429, "Slow down.", {"Retry-After": "7"}), fault="alone for 7 s", code="rate_limit_exceeded"
    ),
    "429 for good": Bad(
        answer=sends(
            b'{"error": {"message": "No money left.", "code": "insufficient_quota"}}',
            status=429,
            content_type="application/json",
        ),
        fault="No money left.",
        blame="provider",
        code="rate_limit_exceeded",
    ),
    "500": Bad(answer=Fails(500, "Oh no."), fault="Oh no."),
    "529": Bad(answer=Fails(529, "Overloaded."), fault="Overloaded."),
    "401": Bad(answer=Fails(401, "Who?"), fault="refused the API key", blame="provider"),
    "404": Bad(answer=Fails(404, "None."), fault="has no model", blame="provider"),
    "400": Bad(answer=Fails(400, "Bad."), fault="did not accept", blame="request", code="invalid_prompt"),
    "a redirect": Bad(answer=sends(status=308), fault="it redirects", blame="provider"),
    "a page": Bad(answer=sends(b"<html>", content_type="text/html"), fault="seems wrong", blame="provider"),
    "refused": Bad(answer=None, fault="nothing listens"),
    "reset before the head": Bad(answer=raw(Cut()), fault="the connection was lost."),
    "closed before the head": Bad(answer=raw(), fault="the connection was lost."),
    "reset after the head": Bad(answer=raw(HEAD, Cut()), fault="the connection was lost."),
    "reset within the stream": Bad(
        answer=raw(HEAD, b"%x\r\n%s\r\n" % (len(AT_ONCE), AT_ONCE), NEVER),
        said="Hello",
        fault="nothing came for 0.15 s.",
        silent="idle",
    ),
    "cut within the stream": Bad(answer=sends(*HALF), said="Hello", fault="the stream ended too early."),
    "silent before the head": Bad(answer=raw(NEVER), fault="did not begin to answer within 0.15 s.", silent="first"),
    "silent before the first byte": Bad(
        answer=sends(NEVER), fault="did not begin to answer within 0.15 s.", silent="first"
    ),
    "silent within the stream": Bad(
        answer=sends(AT_ONCE, NEVER), said="Hello", fault="nothing came for 0.15 s.", silent="idle"
    ),
    "silent after the last piece": Bad(answer=sends(AT_ONCE + STOP, NEVER), said="Hello", counted=False, silent="idle"),
    "a character in two reads": Bad(
        answer=sends(b'data: {"choices":[{"delta":{"content":"' + EMOJI[:2], EMOJI[2:] + b'"}}]}\n\n', STOP, DONE),
        said="😀",
        counted=False,
    ),
    "half a character at the end": Bad(
        answer=sends(*HALF, b'data: {"choices":[{"delta":{"content":"' + EMOJI[:2]), said="Hello", fault="no valid JSON"
    ),
    "half an emoji in JSON": Bad(
        answer=sends(b'data: {"choices":[{"delta":{"content":"Hi \\ud83d"}}]}\n\n', STOP, DONE),
        said="Hi \ufffd",
        counted=False,
    ),
    "a chunk of 1 MB": Bad(answer=says(LONG), said=LONG),
    "unknown fields": Bad(
        answer=sends(chunk({"content": "Hi", "mood": {"a": [1]}}, x_groq={"id": 1}, obfuscation="kJ"), STOP, DONE),
        said="Hi",
        counted=False,
    ),
    "no usage": Bad(answer=says("Hi", usage=None), said="Hi", counted=False),
    "broken arguments": Bad(answer=calls(Call(name="get_a", arguments='{"x": '), usage=(10, 5)), calls=('{"x": ',)),
    "no ids": Bad(
        answer=sends(_tool(0, function=_function()), _tool(1, function=_function('{"b":1}')), STOP, DONE),
        calls=("{}", '{"b":1}'),
        counted=False,
    ),
    "the same id twice": Bad(
        answer=calls(Call(name="get_a", id="call_x"), Call(name="get_b", id="call_x"), usage=(10, 5)),
        calls=("{}", "{}"),
    ),
    "no name": Bad(answer=sends(_tool(0, id="call_x"), STOP, DONE), fault="called a tool without naming it"),
    "a finish reason of nobody's": Bad(answer=says("Hi", finish="banana"), said="Hi"),
    "calls that end with stop": Bad(answer=calls(Call(name="get_a"), finish="stop", usage=(10, 5)), calls=("{}",)),
    "text that ends with tool_calls": Bad(answer=says("Hi", finish="tool_calls"), said="Hi"),
    "gzip": Bad(
        answer=sends(gzip.compress(b"data: {}\n\n"), headers={"Content-Encoding": "gzip"}),
        fault="compressed its answer",
        blame="provider",
    ),
    "HTTP/1.0": Bad(answer=raw(OLD_HEAD, *HALF, STOP, DONE), said="Hello", counted=False),
    "chunks of garbage": Bad(answer=raw(HEAD + b"zz\r\nzz\r\n"), fault="no valid HTTP", blame="provider"),
    "no HTTP": Bad(answer=raw(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), fault="no valid HTTP", blame="provider"),
    "an error as the first event": Bad(
        answer=sends(event({"error": {"message": "Too hot.", "code": 503}}), NEVER), fault="Too hot."
    ),
    "an error within the stream": Bad(
        answer=sends(*HALF, event({"error": {"message": "Too hot."}}), NEVER), said="Hello", fault="Too hot."
    ),
    "an answer that is no JSON": Bad(answer=sends(*HALF, b"data: oh no\n\n"), said="Hello", fault="no JSON object"),
}


@asynccontextmanager
async def doing(
    bad: Bad,
    *,
    timer: Timer | None = None,
    patience_s: float = 0,
    silence_s: float = SILENCE_S,
    arrived: asyncio.Event | None = None,
) -> AsyncIterator[Router]:
    """The models over a provider that does this, and always does; `arrived` is set when it is asked."""

    def answer(_: object) -> Answer:
        if arrived:
            arrived.set()
        return bad.answer or raw()

    fake = FakeProvider(default=answer)
    async with fake:
        address = fake.base_url if bad.answer else "http://127.0.0.1:1/v1"
        wire = OpenAICompatible(
            address,
            None,
            name="acme",
            label="Acme",
            first_byte_seconds=silence_s if bad.silent == "first" else LONG_S,
            idle_seconds=silence_s if bad.silent == "idle" else LONG_S,
        )
        timer = timer or Timer()
        router = Router([Provider(wire, timer=timer)], Rehearsal(), patience_s=patience_s, timer=timer)
        try:
            yield router
        finally:
            await router.close()
