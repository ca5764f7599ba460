"""Conversations as the terminal has them: in its own process, and through a server that has the folder."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import uvicorn
from starlette.types import ASGIApp

from retinue import __version__
from retinue.app.embedded import embedded
from retinue.app.entry import Entry, write_entry
from retinue.cli.chat.beginning import Wish
from retinue.cli.chat.conversation import Answered, Happening, Said
from retinue.cli.chat.opening import open_conversation
from retinue.cli.chat.session import Session
from retinue.cli.client.api import Api
from retinue.cli.client.entrance import Entrance
from retinue.settings import Settings
from retinue.testing import FakeProvider

BOTH_DOORS = pytest.mark.parametrize("door", ["in_process", "over_http"])


class Place:
    """A data folder with a provider for its models, and perhaps a server."""

    def __init__(self, settings: Settings, provider: FakeProvider) -> None:
        self.settings, self.provider = settings, provider

    def talk(self, **wish: Any) -> contextlib.AbstractAsyncContextManager[Session]:
        """Open a conversation."""
        return open_conversation(self.settings, Wish(**wish))

    @contextlib.asynccontextmanager
    async def api(self, project: str = "default") -> AsyncIterator[Api]:
        """The API as another program of the project's calls it."""
        entrance = Entrance(self.settings, project)
        yield Api(entrance)
        await entrance.close()

    def asked(self, request: int = -1) -> list[tuple[str, Any]]:
        """What the provider was shown in one of its requests: roles and contents."""
        messages = self.provider.requests[request].body["messages"]
        return [(message["role"], message["content"]) for message in messages]


@contextlib.asynccontextmanager
async def place(door: str, folder: Path, *script: Any, default: Any = None, **settings: Any) -> AsyncIterator[Place]:
    """Make a folder whose models are this script's; a server has it where the door is over HTTP."""
    async with FakeProvider(*script, default=default) as provider, contextlib.AsyncExitStack() as stack:
        settings = {"model": "fake-model", "synchronous": "normal", "patience_s": 0.05, **settings}
        of_server = Settings(data=folder / "data", base_url=provider.base_url, **settings)
        if door == "over_http":
            await stack.enter_async_context(server(of_server))
        yield Place(of_server, provider)


@contextlib.asynccontextmanager
async def server(settings: Settings) -> AsyncIterator[Entry]:
    """Have a server serve the folder, as `retinue serve` does; gives the way in."""
    async with embedded(settings) as own, listening(own.app) as url:
        entry = Entry(pid=os.getpid(), url=url, secret=own.secret, version=__version__)
        write_entry(settings.data, entry)
        yield entry


@contextlib.asynccontextmanager
async def listening(app: ASGIApp) -> AsyncIterator[str]:
    """Serve an app; gives its address."""
    config = uvicorn.Config(
        app, http="httptools", ws="none", lifespan="off", log_config=None, timeout_graceful_shutdown=1
    )
    serving = _Server(config)
    with socket.create_server(("127.0.0.1", 0)) as place_:
        task = asyncio.create_task(serving.serve(sockets=[place_]))
        try:
            yield f"http://127.0.0.1:{place_.getsockname()[1]}"
        finally:
            serving.should_exit = True
            await task


async def heard(happenings: AsyncGenerator[Happening, None]) -> list[Happening]:
    """All that happens."""
    return [happening async for happening in happenings]


async def answered(happenings: AsyncGenerator[Happening, None]) -> tuple[str, Answered]:
    """The text of an answer, and how it ended."""
    *before, last = await heard(happenings)
    assert isinstance(last, Answered), last
    return "".join(happening.text for happening in before if isinstance(happening, Said)), last


async def said(session: Session) -> list[tuple[str, str]]:
    """Who said what in the thread."""
    return [(exchange.role, exchange.text) for exchange in await session.exchanges()]


class _Server(uvicorn.Server):
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.should_exit = True
