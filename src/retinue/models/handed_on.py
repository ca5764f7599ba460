"""A provider's answer, handed on: which headers, which refusals, and the body in whole events."""

from collections.abc import AsyncGenerator
from typing import Any

import msgspec

from retinue.models.faults.envelope import knows_the_path
from retinue.models.faults.faults import broken_off
from retinue.models.http.client import Response
from retinue.models.http.refusal import decoded, is_reply, redirect, refused, wrong_address
from retinue.models.http.silence import Silence
from retinue.models.http.sse import EVENT_STREAM
from retinue.models.http.upstream import FAILURES, Upstream, error_body_of
from retinue.models.relay import Operation, Relayed, refusing, whole

_HELD_LIMIT = 64 * 1024  # bytes of an event that is not whole yet; of a longer one, what there is goes on

_HEADERS = ("retry-after", "retry-after-ms", "x-should-retry")
_HEADER_FAMILY = "x-ratelimit-"
_OURS = (401, 403, 407)  # what these refuse is the server's own key, of which the caller knows nothing
_ENDS = (b"\n\n", b"\r\n\r\n")


async def hand_on(
    upstream: Upstream,
    response: Response,
    *,
    operation: Operation,
    model: str | None,
    first_seconds: float,
    idle_seconds: float,
) -> Relayed:
    """Return the answer as the caller gets it, once its body begins; raises ModelFault where there is none to hand on.

    What is the server's fault, such as its key or its address, is none; nor is what breaks off before its first byte.
    """
    if not is_reply(response):
        return await _refused(upstream, response, operation=operation, model=model or "")
    upstream.check_coding(response)
    headers = _headers(upstream, response)
    headers["content-type"] = _printable(response.headers.get("content-type", "")) or "application/json"
    # An event stream that breaks off is longer by the event that says so.
    if response.content_length is not None and response.content_type != EVENT_STREAM:
        headers["content-length"] = str(response.content_length)
    silence = Silence(response, first=first_seconds, idle=idle_seconds)
    pieces = _pieces(upstream, response, silence)
    await anext(pieces)  # an empty one, when the first byte is there
    return Relayed(status=response.status, headers=headers, pieces=pieces)


async def _refused(upstream: Upstream, response: Response, *, operation: Operation, model: str) -> Relayed:
    status = response.status
    if 300 <= status < 400:
        raise redirect(upstream, response)
    if not 400 <= status < 600:
        raise wrong_address(upstream, status)
    body = await error_body_of(response)
    error = decoded(body)
    if status in _OURS:
        raise refused(upstream, response, error, model=model)
    headers = _headers(upstream, response)
    fault = refused(upstream, response, error, model=model)
    if _is_openais(error):
        plain = body if b"\\u" not in body else msgspec.json.encode(error)  # a key can be written with escapes
        answer = whole(upstream.without_key(plain.decode()).encode(), status=status, headers=headers)
    elif status in (404, 405) and not knows_the_path(error):
        if operation == "chat/completions":
            raise wrong_address(upstream, status)
        answer = refusing(404, f"{upstream.name} does not serve /{operation} ({status}).", headers=headers)
    else:
        answer = refusing(status, fault.message, headers=headers)
    return msgspec.structs.replace(answer, fault=fault)


def _is_openais(error: Any) -> bool:
    inner = error.get("error") if isinstance(error, dict) else None
    return isinstance(inner, dict) and isinstance(inner.get("message"), str)


def _headers(upstream: Upstream, response: Response) -> dict[str, str]:
    """Return what the caller should know: when to come again, and how much is left."""
    told = {name: _printable(value) for name, value in response.headers.items()}
    wanted = {n: v for n, v in told.items() if v and (n in _HEADERS or n.startswith(_HEADER_FAMILY))}
    return {name: upstream.without_key(value) for name, value in wanted.items()}


def _printable(value: str) -> str:
    return value if value.isascii() and value.isprintable() else ""


async def _pieces(upstream: Upstream, response: Response, silence: Silence) -> AsyncGenerator[bytes, None]:
    """Yield nothing when the first byte is there, then the body; of an event stream, whole events.

    After whole events an error can be told.
    """
    streamed = response.content_type == EVENT_STREAM
    held, begun = b"", False
    try:
        while read := await response.read():
            if not begun:
                begun = True
                silence.begun()
                yield b""
            if streamed and (held or not read.endswith(_ENDS)):
                read, held = _whole_events(held + read)
            if read:
                yield read
    except FAILURES as exc:
        raise broken_off(upstream.name, upstream.why(exc)) if begun else upstream.unreached(exc) from exc
    finally:
        silence.end()
    if held or not begun:
        yield held


def _whole_events(read: bytes) -> tuple[bytes, bytes]:
    """Return the events that are whole, and the beginning of the next."""
    whole, mark, rest = read.rpartition(b"\n\n")
    if not mark:
        whole, mark, rest = read.rpartition(b"\r\n\r\n")
    return (read, b"") if len(rest) > _HELD_LIMIT else (whole + mark, rest)
