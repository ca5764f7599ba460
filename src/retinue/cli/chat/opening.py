"""How the terminal comes to a conversation: through the server that has the data folder, or an engine of its own."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from retinue.cli.chat.answer import Clock
from retinue.cli.chat.api import Api
from retinue.cli.chat.beginning import Wish, begun, note_last_thread
from retinue.cli.chat.entrance import Entrance
from retinue.cli.chat.session import Session
from retinue.core.key import check_project
from retinue.settings import Settings


@asynccontextmanager
async def open_conversation(settings: Settings, wish: Wish) -> AsyncIterator[Session]:
    """Give the conversation; raises RetinueError, in a sentence, where there can be none."""
    check_project(wish.project)
    async with AsyncExitStack() as stack:
        entrance = Entrance(settings, wish.project)
        stack.push_async_callback(entrance.close)
        api = Api(entrance)
        start = await begun(api, wish, default_assistant=settings.assistant)
        clock = Clock(time.monotonic, asyncio.sleep)
        session = Session(api, start, clock=clock, began=note_last_thread(api), place=lambda: entrance.place)
        stack.push_async_callback(session.leave)
        yield session
