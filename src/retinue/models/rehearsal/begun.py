"""A stream that has begun: what fails before its first piece is raised where it is asked for."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TypeVar

T = TypeVar("T")


async def begun(pieces: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
    """Return the same pieces once the first is there; raises what the stream raises before it."""
    first = await anext(pieces)
    return _from(first, pieces)


async def _from(first: T, pieces: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
    async with aclosing(pieces):
        yield first
        async for piece in pieces:
            yield piece
