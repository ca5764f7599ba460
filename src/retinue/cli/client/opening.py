"""The API of a data folder, open for a command."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from retinue.cli.client.api import Api
from retinue.cli.client.entrance import Entrance
from retinue.core.key import check_project
from retinue.settings import Settings


@asynccontextmanager
async def open_api(settings: Settings, project: str) -> AsyncIterator[Api]:
    """Give the API as this project's; raises RetinueError."""
    check_project(project)
    entrance = Entrance(settings, project)
    try:
        yield Api(entrance)
    finally:
        await entrance.close()
