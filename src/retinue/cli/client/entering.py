"""The way to the API of a data folder: through the server that has it, or an engine in this process."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial

from msgspec import Struct

from retinue import __version__
from retinue.app.entry import Entry, entry_in_force, still_serves
from retinue.app.folder import owner_of
from retinue.cli.client.door import Door, Gone, Request
from retinue.core.errors import FolderInUse, NotStarted
from retinue.settings import Settings

_HEALTH = Request(method="GET", path="/healthz")
_HEALTH_S = 5.0
_TRIES, _PAUSE_S = 50, 0.1  # while a server gets ready that has just taken the folder, or one ends that had it
_TRIES_FOR_SUCCESSOR = 30  # a server that is started anew must find its folder free


class Way(Struct, frozen=True, kw_only=True):
    """A way in, and the secret that opens it."""

    door: Door
    secret: str
    place: str
    """Where it leads, for people."""
    served: bool = False
    """Whether it leads to a server."""
    stands: Callable[[], bool] = lambda: True
    """Whether it still leads there: to a port that was left, nothing must be sent."""


async def found(settings: Settings, stack: AsyncExitStack) -> Way:
    """Return the way to the folder's API, open until the stack is left; raises FolderInUse and NotStarted."""
    for _ in range(_TRIES):
        if way := await _to_server(settings, stack):
            return way
        try:
            return await _own(settings, stack)
        except FolderInUse:
            await asyncio.sleep(_PAUSE_S)
    raise FolderInUse(
        f"Another Retinue{owner_of(settings.data)} has the data folder {settings.data} and takes nobody in: another "
        "terminal has it, or an import is under way. Wait for its end; or run `retinue serve`: any number of terminals "
        "can be its clients."
    )


async def found_anew(settings: Settings, stack: AsyncExitStack) -> Way:
    """Return the way after a server has gone: to the next one, if there is one soon; raises NotStarted.

    The folder is left free: a terminal that took it would keep the server from being started again.
    """
    for _ in range(_TRIES_FOR_SUCCESSOR):
        if way := await _to_server(settings, stack):
            return way
        await asyncio.sleep(_PAUSE_S)
    raise NotStarted("Start it again with `retinue serve` and try again; or leave: the next command does without it.")


async def _to_server(settings: Settings, stack: AsyncExitStack) -> Way | None:
    """Return the way to the folder's server; None where none answers: one that was killed leaves its file."""
    entry = entry_in_force(settings.data)
    if entry is None:
        return None
    from retinue.cli.client.over_http import OverHTTP  # one of the two, and each takes its time to import

    door = OverHTTP(entry.url)
    async with AsyncExitStack() as closing:
        closing.push_async_callback(door.close)
        if await _answers(door):
            _check_version(entry)
            stack.push_async_exit(closing.pop_all())
            return Way(
                door=door,
                secret=entry.secret,
                place=f"the server at {entry.url}",
                served=True,
                stands=partial(still_serves, settings.data, entry),
            )
    return None


async def _own(settings: Settings, stack: AsyncExitStack) -> Way:
    from retinue.app.embedded import embedded
    from retinue.cli.client.in_process import InProcess

    own = await stack.enter_async_context(embedded(settings))
    door = InProcess(own.app)
    stack.push_async_callback(door.close)
    return Way(door=door, secret=own.secret, place=f"{settings.data}, without a server")


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
