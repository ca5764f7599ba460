"""A project on its way out: the objects that the API answers, one a line, as an import takes them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

import msgspec

from retinue.api.assistants import render
from retinue.api.lists import Json
from retinue.core.assistant import Assistant
from retinue.core.errors import NotFound
from retinue.core.item import Message
from retinue.core.paging import Page, PageQuery
from retinue.core.run import Run
from retinue.core.thread import Thread
from retinue.store import Scope

_PAGE = 100

T = TypeVar("T", Assistant, Thread, Message, Run)

_encode = msgspec.json.Encoder().encode


async def exported(scope: Scope) -> AsyncIterator[tuple[str, bytes]]:
    """Yield (kind, line) of all assistants and threads; after each thread its messages, oldest first, and its runs."""
    async for assistant in _all(scope.assistants.list):
        yield "assistant", _line(render.assistant(assistant))
    async for thread in _all(scope.threads.list):
        try:
            async for kind, line in _thread(scope, thread):
                yield kind, line
        except NotFound:
            pass  # it was deleted meanwhile


async def _thread(scope: Scope, thread: Thread) -> AsyncIterator[tuple[str, bytes]]:
    yield "thread", _line(render.thread(thread))
    async for message in _all(lambda query: scope.messages.list(thread.id, query)):
        yield "message", _line(render.message(message))
    async for run in _all(lambda query: scope.runs.list(thread.id, query)):
        yield "run", _line(render.run(run))


async def _all(read: Callable[[PageQuery], Awaitable[Page[T]]]) -> AsyncIterator[T]:
    """Yield all of a list, oldest first, page by page."""
    query = PageQuery(limit=_PAGE, order="asc")
    while True:
        page = await read(query)
        for value in page.data:
            yield value
        if not page.has_more:
            return
        query = PageQuery(limit=_PAGE, order="asc", after=page.data[-1].id)


def _line(value: Json) -> bytes:
    return _encode(value) + b"\n"
