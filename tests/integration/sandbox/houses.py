"""The back ends that this machine can run, and the users that it can run them as."""

import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from msgspec import Struct

from retinue.sandbox.base import Limits, SandboxFault
from retinue.sandbox.fork_server import ForkServer, WallsName
from retinue.sandbox.readable import readable

_NOBODY = 65534
_ROOT = os.geteuid() == 0


class House(Struct, frozen=True):
    """What a fork server is started with."""

    walls: WallsName
    user: int

    def __str__(self) -> str:
        return f"{self.walls}-{'root' if self.user == 0 else 'user'}"

    @asynccontextmanager
    async def sandbox(self, limits: Limits, folder: Path, *, place: Path | None = None) -> AsyncIterator[ForkServer]:
        """Start a fork server, or skip the test where there can't be one; what is needed for it goes to `folder`."""
        within = None if place is None else str(place)
        with self._python(folder):
            try:
                server = await ForkServer.start(
                    limits, libraries=["numpy"], readable=readable(), walls=self.walls, place=within
                )
            except SandboxFault as fault:
                pytest.skip(f"{self} can't be had here: {fault}")
        try:
            yield server
        finally:
            await server.close()

    @contextmanager
    def _python(self, folder: Path) -> Iterator[None]:
        """Have fork servers be started as the user."""
        if not _ROOT or (self.user == 0 and self.walls == "namespaces"):
            yield
            return
        wrapped = folder / "python"
        reach = Path(__file__).with_name("reach.py")
        wrapped.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P "{reach}" {self.user} "$@"\n')
        wrapped.chmod(0o755)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "executable", str(wrapped))
            yield


HOUSES = [
    House(walls, user) for walls in ("namespaces", "landlock") for user in ((0, _NOBODY) if _ROOT else (os.geteuid(),))
]
