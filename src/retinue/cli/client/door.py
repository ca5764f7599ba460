"""The seam between a conversation and the API that it speaks: in this process, or a server's."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from msgspec import Struct

from retinue.core.errors import RetinueError


class Request(Struct, frozen=True, kw_only=True):
    """A request as HTTP has it."""

    method: str
    path: str
    """With its query, such as `/v1/models?limit=1`."""
    headers: Mapping[str, str] = {}
    body: bytes = b""


class Answer(Struct, frozen=True, kw_only=True):
    """An answer that has begun."""

    status: int
    pieces: AsyncIterator[bytes]
    """Its body as it comes; raises Gone where it breaks off."""


class Gone(RetinueError):
    """Nobody answers any more behind this door."""


class Unreachable(Gone):
    """Nobody took the request."""


class Door(Protocol):
    """Takes requests to the API."""

    def send(self, request: Request) -> AbstractAsyncContextManager[Answer]:
        """Send a request and give its answer; leaving the block lets go of what is left of it. Raises Gone."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
