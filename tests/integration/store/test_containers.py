"""Containers and their files: stored whole, placed by path, gone with what they belong to, and no bytes left over."""

import asyncio
from typing import Any

import pytest
from msgspec import structs

from retinue.core.container import Collected, ContainerFile
from retinue.core.container_paths import MAX_FILES
from retinue.core.errors import InvalidRequest, NotFound
from retinue.core.history import RunChange
from retinue.core.job import CLEAR_BLOB, EXPIRE_CONTAINER
from retinue.core.paging import PageQuery
from retinue.core.run import Status
from retinue.core.tools import ToolResources
from retinue.store import Database, Scope, Store, Transaction
from store import rows

ALL = PageQuery(limit=100, order="asc")
OVER = rows.NOW + 20 * 60


async def jobs(database: Database, kind: str) -> list[tuple[Any, ...]]:
    async def work(tx: Transaction) -> list[tuple[Any, ...]]:
        return await tx.all("SELECT key, due FROM jobs WHERE kind = ? ORDER BY key", kind)

    return await database.read(work)


async def uses(database: Database) -> list[tuple[Any, ...]]:
    async def work(tx: Transaction) -> list[tuple[Any, ...]]:
        return await tx.all("SELECT file, owner FROM file_uses ORDER BY file, owner")

    return await database.read(work)


async def paths(scope: Scope, container: str = "cntr_1") -> list[str]:
    return [file.path for file in await scope.container_files.all(container)]


async def collect(scope: Scope, collected: Collected) -> None:
    """As a run does whose code has ended."""
    await scope.threads.insert(rows.thread())
    run = rows.run()
    await scope.runs.create(run)
    await scope.runs.commit(RunChange(run=rows.moved(run, Status.IN_PROGRESS), collected=(collected,)))


# Containers


async def test_a_container_is_read_back_whole_and_its_expiry_is_a_job(scope: Scope, database: Database) -> None:
    container = rows.container(memory_limit="4g", expires_minutes=7)
    await scope.containers.insert(container)
    assert await scope.containers.get("cntr_1") == container
    assert await jobs(database, EXPIRE_CONTAINER) == [("cntr_1", rows.NOW + 7 * 60)]
    assert await scope.containers.delete("cntr_1") == []
    assert await jobs(database, EXPIRE_CONTAINER) == []
    with pytest.raises(NotFound, match="No container found with id 'cntr_1'"):
        await scope.containers.get("cntr_1")
    with pytest.raises(NotFound):
        await scope.containers.delete("cntr_1")


async def test_containers_of_a_name_are_listed_alone(scope: Scope) -> None:
    for n, name in enumerate(["a", "b", "a"]):
        await scope.containers.insert(structs.replace(rows.container(f"cntr_{n}"), name=name))
    assert [c.id for c in (await scope.containers.list(ALL, name="a")).data] == ["cntr_0", "cntr_2"]
    assert [c.id for c in (await scope.containers.list(PageQuery(limit=2))).data] == ["cntr_2", "cntr_1"]
    await scope.containers.delete("cntr_1")
    assert [c.id for c in (await scope.containers.list(PageQuery(after="cntr_1"))).data] == ["cntr_0"]


async def test_another_project_sees_nothing_of_it(store: Store, scope: Scope) -> None:
    other = store.scoped("other")
    await scope.threads.insert(rows.thread())
    await scope.containers.of_thread("thread_1", rows.thread_container())
    await scope.containers.insert(rows.container())
    await scope.container_files.put(rows.container_file())
    await scope.files.insert(rows.file())
    assert (await other.containers.list(ALL)).data == []
    assert await other.containers.find_of_thread("thread_1") is None
    assert await other.container_files.all("cntr_1") == []
    await other.containers.touch("cntr_1", at=rows.NOW + 60)
    assert await other.containers.expire("cntr_1", now=OVER) == ()
    for asked in (
        other.containers.get("cntr_1"),
        other.containers.delete("cntr_1"),
        other.containers.of_thread("thread_1", rows.thread_container(id_="cntr_o")),
        other.containers.insert(rows.container("cntr_o"), [rows.container_file(of="cntr_o", file_id="file-1")]),
        other.container_files.list("cntr_1", ALL),
        other.container_files.get("cntr_1", "cfile_1"),
        other.container_files.put(rows.container_file("cfile_2")),
        other.container_files.delete("cntr_1", "cfile_1"),
    ):
        with pytest.raises(NotFound):
            await asked
    assert await scope.containers.get("cntr_1") == rows.container()
    assert await paths(scope) == ["cfile_1.txt"]


async def test_a_thread_has_one_container_however_many_ask_at_once(scope: Scope) -> None:
    await scope.threads.insert(rows.thread())
    assert await scope.containers.find_of_thread("thread_1") is None
    asked = (scope.containers.of_thread("thread_1", rows.thread_container(id_=f"cntr_{n}")) for n in range(5))
    first, *others = await asyncio.gather(*asked)
    assert others == [first] * 4
    assert await scope.containers.find_of_thread("thread_1") == first
    assert (await scope.containers.list(ALL)).data == [first]


