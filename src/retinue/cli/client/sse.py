"""The server's own events, out of a stream's bytes."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator

from msgspec import Struct

from retinue.core.errors import RetinueError

LIMIT = 32 << 20  # bytes of one event: a run bears its instructions, tools and pending calls
_DIGITS = 20
_BOUNDARY = b"\n\n"


class Event(Struct, frozen=True):
    """One event; `number` is its place in the run, where it has one."""

    name: str
    data: bytes
    number: int | None = None


async def events_of(pieces: AsyncIterator[bytes]) -> AsyncGenerator[Event, None]:
    """Yield whole events, however the bytes came; one that breaks off is none."""
    rest = b""
    async for piece in pieces:
        *blocks, rest = (rest + piece).split(_BOUNDARY)
        if len(rest) > LIMIT:
            raise RetinueError("The server sent an event that is longer than any can be.")
        for block in blocks:
            yield _event(block)


def _event(block: bytes) -> Event:
    fields = dict(_fields(block))
    number = fields.get(b"id", b"")
    return Event(
        fields.get(b"event", b"message").decode("utf-8", "replace"),
        fields.get(b"data", b""),
        int(number) if number.isdigit() and len(number) < _DIGITS else None,
    )


def _fields(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    for line in block.split(b"\n"):
        name, _, value = line.partition(b":")
        yield name, value.removeprefix(b" ")
