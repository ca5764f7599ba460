"""Adding files to a vector store, by an API that does as the test says."""

import asyncio
import os
from itertools import count
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

import msgspec
import pytest

from retinue.cli.client.api import Api
from retinue.cli.client.door import Gone
from retinue.cli.client.form import Form
from retinue.cli.files.adding import Adding
from retinue.cli.files.objects import VectorStore, Windows

AHEAD = 8  # files that are uploaded beyond the one that is waited for
MANY = 30

T = TypeVar("T")


class Shelf:
    """A vector store behind the API: its files are read as they come, and end in the status that is told here."""

    def __init__(self) -> None:
        self._ids = count(1)
        self.files: dict[str, dict[str, Any]] = {}
        self.ends = "completed"
        self.looks: Literal["end", "never end", "fail"] = "end"
        """What looking at a file comes to."""
        self.stored: list[int] = []
        """How many windows of ten are stored at each of the first looks."""
        self.looked = asyncio.Event()
        self.full = asyncio.Event()

    def put(self, id_: str, status: str, **attributes: str) -> None:
        self.files[id_] = {"id": id_, "status": status, "attributes": attributes}

    async def get(self, path: str, type_: type[T]) -> T:
        if "?" in path:
            return msgspec.convert({"data": list(self.files.values()), "has_more": False}, type_)
        if self.looks != "end":
            await self._ahead_is_full()
            self.looked.set()
        if self.looks == "fail":
            raise Gone("The server has gone.")
        if self.looks == "never end":
            await asyncio.Event().wait()
        file = self.files[path.rpartition("/")[2]]
        if self.stored:
            return msgspec.convert({**file, "retinue": {"windows": {"stored": self.stored.pop(0), "total": 10}}}, type_)
        file["status"] = self.ends
        return msgspec.convert(file, type_)

    async def _ahead_is_full(self) -> None:
        """Wait until all that can be uploaded ahead is, and whoever uploads has nothing left to do but wait."""
        await self.full.wait()
        for _ in range(10):
            await asyncio.sleep(0)

    async def upload(self, path: str, type_: type[T], form: Form) -> T:
        return msgspec.convert({"id": f"file-{next(self._ids)}"}, type_)

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

    def reached(self, windows: Windows) -> None: ...

    def settled(self) -> None: ...


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def adding_to(shelf: Shelf) -> Adding:
    return Adding(cast("Api", shelf), VectorStore(id="vs_1"), Nobody())  # a Shelf has what it asks of one


def written(folder: Path, many: int) -> list[Path]:
    paths = [folder / f"{number}.txt" for number in range(many)]
    for path in paths:
        path.write_text(path.name)
    return paths


async def test_a_server_that_goes_amid_many_files_ends_the_adding(shelf: Shelf, tmp_path: Path) -> None:
    shelf.looks = "fail"
    async with asyncio.timeout(10):
        with pytest.raises(Gone):
            await adding_to(shelf).add(written(tmp_path, MANY))


async def test_an_interrupt_amid_many_files_ends_the_adding(shelf: Shelf, tmp_path: Path) -> None:
    shelf.looks = "never end"
    task = asyncio.create_task(adding_to(shelf).add(written(tmp_path, MANY)))
    await shelf.looked.wait()
    task.cancel()
    await asyncio.wait([task], timeout=10)
    assert task.cancelled()


async def test_many_files_are_all_added(shelf: Shelf, tmp_path: Path) -> None:
    adding = adding_to(shelf)
    await adding.add(written(tmp_path, MANY))
    assert (adding.added.searchable, adding.added.handed_over) == (MANY, MANY)
    assert all(file["status"] == "completed" for file in shelf.files.values())


async def test_a_new_version_takes_the_place_of_all_before_it(shelf: Shelf, tmp_path: Path) -> None:
    """There may be several: a command that was broken off before it could delete the older one."""
    (path,) = written(tmp_path, 1)
    shelf.put("older", "completed", path=str(path), sha256="1")
    shelf.put("old", "completed", path=str(path), sha256="2")
    await adding_to(shelf).add([path])
    assert list(shelf.files) == ["file-1"]


async def test_of_an_unchanged_file_only_one_stays(shelf: Shelf, tmp_path: Path) -> None:
    paths = written(tmp_path, 1)
    await adding_to(shelf).add(paths)
    shelf.put("old", "completed", path=str(paths[0]), sha256="1")
    again = adding_to(shelf)
    await again.add(paths)
    assert (again.added.unchanged, list(shelf.files)) == (1, ["file-1"])


async def test_a_version_that_can_not_be_read_leaves_the_one_before_it(shelf: Shelf, tmp_path: Path) -> None:
    paths = written(tmp_path, 1)
    await adding_to(shelf).add(paths)
    paths[0].write_text("broken")
    shelf.ends = "failed"
    for attempt in (2, 3):
        again = adding_to(shelf)
        await again.add(paths)
        assert {id_: file["status"] for id_, file in shelf.files.items()} == {
            "file-1": "completed",
            f"file-{attempt}": "failed",
        }
        (failure,) = again.added.failures
        assert failure.why == "It is failed. What was there before is kept."


async def test_a_file_that_is_still_read_is_waited_for_and_not_sent_again(shelf: Shelf, tmp_path: Path) -> None:
    paths = written(tmp_path, 1)
    await adding_to(shelf).add(paths)
    shelf.files["file-1"]["status"] = "in_progress"
    again = adding_to(shelf)
    await again.add(paths)
    assert (again.added.searchable, list(shelf.files)) == (1, ["file-1"])


async def test_it_is_told_how_far_a_file_is_read(shelf: Shelf, tmp_path: Path) -> None:
    told: list[str | float] = []

    class Told:
        reads = staticmethod(told.append)

        def reached(self, windows: Windows) -> None:
            told.append(windows.part)

        def settled(self) -> None:
            told.append("settled")

    shelf.stored = [0, 4, 9]
    await Adding(cast("Api", shelf), VectorStore(id="vs_1"), Told()).add(written(tmp_path, 1))
    assert told == ["0.txt", 0.0, 0.4, 0.9, "settled"]


async def test_a_file_is_known_again_by_a_path_too_long_to_be_stored(shelf: Shelf, tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["folder" * 20] * 5)
    deep.mkdir(parents=True)
    paths = written(deep, 2)
    assert len(str(paths[0])) > 512
    await adding_to(shelf).add(paths)
    again = adding_to(shelf)
    await again.add(paths)
    assert (again.added.unchanged, len(shelf.files)) == (2, 2)
    assert all(len(value) <= 512 for file in shelf.files.values() for value in file["attributes"].values())


async def test_a_file_is_known_again_by_a_path_that_is_no_text(shelf: Shelf, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.txt")
    path.write_text("coffee")
    await adding_to(shelf).add([path])
    again = adding_to(shelf)
    await again.add([path])
    assert (again.added.unchanged, len(shelf.files)) == (1, 1)
    assert msgspec.json.encode(shelf.files)
