"""Puts a server together, and serves."""

import contextlib
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import structlog
from msgspec import Struct

from retinue import __version__
from retinue.api import build_api
from retinue.app.address import find_address, host_names, listening_socket
from retinue.app.entry import Entry, new_secret, remove_entry, write_entry
from retinue.app.folder import hold
from retinue.app.http import HTTPServer
from retinue.app.keys import check_keys
from retinue.app.running import at_work, open_engine, store_of
from retinue.app.tools import open_registry
from retinue.core.key import Key
from retinue.gateway import KeyAccess, OwnerAccess
from retinue.models.discover import Serving
from retinue.settings import Settings

log = structlog.get_logger()


class Started(Struct, frozen=True, kw_only=True):
    """What a server that is about to serve can say of itself."""

    url: str
    """Where this machine finds it."""
    everywhere: bool
    """Whether it listens on every address of this machine."""
    keys: Sequence[Key]
    """All that were ever made; as long as there is none, any token will do."""
    data: Path
    serving: Serving
    resumed: int
    """How many runs of a process before this one it has taken up."""
    functions: Mapping[str, Sequence[str]]
    """The server's own, each with those that it runs for."""


async def serve(settings: Settings, announce: Callable[[Started], None]) -> None:
    """Serve until a signal to stop; raises NotStarted or FolderInUse if that can't begin."""
    address = find_address(settings.host, settings.port)
    tools = open_registry(settings)
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(hold(settings.data))
        listening = stack.enter_context(listening_socket(address))
        port = listening.getsockname()[1]
        store = await stack.enter_async_context(store_of(settings))
        keys = await store.keys.list()
        check_keys(address, keys, settings.data)
        opened = await stack.enter_async_context(open_engine(settings, store, port=port, tools=tools))
        resumed = await stack.enter_async_context(at_work(opened.engine))
        entry = Entry(pid=os.getpid(), url=address.url(port), secret=new_secret(), version=__version__)
        access = OwnerAccess(entry.secret, KeyAccess(store.keys))
        api = build_api(
            opened.engine, opened.model, access, hosts=host_names(settings), default_model=opened.model.default_model
        )
        started = Started(
            url=entry.url,
            everywhere=address.everywhere,
            keys=keys,
            data=settings.data,
            serving=opened.serving,
            resumed=resumed,
            functions=tools.audiences(),
        )

        def begin() -> None:
            _let_in(settings.data, entry)
            announce(started)
            opened.engine.sessions.start()  # now: what it loads takes a second of the machine's time

        async def drain(*, drain_s: float) -> None:
            remove_entry(settings.data)
            await opened.engine.stop(drain_s=drain_s)

        await HTTPServer(api, drain=drain, drain_s=settings.drain_s, announce=begin).serve(listening)


def _let_in(data: Path, entry: Entry) -> None:
    """Let the terminal in; a disk that is full must not keep us from serving."""
    try:
        write_entry(data, entry)
    except OSError as error:
        log.warning("terminal_not_let_in", why=error.strerror, file=str(data))
