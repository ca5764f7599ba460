"""What every `retinue files` command begins with: the folder whose API it asks, and as which project."""

import asyncio
import shlex
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from retinue.cli.client.api import Api
from retinue.cli.client.opening import open_api
from retinue.cli.settings import settings_of

T = TypeVar("T")


class Folder(Struct, frozen=True, kw_only=True):
    """A data folder, as the command line names it."""

    project: str
    data: Path | None = None
    config: Path | None = None

    @property
    def options(self) -> str:
        """What names it in another command, with a space before it; nothing where it is the usual one."""
        named = {
            "--project": self.project if self.project != "default" else "",
            "--data": self.data,
            "--config": self.config,
        }
        return "".join(f" {option} {shlex.quote(str(value))}" for option, value in named.items() if value)

    def ask(self, work: Callable[[Api], Awaitable[T]]) -> T:
        """Do something with the folder's API and return what came of it; raises RetinueError."""
        return asyncio.run(self._ask(work))

    async def _ask(self, work: Callable[[Api], Awaitable[T]]) -> T:
        settings = settings_of(data=self.data, config=self.config, log_level="error")
        async with open_api(settings, self.project) as api:
            return await work(api)
