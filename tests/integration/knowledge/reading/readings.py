"""A reader for tests that are written without async, and what it read."""

import asyncio
from contextlib import aclosing
from pathlib import Path

from retinue.core.vector_store import Chunking
from retinue.knowledge.reading.base import Window
from retinue.knowledge.reading.reader import Reader


class Readings:
    """Reads one file after another with one reader."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._runner = asyncio.Runner()
        self.reader = Reader()

    def read(self, content: bytes, name: str, chunking: Chunking | None = None) -> list[Window]:
        """Return the windows of a file with this content; raises Unreadable."""
        path = self._folder / "blob"
        path.write_bytes(content)
        return self._runner.run(read(self.reader, path, name, chunking or Chunking()))

    def text(self, content: bytes, name: str) -> str:
        """Return the text of a file with this content."""
        return "".join(window.text for window in self.read(content, name))

    def close(self) -> None:
        """End the reader and its loop."""
        self._runner.run(self.reader.close())
        self._runner.close()


async def read(reader: Reader, path: Path, name: str, chunking: Chunking, *, skip: int = 0) -> list[Window]:
    """Return the windows of a file."""
    async with aclosing(reader.read(path, name, chunking, skip=skip)) as batches:
        return [window async for batch in batches for window in batch.windows]


def peak_mb(reader: Reader) -> int:
    """Return how much memory the process that read last had at most, as Linux tells; 0 elsewhere."""
    status = Path(f"/proc/{pid_of(reader)}/status")
    return int(status.read_text().split("VmHWM:")[1].split()[0]) // 1024 if status.exists() else 0


def pid_of(reader: Reader) -> int:
    """Return the process that reads, or that did last."""
    [process] = reader._asked or reader._idle
    return process.pid
