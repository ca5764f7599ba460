"""The door that holds: where a server has gone, the way in is found anew."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from msgspec import structs

from retinue.cli.client.door import Answer, Gone, Request, Unreachable
from retinue.cli.client.entering import Way, found, found_anew
from retinue.core.errors import NotStarted
from retinue.core.key import owner_token
from retinue.settings import Settings

_UNAUTHORIZED = 401


class Entrance:
    """See `Door`. What it sends is a project's."""

    def __init__(self, settings: Settings, project: str) -> None:
        self._settings, self._project = settings, project
        self._open = AsyncExitStack()
        self._way: Way | None = None
        self._was_served = False
        self._finding = asyncio.Lock()

    @property
    def place(self) -> str:
        """Where it leads, for people; empty before the first request."""
        return self._way.place if self._way else ""

    @property
    def served(self) -> bool:
        """Whether it leads to a server."""
        return self._way is not None and self._way.served

    @asynccontextmanager
    async def send(self, request: Request) -> AsyncIterator[Answer]:
        """See `Door.send`. Nothing is sent twice that may have been taken; also raises FolderInUse and NotStarted."""
        async with AsyncExitStack() as stack:
            way = self._way or await self._find()
            answer = None
            with suppress(Unreachable):
                if way.stands():
                    answer = await stack.enter_async_context(self._sent(way, request))
            if answer is None or answer.status == _UNAUTHORIZED:  # a server that was started anew has another secret
                await stack.aclose()
                answer = await stack.enter_async_context(self._sent(await self._find_anew(way), request))
            yield answer

    async def close(self) -> None:
        """See `Door.close`."""
        self._way = None
        await self._open.aclose()

    async def _find(self) -> Way:
        async with self._finding:
            if self._way is None:
                self._way = await self._found()
                self._was_served = self._way.served
            return self._way

    async def _find_anew(self, gone: Way) -> Way:
        async with self._finding:
            if self._way is None or self._way is gone:
                await self.close()
                self._way = await self._found()
            return self._way

    async def _found(self) -> Way:
        if not self._was_served:
            return await found(self._settings, self._open)
        try:
            return await found_anew(self._settings, self._open)
        except NotStarted as error:
            raise Gone(f"The server has gone. {error.message}") from error

    @asynccontextmanager
    async def _sent(self, way: Way, request: Request) -> AsyncIterator[Answer]:
        headers = {**request.headers, "Authorization": f"Bearer {owner_token(way.secret, self._project)}"}
        async with way.door.send(structs.replace(request, headers=headers)) as answer:
            yield answer
