"""The way to the API of a data folder: through the server that has it, or an engine in this process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from retinue import __version__
from retinue.app.entry import Entry, read_entry
from retinue.app.folder import owner_of
from retinue.cli.chat.api import Api
from retinue.cli.chat.door import Door, Gone, Request
from retinue.core.errors import FolderInUse, NotStarted
from retinue.gateway import owner_token
from retinue.settings import Settings

_HEALTH = Request(method="GET", path="/healthz", headers={})
_HEALTH_S = 5.0
_TRIES, _PAUSE_S = 50, 0.1  # while a server gets ready that has just taken the folder, or one ends that had it


@asynccontextmanager
async def entered(settings: Settings, project: str) -> AsyncIterator[Api]:
    """Give the API as the project has it; raises FolderInUse and NotStarted."""
    async with AsyncExitStack() as stack:
        door, secret = await _found(settings, stack)
        stack.push_async_callback(door.close)
        yield Api(door, owner_token(secret, project))


async def _found(settings: Settings, stack: AsyncExitStack) -> tuple[Door, str]:
    for _ in range(_TRIES):
        if (entry := read_entry(settings.data)) and (door := await _to_server(entry)):
            return door, entry.secret
        try:
            return await _own(settings, stack)
        except FolderInUse:
            await asyncio.sleep(_PAUSE_S)
    raise FolderInUse(_taken(settings.data))


async def _to_server(entry: Entry) -> Door | None:
    """Return the door to a server; None where it is gone: one that was killed leaves its file."""
    from retinue.cli.chat.over_http import OverHTTP  # one of the two, and each takes its time to import

    door = OverHTTP(entry.url)
    async with AsyncExitStack() as closing:
        closing.push_async_callback(door.close)
        if await _answers(door):
            _check_version(entry)
            closing.pop_all()
            return door
    return None


async def _answers(door: Door) -> bool:
    try:
        async with asyncio.timeout(_HEALTH_S), door.send(_HEALTH) as answer:
            return answer.status == 200
    except (Gone, TimeoutError):
        return False


def _check_version(entry: Entry) -> None:
    if entry.version != __version__:
        raise NotStarted(
            f"The server that has the data folder is Retinue {entry.version}, and this is {__version__}. "
            "Call the command of the server's Retinue, or start the server anew with this one."
        )


async def _own(settings: Settings, stack: AsyncExitStack) -> tuple[Door, str]:
    from retinue.app.embedded import embedded
    from retinue.cli.chat.in_process import InProcess

    own = await stack.enter_async_context(embedded(settings))
    return InProcess(own.app), own.secret


def _taken(data: Path) -> str:
    return (
        f"Another Retinue{owner_of(data)} has the data folder {data} and takes nobody in: another terminal has it, "
        "or an import is under way. Wait for its end; or run `retinue serve`: any number of terminals can "
        "be its clients."
    )
