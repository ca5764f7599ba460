"""The door that holds: where a server has gone, the way in is found anew."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from msgspec import structs

from retinue.cli.chat.door import Answer, Request, Unreachable
from retinue.cli.chat.entering import Way, found, found_anew
from retinue.gateway import owner_token
from retinue.settings import Settings

_UNAUTHORIZED = 401


class Entrance:
    """See `Door`. What it sends is a project's."""

    def __init__(self, settings: Settings, project: str) -> None:
        self._settings, self._project = settings, project
        self._open = AsyncExitStack()
        self._way: Way | None = None

    @property
    def place(self) -> str:
        """Where it leads, for people; empty before the first request."""
        return self._way.place if self._way else ""

    @asynccontextmanager
    async def send(self, request: Request) -> AsyncIterator[Answer]:
        """See `Door.send`. Nothing is sent twice that may have been taken; also raises FolderInUse and NotStarted."""
        async with AsyncExitStack() as stack:
            way = self._way or await self._find()
            try:
                answer = await stack.enter_async_context(self._sent(way, request))
            except Unreachable:
                answer = None
            if answer is None or answer.status == _UNAUTHORIZED:  # a server that was started anew has another secret
                await stack.aclose()
                answer = await stack.enter_async_context(self._sent(await self._find_anew(), request))
            yield answer

    async def close(self) -> None:
        """See `Door.close`."""
        self._way = None
        await self._open.aclose()

    async def _find(self) -> Way:
        self._way = await found(self._settings, self._open)
        return self._way

    async def _find_anew(self) -> Way:
        await self.close()
        self._way = await found_anew(self._settings, self._open)
        return self._way

    @asynccontextmanager
    async def _sent(self, way: Way, request: Request) -> AsyncIterator[Answer]:
        headers = {**request.headers, "Authorization": f"Bearer {owner_token(way.secret, self._project)}"}
        async with way.door.send(structs.replace(request, headers=headers)) as answer:
            yield answer
