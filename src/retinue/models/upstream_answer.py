"""A provider's answer, handed on: which headers, which refusals, and the body in whole events."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import msgspec

from retinue.models.faults import broken_off
from retinue.models.refusal import decoded, is_reply, knows_the_path, redirect, refused, wrong_address
from retinue.models.relay import Operation, Relayed, refusing, whole
from retinue.models.sse import EVENT_STREAM
from retinue.models.upstream import FAILURES, PAUSE_BYTES, Upstream, error_body_of

_HELD_LIMIT = 64 * 1024  # bytes of an event that is not whole yet; of a longer one, what there is goes on

_HEADERS = ("retry-after", "retry-after-ms", "x-should-retry")
_HEADER_FAMILY = "x-ratelimit-"
_OURS = (401, 403, 407)  # what these refuse is the server's own key, of which the caller knows nothing
_ENDS = (b"\n\n", b"\r\n\r\n")


async def hand_on(
    upstream: Upstream,
    response: aiohttp.ClientResponse,
    *,
    operation: Operation,
    model: str | None,
    idle_seconds: float,
) -> Relayed:
    """Return the answer as the caller gets it; raises ModelFault where the fault is the server's or its provider's."""
    if not is_reply(response):
        return await _refused(upstream, response, operation=operation, model=model or "")
    upstream.check_coding(response)
    headers = _headers(upstream, response)
    headers["content-type"] = _printable(response.headers.get("Content-Type", "")) or "application/json"
    # An event stream that breaks off is longer by the event that says so.
    if response.content_length is not None and response.content_type != EVENT_STREAM:
        headers["content-length"] = str(response.content_length)
    pieces = _pieces(upstream, response, idle_seconds=idle_seconds)
    return Relayed(status=response.status, headers=headers, pieces=pieces)


async def _refused(
    upstream: Upstream, response: aiohttp.ClientResponse, *, operation: Operation, model: str
) -> Relayed:
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
    if _is_openais(error):
        plain = body if b"\\u" not in body else msgspec.json.encode(error)  # a key can be written with escapes
        return whole(upstream.without_key(plain.decode()).encode(), status=status, headers=headers)
    if status in (404, 405) and not knows_the_path(error):
        if operation == "chat/completions":
            raise wrong_address(upstream, status)
        return refusing(404, f"{upstream.name} does not serve /{operation} ({status}).", headers=headers)
    return refusing(status, refused(upstream, response, error, model=model).message, headers=headers)


def _is_openais(error: Any) -> bool:
    inner = error.get("error") if isinstance(error, dict) else None
    return isinstance(inner, dict) and isinstance(inner.get("message"), str)


def _headers(upstream: Upstream, response: aiohttp.ClientResponse) -> dict[str, str]:
    """Return what the caller should know: when to come again, and how much is left."""
    told: Mapping[str, str] = {name.lower(): _printable(value) for name, value in response.headers.items()}
    wanted = {n: v for n, v in told.items() if v and (n in _HEADERS or n.startswith(_HEADER_FAMILY))}
    return {name: upstream.without_key(value) for name, value in wanted.items()}


def _printable(value: str) -> str:
    return value if value.isascii() and value.isprintable() else ""


async def _pieces(upstream: Upstream, response: aiohttp.ClientResponse, *, idle_seconds: float) -> AsyncIterator[bytes]:
    """Yield the body as it comes; of an event stream, whole events: after them an error can be told."""
    streamed = response.content_type == EVENT_STREAM
    held, taken = b"", 0
    try:
        async for read in response.content.iter_any():
            taken += len(read)
            if streamed and (held or not read.endswith(_ENDS)):
                read, held = _whole_events(held + read)
            if read:
                yield read
            if taken >= PAUSE_BYTES:
                taken = 0
                await asyncio.sleep(0)
    except FAILURES as exc:
        raise broken_off(upstream.name, upstream.why(exc, idle_seconds=idle_seconds)) from exc
    if held:
        yield held


def _whole_events(read: bytes) -> tuple[bytes, bytes]:
    """Return the events that are whole, and the beginning of the next."""
    end = max(read.rfind(mark) + len(mark) if mark in read else 0 for mark in _ENDS)
    return (read, b"") if len(read) - end > _HELD_LIMIT else (read[:end], read[end:])