async def test_a_thread_that_is_gone_gets_no_container(scope: Scope) -> None:
    with pytest.raises(NotFound, match="thread"):
        await scope.containers.of_thread("thread_1", rows.thread_container())


async def test_a_thread_takes_its_container_along(scope: Scope, database: Database) -> None:
    await scope.threads.insert(rows.thread())
    await scope.files.insert(rows.file())
    await scope.containers.of_thread("thread_1", rows.thread_container())
    await scope.container_files.put(rows.container_file("cfile_1", of="cntr_t"))
    await scope.container_files.put(rows.container_file("cfile_2", of="cntr_t", file_id="file-1"))
    assert (await scope.threads.delete("thread_1")).blobs == ["blob_of_cfile_1"]
    assert (await scope.containers.list(ALL)).data == []
    assert await scope.container_files.all("cntr_t") == []
    assert await scope.files.get("file-1") == rows.file()


async def test_use_puts_the_end_off_but_brings_nothing_back(scope: Scope, database: Database) -> None:
    await scope.containers.insert(rows.container())
    await scope.container_files.put(rows.container_file())
    await scope.containers.touch("cntr_1", at=rows.NOW + 60)
    assert (await scope.containers.get("cntr_1")).last_active_at == rows.NOW + 60
    await scope.containers.touch("cntr_1", at=rows.NOW + 61)  # of which the last noted use is as good
    assert (await scope.containers.get("cntr_1")).last_active_at == rows.NOW + 60
    assert await scope.containers.expire("cntr_1", now=OVER) is None
    assert await jobs(database, EXPIRE_CONTAINER) == [("cntr_1", OVER + 60)]
    assert await scope.containers.expire("cntr_1", now=OVER + 60) == ["blob_of_cfile_1"]
    await scope.containers.touch("cntr_1", at=OVER + 70)
    assert (await scope.containers.get("cntr_1")).is_over(OVER + 70)
    assert await paths(scope) == []


# Files


async def test_a_file_is_read_back_whole_and_listed(scope: Scope) -> None:
    await scope.containers.insert(rows.container())
    files = [rows.container_file(f"cfile_{n}", path=path) for n, path in enumerate(["b", "Ünï/🧵", "a"])]
    for file in files:
        assert await scope.container_files.put(file) is None
    assert await scope.container_files.get("cntr_1", "cfile_1") == files[1]
    assert await paths(scope) == ["a", "b", "Ünï/🧵"]
    assert (await scope.container_files.list("cntr_1", ALL)).data == files
    assert await scope.container_files.delete("cntr_1", "cfile_1") == "blob_of_cfile_1"
    assert (await scope.container_files.list("cntr_1", PageQuery(order="asc", after="cfile_1"))).data == files[2:]
    for asked in (scope.container_files.get("cntr_1", "cfile_1"), scope.container_files.delete("cntr_1", "cfile_1")):
        with pytest.raises(NotFound, match="No container file found"):
            await asked


async def test_a_file_takes_the_place_of_one_of_its_path(scope: Scope) -> None:
    await scope.containers.insert(rows.container())
    await scope.container_files.put(rows.container_file("cfile_1", path="a"))
    new = rows.container_file("cfile_2", path="a", at=rows.NOW + 9)
    assert await scope.container_files.put(new) == "blob_of_cfile_1"
    assert await scope.container_files.all("cntr_1") == [new]
    assert (await scope.containers.get("cntr_1")).last_active_at == rows.NOW + 9


async def test_a_container_is_full_some_time(scope: Scope) -> None:
    files = [rows.container_file(f"cfile_{n:04}") for n in range(MAX_FILES)]
    await scope.containers.insert(rows.container(), files)
    with pytest.raises(InvalidRequest, match="has 1000 files already"):
        await scope.container_files.put(rows.container_file("cfile_one_more"))
    replacing = rows.container_file("cfile_new", path="cfile_0000.txt")
    assert await scope.container_files.put(replacing) == "blob_of_cfile_0000"


async def test_what_has_expired_takes_no_files(scope: Scope) -> None:
    await scope.containers.insert(rows.container())
    with pytest.raises(InvalidRequest, match="has expired, and its files are gone"):
        await scope.container_files.put(rows.container_file(at=OVER))


async def test_a_stored_file_that_is_not_there_is_not_placed(scope: Scope) -> None:
    lost = rows.container_file(file_id="file-1")
    with pytest.raises(NotFound, match="No such File object: file-1"):
        await scope.containers.insert(rows.container(), [lost])
    await scope.containers.insert(rows.container())
    with pytest.raises(NotFound, match="No such File object: file-1"):
        await scope.container_files.put(lost)


async def test_a_deleted_file_is_taken_out_of_every_container(scope: Scope) -> None:
    await scope.files.insert(rows.file())
    for id_ in ("cntr_1", "cntr_2"):
        await scope.containers.insert(rows.container(id_), [rows.container_file(of=id_, file_id="file-1")])
    await scope.container_files.put(rows.container_file("cfile_own"))
    await scope.files.delete("file-1")
    assert (await paths(scope), await paths(scope, "cntr_2")) == (["cfile_own.txt"], [])


