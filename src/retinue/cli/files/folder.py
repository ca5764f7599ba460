"""What every `retinue files` command begins with: the folder whose API it asks, and as which project."""

import asyncio
import shlex
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from retinue.cli.client.api import Api
from retinue.cli.client.opening import open_api
from retinue.cli.files.vector_stores import NoDocuments
from retinue.cli.say import say
from retinue.cli.settings import settings_of
from retinue.settings import Settings

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

    def ask(self, work: Callable[[Api], Awaitable[T]], *, makes: bool = False) -> T:
        """Do something with the folder's API and return what came of it; raises RetinueError.

        Which folder that is is told first. One that isn't there is made where the work `makes` something, else there is
        nothing to ask.
        """
        settings = settings_of(data=self.data, config=self.config, log_level="error")
        if not makes and not settings.data.exists():
            raise none_in(settings.data, self.options)
        say(f"Data folder: {settings.data}", err=True)
        try:
            return asyncio.run(self._ask(settings, work))
        except NoDocuments as error:
            raise none_in(settings.data, self.options, error) from None

    async def _ask(self, settings: Settings, work: Callable[[Api], Awaitable[T]]) -> T:
        async with open_api(settings, self.project) as api:
            return await work(api)


def none_in(data: Path, options: str, error: NoDocuments | None = None) -> NoDocuments:
    """Return the error that there are no documents in a data folder, with the command that adds some."""
    new = "" if data.exists() else ", which does not exist yet"
    none = f"There are no documents yet in {data}{new}. Add some:\n  retinue files add FOLDER{options}"
    return NoDocuments(f"{error.message} {none}" if error and error.message else none)
