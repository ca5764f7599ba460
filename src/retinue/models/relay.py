"""The other way through the seam: a request is handed on as it is, and its answer comes back byte by byte."""

from collections.abc import AsyncIterator, Mapping
from typing import Literal

import msgspec
from msgspec import Raw, Struct

from retinue.core.caller import Caller
from retinue.core.errors import ModelFault

Operation = Literal["chat/completions", "completions", "embeddings", "moderations"]
"""What is asked for, by its path under a provider's base URL."""


class RelayRequest(Struct, frozen=True, kw_only=True):
    """A request to hand on."""

    operation: Operation
    model: str | None
    """As the caller named it; the back end decides what serves it. None where the caller names none."""
    parameters: Mapping[str, Raw]
    """The body's own members, `model` among them where it is named, each in the caller's very bytes."""
    stream: bool = False
    caller: Caller | None = None
    """As in `ModelRequest`."""

    def body(self, model: str | None) -> bytes:
        """Return the body with this model in place of the one that was named."""
        named = {} if model is None else {"model": Raw(msgspec.json.encode(model))}
        return msgspec.json.encode({**self.parameters, **named})


class Relayed(Struct, frozen=True, kw_only=True):
    """An answer, or a refusal that is the caller's to read, in the API's own form."""

    status: int
    headers: Mapping[str, str]
    """Those of the provider that the caller should have, `content-type` among them; names in lower case."""
    pieces: AsyncIterator[bytes]
    """The body as it comes; of an event stream whole events. Raises ModelFault where it is broken off."""
    fault: ModelFault | None = None
    """What a refusal means, which another provider or a later moment may not have."""


def refusing(
    status: int, message: str, *, headers: Mapping[str, str] | None = None, code: str | None = None
) -> Relayed:
    """Return a refusal of our own making, in the API's form."""
    kind = "server_error" if status >= 500 else "invalid_request_error"
    error = {"message": message, "type": kind, "param": None, "code": code}
    return whole(msgspec.json.encode({"error": error}), status=status, headers=headers)


def whole(body: bytes, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Relayed:
    """Return an answer whose JSON is there already."""
    told = {**(headers or {}), "content-type": "application/json", "content-length": str(len(body))}
    return Relayed(status=status, headers=told, pieces=_once(body))


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body
