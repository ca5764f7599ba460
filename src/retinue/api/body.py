"""Request bodies: read within bounds, parsed into typed values, refused with a sentence that names the field."""

import json
import sys
from typing import Any, TypeVar

import msgspec
from starlette.requests import ClientDisconnect, Request

from retinue.api.errors import BodyTooLarge
from retinue.api.headers import header
from retinue.core.errors import InvalidRequest
from retinue.core.invalid import explain, find_bad_text_in
from retinue.core.json_bounds import MAX_DEPTH, has_bad_text, is_too_deep

T = TypeVar("T")

MAX_BODY_BYTES = 32 << 20  # a thread with a hundred of the longest messages, and some room
_READ_AGAIN_BYTES = 4 << 20  # of a body that is read once more for the sake of a better sentence
_NAMED_BYTES = 1 << 20  # of a body in which the place of a bad text is looked for: that takes the time of everybody

_decoders: dict[type, "msgspec.json.Decoder[Any]"] = {}


async def read_body(request: Request) -> bytes:
    """Return the body; raises BodyTooLarge before it is in memory."""
    check_declared(request, MAX_BODY_BYTES)
    pieces: list[bytes] = []
    size, more = 0, True
    while more:
        piece, more = await _received(request)
        size += len(piece)
        if size > MAX_BODY_BYTES:
            raise _too_large(MAX_BODY_BYTES)
        pieces.append(piece)
    return b"".join(pieces)


def check_declared(request: Request, limit: int, *, beside: int = 0) -> None:
    """Raise BodyTooLarge for a body that says that it is longer than `limit` bytes, and some beside what they bound."""
    declared = header(request, b"content-length")
    if declared.isdigit() and int(declared) > limit + beside:
        raise _too_large(limit)


async def _received(request: Request) -> tuple[bytes, bool]:
    message = await request.receive()
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    return message.get("body", b""), message.get("more_body", False)


def parse(raw: bytes, type_: type[T]) -> T:
    """Return the JSON body as a value of `type_`; raises InvalidRequest. No body is an empty object."""
    raw = raw or b"{}"
    if is_too_deep(raw):
        raise InvalidRequest(f"The JSON body of your request is nested too deeply: it may have {MAX_DEPTH} levels.")
    if has_bad_text(raw):
        path = find_bad_text_in(raw) if len(raw) <= _NAMED_BYTES else None
        raise InvalidRequest(
            f"Invalid '{path or 'body'}': the text holds a NUL character or half of a surrogate pair, "
            "which can't be stored. Remove it.",
            param=path,
            code="invalid_value",
        )
    return _decoded(raw, type_)


def members(raw: bytes) -> dict[str, msgspec.Raw]:
    """Return the members of a body that `parse` has taken, each in its own bytes; of one that comes twice the last."""
    try:
        raw.decode()  # what `parse` passes over it does not read
    except UnicodeDecodeError as error:
        raise _unreadable(error) from error
    return _decoded(raw, dict[str, msgspec.Raw])


def _decoded(raw: bytes, type_: type[T]) -> T:
    try:
        return _decoder(type_).decode(raw)
    except msgspec.ValidationError as error:
        raise explain(str(error), _untyped(raw), type_) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _unreadable(error) from error
    except RecursionError as error:
        raise InvalidRequest("The JSON body of your request is nested too deeply.") from error


def _untyped(raw: bytes) -> Any:
    if len(raw) > _READ_AGAIN_BYTES:
        return None
    try:
        # unlike msgspec, it takes numbers without bounds, so that their place can be named
        return json.loads(raw, parse_int=_number)
    except (ValueError, RecursionError):  # beyond the place that was complained of there is worse
        return None


def _number(digits: str) -> int | float:
    return int(digits) if len(digits) < sys.int_info.default_max_str_digits else float(digits)  # infinite


def _decoder(type_: type[T]) -> "msgspec.json.Decoder[T]":
    decoder: msgspec.json.Decoder[T] | None = _decoders.get(type_)
    if decoder is None:
        decoder = _decoders[type_] = msgspec.json.Decoder(type_)
    return decoder


def _too_large(limit: int) -> BodyTooLarge:
    return BodyTooLarge(f"The request's body is larger than {limit >> 20} MB. Send less at a time.")


def _unreadable(error: Exception) -> InvalidRequest:
    return InvalidRequest(
        "We could not parse the JSON body of your request. The API expects valid JSON in UTF-8; "
        f"what is wrong: {error}."
    )
