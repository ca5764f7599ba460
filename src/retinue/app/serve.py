"""Puts a server together: the only place that knows which back end stands behind which seam."""

import asyncio
import contextlib
import functools
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path

import structlog
from msgspec import Struct

from retinue.api import build_api
from retinue.app.address import Address, find_address, host_names, listening_socket
from retinue.app.folder import BLOBS, DATABASE, hold
from retinue.app.http import HTTPServer
from retinue.app.keys import check_keys
from retinue.app.models import open_models
from retinue.app.prices import prices_of
from retinue.app.tools import open_registry
from retinue.blobs.folder import BlobFolder
from retinue.context import Context
from retinue.core.job import EXPIRE_FILE, EXPIRE_RUN, EXPIRE_UPLOAD
from retinue.core.key import Key
from retinue.engine import Engine, Limits
from retinue.engine.commands import files, uploads
from retinue.engine.sweep import sweep
from retinue.gateway import KeyAccess
from retinue.jobs import Handler
from retinue.jobs.embedded import EmbeddedWorker
from retinue.models.discover import Serving
from retinue.models.routing.router import Router
from retinue.settings import Settings
from retinue.store import Store
from retinue.store.sqlite import SQLite
from retinue.tools import Toolbox

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
    with hold(settings.data), listening_socket(address) as listening:
        port = listening.getsockname()[1]
        async with _engine(settings, address, port, tools) as (engine, model, serving):
            keys = engine.store.keys
            api = build_api(engine, model, KeyAccess(keys), hosts=host_names(settings))
            resumed = await engine.start()
            worker = EmbeddedWorker(engine.store.jobs, _handlers(engine), clock=time.time)
            worker.start()
            sweeping = asyncio.create_task(sweep(engine.store, engine.blobs), name="sweep")
            started = Started(
                url=address.url(port),
                everywhere=address.everywhere,
                keys=await keys.list(),
                data=settings.data,
                serving=serving,
                resumed=resumed,
                functions=tools.audiences(),
            )
            server = HTTPServer(api, drain=engine.stop, drain_s=settings.drain_s, announce=lambda: announce(started))
            try:
                await server.serve(listening)
            finally:
                sweeping.cancel()
                await asyncio.gather(sweeping, return_exceptions=True)
                await worker.stop()
                await engine.stop(drain_s=0)


def _handlers(engine: Engine) -> dict[str, Handler]:
    return {
        EXPIRE_RUN: engine.expire,
        EXPIRE_FILE: functools.partial(files.expire, engine),
        EXPIRE_UPLOAD: functools.partial(uploads.expire, engine),
    }


@contextlib.asynccontextmanager
async def _engine(
    settings: Settings, address: Address, port: int, tools: Toolbox
) -> AsyncIterator[tuple[Engine, Router, Serving]]:
    """Open the folder's store and the model."""
    async with contextlib.AsyncExitStack() as stack:
        database = SQLite.open(settings.data / DATABASE, synchronous=settings.synchronous)
        stack.push_async_callback(database.close)
        blobs = BlobFolder(settings.data / BLOBS)
        store = await Store.open(database)
        check_keys(address, await store.keys.list(), settings.data)
        profiles = await store.model_facts.list()
        model, serving = await stack.enter_async_context(open_models(settings, port, profiles))
        prices = prices_of(settings, model.addresses)
        limits = Limits(expires_s=settings.run_expires_s, max_turns=settings.max_turns)
        engine = Engine(
            store,
            blobs,
            model,
            clock=time.time,
            limits=limits,
            price=prices.of_call,
            context=Context(model, blobs, turns=settings.turns, reply_tokens=settings.reply_tokens),
            tools=tools,
        )
        yield engine, model, serving
