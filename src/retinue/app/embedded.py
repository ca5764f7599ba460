"""The API in this process, without a socket: what the terminal calls where no server has the folder."""

import contextlib
from collections.abc import AsyncIterator

from msgspec import Struct
from starlette.types import ASGIApp

from retinue.api import build_api
from retinue.app.entry import new_secret
from retinue.app.folder import hold
from retinue.app.running import at_work, open_engine, store_of
from retinue.app.tools import open_registry
from retinue.gateway import KeyAccess, OwnerAccess
from retinue.models.address import LOOPBACK
from retinue.settings import DEFAULT_PORT, Settings


class Embedded(Struct, frozen=True, kw_only=True):
    """The API as an ASGI app, and the secret that opens its projects."""

    app: ASGIApp
    secret: str


@contextlib.asynccontextmanager
async def embedded(settings: Settings) -> AsyncIterator[Embedded]:
    """Take the folder and run an engine over it; raises FolderInUse and NotStarted."""
    tools = open_registry(settings)
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(hold(settings.data))
        store = await stack.enter_async_context(store_of(settings))
        opened = await stack.enter_async_context(open_engine(settings, store, port=DEFAULT_PORT, tools=tools))
        await stack.enter_async_context(at_work(opened.engine))
        secret = new_secret()
        access = OwnerAccess(secret, KeyAccess(store.keys))
        default_model = opened.model.default_model
        app = build_api(opened.engine, opened.model, access, hosts=LOOPBACK, default_model=default_model)
        yield Embedded(app=app, secret=secret)
