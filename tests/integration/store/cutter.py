"""A way to a PostgreSQL server that is cut at the commit: before it gets there, or before its answer comes back."""

import asyncio
import contextlib
import tempfile
from pathlib import Path
from typing import Literal

Cut = Literal["request", "answer"]


class Cutter:
    """A Unix socket in a folder of its own, behind which is the server's; `armed` cuts the next commit, once."""

    def __init__(self, server: Path) -> None:
        self._server = server
        self._folder = tempfile.TemporaryDirectory(prefix="cut")
        self._passing: set[asyncio.Task[None]] = set()
        self.armed: Cut | None = None
        self.cuts = 0

    @property
    def folder(self) -> str:
        return self._folder.name

    async def __aenter__(self) -> "Cutter":
        self._listener = await asyncio.start_unix_server(self._serve, Path(self.folder) / self._server.name)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listener.close()
        await asyncio.gather(*self._passing)
        self._folder.cleanup()

    async def _serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._passing.add(task)
        server, to_server = await asyncio.open_unix_connection(self._server)
        answered: asyncio.Event | None = None

        async def back() -> None:
            while data := await server.read(65536):
                if answered is None:
                    to_client.write(data)
                else:
                    answered.set()
            to_client.close()

        backwards = asyncio.create_task(back())
        while data := await client.read(65536):
            if cut := self.armed if b"COMMIT" in data else None:
                self.armed, self.cuts = None, self.cuts + 1
                if cut == "answer":
                    answered = asyncio.Event()
                    to_server.write(data)
                    await answered.wait()
                break
            to_server.write(data)
        to_client.close()
        to_server.close()
        with contextlib.suppress(OSError):
            await backwards
