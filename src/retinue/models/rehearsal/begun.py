"""A stream that has begun: what fails before its first event is raised where it is asked for."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from retinue.models.base import ModelEvent


async def begun(events: AsyncGenerator[ModelEvent, None]) -> AsyncGenerator[Sequence[ModelEvent], None]:
    """Return the same events, each a batch, once the first is there; raises what the stream raises before it."""
    first = await anext(events)
    return _from(first, events)


async def _from(
    first: ModelEvent, events: AsyncGenerator[ModelEvent, None]
) -> AsyncGenerator[Sequence[ModelEvent], None]:
    async with aclosing(events):
        yield (first,)
        async for event in events:
            yield (event,)