async def test_bytes_of_containers_have_an_owner(scope: Scope, store: Store) -> None:
    await scope.containers.insert(rows.container(), [rows.container_file()])
    assert await store.unowned_blobs(["blob_of_cfile_1", "blob_x"]) == ["blob_x"]


# What code left behind


async def test_what_code_left_is_placed_by_path_and_the_rest_cleared(scope: Scope, database: Database) -> None:
    await scope.containers.insert(
        rows.container(), [rows.container_file("cfile_1", path="a"), rows.container_file("cfile_2", path="b")]
    )
    written = rows.container_file("cfile_3", path="a", file_id="file-w", source="assistant")
    at = rows.NOW + 30
    change = Collected(
        container=rows.container(at=at), files=(rows.file("file-w"),), placed=(written,), removed=("b", "never")
    )
    await collect(scope, change)
    assert await scope.container_files.all("cntr_1") == [written]
    assert await scope.files.get("file-w") == rows.file("file-w")
    assert (await scope.containers.get("cntr_1")).last_active_at == at
    assert await jobs(database, CLEAR_BLOB) == [("blob_of_cfile_1", 0.0), ("blob_of_cfile_2", 0.0)]


@pytest.mark.parametrize("path", ["", "/a", "../a", "a//b", "a\x00", "\udcff", "a" * 256, "a/" * 600 + "a"])
async def test_what_can_stand_nowhere_is_left_out(scope: Scope, path: str) -> None:
    await scope.containers.insert(rows.container())
    await collect(scope, Collected(container=rows.container(), placed=(rows.container_file(path=path),)))
    assert await paths(scope) == []


async def test_a_file_that_was_deleted_while_code_wrote_is_left_out(scope: Scope) -> None:
    await scope.containers.insert(rows.container())
    await collect(scope, Collected(container=rows.container(), placed=(rows.container_file(file_id="file-1"),)))
    assert await paths(scope) == []


async def test_no_more_files_are_placed_than_a_container_holds(scope: Scope) -> None:
    files = [rows.container_file(f"cfile_{n:04}") for n in range(MAX_FILES - 1)]
    await scope.containers.insert(rows.container(), files)
    placed = tuple(rows.container_file(f"cfile_new_{n}") for n in range(2))
    await collect(scope, Collected(container=rows.container(), placed=placed))
    assert len(await paths(scope)) == MAX_FILES


@pytest.mark.parametrize("gone", ["deleted", "expired"])
async def test_files_of_code_are_stored_though_its_container_is_gone(
    scope: Scope, database: Database, gone: str
) -> None:
    if gone == "expired":
        await scope.containers.insert(rows.container())
    placed: tuple[ContainerFile, ...] = (
        rows.container_file("cfile_1"),
        rows.container_file("cfile_2", file_id="file-w"),
    )
    await collect(scope, Collected(container=rows.container(at=OVER), files=(rows.file("file-w"),), placed=placed))
    assert await scope.files.get("file-w") == rows.file("file-w")
    assert await paths(scope) == []
    assert await jobs(database, CLEAR_BLOB) == [("blob_of_cfile_1", 0.0)]


# What messages bring along


def mounted(*files: str) -> ToolResources:
    return ToolResources(code_interpreter=files)


async def test_files_of_messages_join_those_of_the_thread(scope: Scope, database: Database) -> None:
    for n in (1, 2, 3):
        await scope.files.insert(rows.file(f"file-{n}"))
    both = rows.attached("file-1", "code_interpreter")
    first = rows.message("msg_1", attachments=(both, rows.attached("file-2", "code_interpreter")))
    made = await scope.threads.insert(rows.thread(tool_resources=mounted("file-2")), [first])
    assert made.tool_resources == mounted("file-2", "file-1")
    await scope.messages.append("thread_1", rows.message("msg_2", attachments=(both,)))
    brought = rows.message("msg_3", attachments=(rows.attached("file-3", "code_interpreter"),))
    assert (await scope.runs.create(rows.run(), [brought])).tool_resources == mounted("file-2", "file-1", "file-3")
    thread = await scope.threads.get("thread_1")
    assert thread.tool_resources == mounted("file-2", "file-1", "file-3")
    assert await uses(database) == [(f"file-{n}", "thread_1") for n in (1, 2, 3)]
    await scope.files.delete("file-2")
    assert (await scope.threads.get("thread_1")).tool_resources == mounted("file-1", "file-3")


async def test_a_message_whose_file_is_gone_is_not_added(scope: Scope) -> None:
    lost = rows.message("msg_1", attachments=(rows.attached("file-1", "code_interpreter"),))
    with pytest.raises(NotFound):
        await scope.threads.insert(rows.thread(), [lost])
    await scope.threads.insert(rows.thread())
    with pytest.raises(NotFound):
        await scope.messages.append("thread_1", lost)
    assert (await scope.messages.list("thread_1", ALL)).data == []
