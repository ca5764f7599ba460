"""An engine over a data folder, and what works beside it: which back end stands behind which seam is chosen here."""

import asyncio
import contextlib
import functools
import time
from collections.abc import AsyncIterator

from msgspec import Struct

from retinue.app.folder import BLOBS, DATABASE
from retinue.app.knowledge import KnowledgeOnDemand
from retinue.app.models import open_models
from retinue.app.prices import prices_of
from retinue.app.sessions import open_sessions
from retinue.blobs.folder import BlobFolder
from retinue.context import Context
from retinue.core.job import (
    CLEAR_BLOB,
    CLEAR_DOCUMENT,
    EXPIRE_CONTAINER,
    EXPIRE_FILE,
    EXPIRE_RUN,
    EXPIRE_UPLOAD,
    EXPIRE_VECTOR_STORE,
    INGEST_DOCUMENT,
)
from retinue.engine import Engine, Limits
from retinue.engine.commands import containers, files, uploads, vector_store_files, vector_stores
from retinue.engine.ingest import LONGEST_PAUSE_S, ingest
from retinue.engine.sweep import sweep
from retinue.jobs import Handler
from retinue.jobs.embedded import EmbeddedWorker
from retinue.models.discover import Serving
from retinue.models.routing.router import Router
from retinue.settings import Settings
from retinue.store import Store
from retinue.store.sqlite import SQLite
from retinue.tools import Toolbox

_PLACES = {INGEST_DOCUMENT: 1}
"""Files are read in the order in which they came: embedding one takes all cores."""

_LONGEST_WAITS_S = dict.fromkeys((INGEST_DOCUMENT, CLEAR_DOCUMENT), LONGEST_PAUSE_S)
"""Other kinds wait for days: for what is to expire."""


class Opened(Struct, frozen=True, kw_only=True):
    """An engine, and the models that answer in it."""

    engine: Engine
    model: Router
    serving: Serving


@contextlib.asynccontextmanager
async def open_engine(settings: Settings, store: Store, *, port: int, tools: Toolbox) -> AsyncIterator[Opened]:
    """Open the models and put an engine over them; `port` is where it is served, if it is."""
    blobs = BlobFolder(settings.data / BLOBS)
    profiles = await store.model_facts.list()
    async with contextlib.AsyncExitStack() as stack:
        model, serving = await stack.enter_async_context(open_models(settings, port, profiles))
        knowledge = KnowledgeOnDemand(settings, blobs, model)
        stack.push_async_callback(knowledge.close)
        sessions = await stack.enter_async_context(open_sessions())
        engine = Engine(
            store,
            blobs,
            model,
            clock=time.time,
            limits=Limits(expires_s=settings.run_expires_s, max_turns=settings.max_turns),
            price=prices_of(settings, model.addresses).of_call,
            context=Context(model, blobs, turns=settings.turns, reply_tokens=settings.reply_tokens),
            tools=tools,
            knowledge=knowledge,
            sessions=sessions,
        )
        yield Opened(engine=engine, model=model, serving=serving)


@contextlib.asynccontextmanager
async def store_of(settings: Settings) -> AsyncIterator[Store]:
    """Open the store of a folder that is held."""
    database = SQLite.open(settings.data / DATABASE, synchronous=settings.synchronous)
    try:
        yield await Store.open(database)
    finally:
        await database.close()


@contextlib.asynccontextmanager
async def at_work(engine: Engine) -> AsyncIterator[int]:
    """Have the engine work, and what is due beside it; gives how many runs of a process before it has taken up."""
    resumed = await engine.start()
    worker = EmbeddedWorker(
        engine.store.jobs,
        _handlers(engine),
        clock=time.time,
        places=_PLACES,
        longest_waits=_LONGEST_WAITS_S,
        added=engine.jobs_added,
    )
    worker.start()
    sweeping = asyncio.create_task(sweep(engine.store, engine.blobs), name="sweep")
    try:
        yield resumed
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
        INGEST_DOCUMENT: functools.partial(ingest, engine),
        EXPIRE_VECTOR_STORE: functools.partial(vector_stores.expire, engine),
        EXPIRE_CONTAINER: functools.partial(containers.expire, engine),
        CLEAR_BLOB: functools.partial(containers.clear_blob, engine),
        CLEAR_DOCUMENT: functools.partial(vector_store_files.clear, engine),
    }
