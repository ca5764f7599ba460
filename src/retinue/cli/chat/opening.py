"""How the terminal comes to a conversation: through the server that has the data folder, or an engine of its own."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from msgspec import structs

from retinue.cli.chat.answer import Clock
from retinue.cli.chat.beginning import Wish, begun, note_last_thread
from retinue.cli.chat.session import Session
from retinue.cli.client.api import Api
from retinue.cli.client.entrance import Entrance
from retinue.cli.files.folder import Folder, none_in
from retinue.cli.files.vector_stores import NoDocuments
from retinue.core.assistant import TERMINAL_ID
from retinue.core.key import check_project
from retinue.settings import Exposure, Settings

_OWN_FUNCTIONS = (
    "--tools counts for nothing here: a server has the data folder, and runs the functions that it was started with. "
    "Start it with --tools, or talk in another folder with --data."
)


@asynccontextmanager
async def open_conversation(settings: Settings, wish: Wish) -> AsyncIterator[Session]:
    """Give the conversation; raises RetinueError, in a sentence, where there can be none."""
    check_project(wish.project)
    async with AsyncExitStack() as stack:
        entrance = Entrance(_with_functions(settings, wish.project), wish.project)
        stack.push_async_callback(entrance.close)
        api = Api(entrance)
        try:
            start = await begun(api, wish, default_assistant=settings.assistant)
        except NoDocuments as error:
            options = Folder(project=wish.project, data=settings.data).options
            raise none_in(settings.data, options, error) from None
        if wish.functions and entrance.served:
            start = structs.replace(start, notes=[*start.notes, _OWN_FUNCTIONS])
        clock = Clock(time.monotonic, asyncio.sleep)
        session = Session(api, start, clock=clock, began=note_last_thread(api), place=lambda: entrance.place)
        stack.push_async_callback(session.leave)
        yield session


def _with_functions(settings: Settings, project: str) -> Settings:
    """Return the settings with the functions the terminal's own, in an engine of its own, where no rule says whose."""
    if settings.expose or not settings.tools:
        return settings
    return structs.replace(settings, expose=(Exposure(assistants=(f"{project}/{TERMINAL_ID}",)),))
