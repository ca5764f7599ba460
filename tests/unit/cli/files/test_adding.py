"""Adding files to a vector store, by an API that does as the test says."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec
import pytest

from retinue.cli.client.api import Api
from retinue.cli.client.door import Gone
from retinue.cli.client.form import Form
from retinue.cli.files.adding import Adding
from retinue.cli.files.objects import VectorStore

AHEAD = 8  # files that are uploaded beyond the one that is waited for
MANY = 30

T = TypeVar("T")


class Shelf:
    """A vector store behind the API: its files are read as they come, and end in the status that is told here."""

    def __init__(self) -> None:
        self.files: dict[str, dict[str, Any]] = {}
        self.ends = "completed"
        self.looks: Iterator[Exception | None] | None = None
        """What the next looks at a file come to; the last of them never ends."""
        self.stuck = asyncio.Event()
        self.full = asyncio.Event()

    def put(self, id_: str, status: str, **attributes: str) -> None:
        self.files[id_] = {"id": id_, "status": status, "attributes": attributes}

    async def get(self, path: str, type_: type[T]) -> T:
        if "?" in path:
            return msgspec.convert({"data": list(self.files.values()), "has_more": False}, type_)
        if self.looks is not None:
            await self._ahead_is_full()
            if (error := next(self.looks, None)) is None:
                self.stuck.set()
                await asyncio.Event().wait()
            else:
                raise error
        file = self.files[path.rpartition("/")[2]]
        file["status"] = self.ends
        return msgspec.convert(file, type_)

    async def _ahead_is_full(self) -> None:
        """Wait until all that can be uploaded ahead is, and whoever uploads has nothing left to do but wait."""
        await self.full.wait()
        for _ in range(10):
            await asyncio.sleep(0)

    async def upload(self, path: str, type_: type[T], form: Form) -> T:
        return msgspec.convert({"id": f"file-{len(self.files) + 1}"}, type_)

    async def post(self, path: str, type_: type[T], *, file_id: str, attributes: dict[str, str]) -> T:
        self.put(file_id, "in_progress", **attributes)
        if len(self.files) > AHEAD:
            self.full.set()
        return msgspec.convert(self.files[file_id], type_)

    async def delete(self, path: str, type_: type[T]) -> T:
        return msgspec.convert(self.files.pop(path.rpartition("/")[2]), type_)


class Nobody:
    """A watcher that looks away."""

    def reads(self, name: str) -> None: ...

    def settled(self) -> None: ...


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def adding_to(shelf: Shelf) -> Adding:
    return Adding(cast("Api", shelf), VectorStore(id="vs_1"), Nobody())  # a Shelf has what it asks of one


def written(folder: Path, count: int) -> list[Path]:
    paths = [folder / f"{number}.txt" for number in range(count)]
    for path in paths:
        path.write_text(path.name)
    return paths


async def test_a_server_that_goes_amid_many_files_ends_the_adding(shelf: Shelf, tmp_path: Path) -> None:
    shelf.looks = iter([Gone("The server has gone.")])
    async with asyncio.timeout(10):
        with pytest.raises(Gone):
            await adding_to(shelf).add(written(tmp_path, MANY))


async def test_an_interrupt_amid_many_files_ends_the_adding(shelf: Shelf, tmp_path: Path) -> None:
    shelf.looks = iter([])
    task = asyncio.create_task(adding_to(shelf).add(written(tmp_path, MANY)))
    await shelf.stuck.wait()
    task.cancel()
    await asyncio.wait([task], timeout=10)
    assert task.cancelled()


async def test_many_files_are_all_added(shelf: Shelf, tmp_path: Path) -> None:
    adding = adding_to(shelf)
    await adding.add(written(tmp_path, MANY))
    assert (adding.added.searchable, adding.added.handed_over) == (MANY, MANY)
    assert all(file["status"] == "completed" for file in shelf.files.values())
