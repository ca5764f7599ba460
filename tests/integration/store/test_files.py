"""Files, uploads and where files are used: stored whole, each project's own, no trace left behind."""

import asyncio
from typing import Any

import pytest
from msgspec import structs

from retinue.core.errors import AlreadyExists, InvalidRequest, NotFound
from retinue.core.file import FileDraft
from retinue.core.job import EXPIRE_FILE, EXPIRE_UPLOAD
from retinue.core.paging import PageQuery
from retinue.core.tools import ToolResources
from retinue.core.upload import Part, Upload
from retinue.store import Database, Scope, Store, Transaction
from store import rows

ALL = PageQuery(limit=100, order="asc")
UPLOAD = Upload(
    id="upload_1",
    created_at=rows.NOW,
    expires_at=rows.NOW + 3_600,
    file=FileDraft(name="a.txt", purpose="assistants"),
    size=3,
    mime_type="text/plain",
)


def part(number: int, *, size: int = 1) -> Part:
    return Part(id=f"part_{number}", upload_id="upload_1", created_at=rows.NOW, size=size, blob=f"blob_{number}")


def interpreter(*files: str) -> ToolResources:
    return ToolResources(code_interpreter=files, file_search=())


def allow(_: Upload) -> None:
    pass


def refuse(_: Upload) -> None:
    raise InvalidRequest("no")


async def jobs(database: Database) -> list[tuple[Any, ...]]:
    async def work(tx: Transaction) -> list[tuple[Any, ...]]:
        return await tx.all("SELECT kind, key, due FROM jobs")

    return await database.read(work)


async def uses(database: Database) -> list[tuple[Any, ...]]:
    async def work(tx: Transaction) -> list[tuple[Any, ...]]:
        return await tx.all("SELECT file, kind, owner FROM file_uses ORDER BY file, kind, owner")

    return await database.read(work)


# Files


async def test_a_file_is_read_back_whole_and_its_expiry_is_a_job(scope: Scope, database: Database) -> None:
    file = rows.file(name="Ünï🧵", expires_at=rows.NOW + 9)
    await scope.files.insert(file)
    assert await scope.files.get("file-1") == file
    assert await jobs(database) == [(EXPIRE_FILE, "file-1", rows.NOW + 9)]
    assert await scope.files.delete("file-1") == file.blob
    assert await jobs(database) == []
    with pytest.raises(NotFound, match="No such File object: file-1"):
        await scope.files.get("file-1")
    with pytest.raises(NotFound):
        await scope.files.delete("file-1")


async def test_a_blob_has_one_owner(scope: Scope) -> None:
    await scope.files.insert(rows.file("file-1", blob="blob_1"))
    with pytest.raises(AlreadyExists):
        await scope.files.insert(rows.file("file-2", blob="blob_1"))


async def test_files_of_a_purpose_are_listed_alone(scope: Scope) -> None:
    await scope.files.insert(rows.file("file-1"))
    await scope.files.insert(rows.file("file-2", purpose="vision"))
    await scope.files.insert(rows.file("file-3"))
    assert [file.id for file in (await scope.files.list(ALL)).data] == ["file-1", "file-2", "file-3"]
    assert [file.id for file in (await scope.files.list(ALL, purpose="assistants")).data] == ["file-1", "file-3"]
    assert (await scope.files.list(ALL, purpose="nothing")).data == []


async def test_missing_files_are_told_in_order_and_once(scope: Scope) -> None:
    await scope.files.insert(rows.file("file-1"))
    assert await scope.files.missing(["file-3", "file-1", "file-2", "file-3"]) == ["file-3", "file-2"]


async def test_another_project_sees_nothing_of_it(store: Store, scope: Scope) -> None:
    other = store.scoped("other")
    await scope.files.insert(rows.file("file-1"))
    await scope.uploads.insert(UPLOAD)
    assert (await other.files.list(ALL)).data == []
    assert await other.files.missing(["file-1"]) == ["file-1"]
    for asked in (other.files.get("file-1"), other.files.delete("file-1"), other.uploads.get("upload_1")):
        with pytest.raises(NotFound):
            await asked
    with pytest.raises(NotFound):
        await other.uploads.end("upload_1", "cancelled", check=allow)
    with pytest.raises(NotFound):
        await other.assistants.insert(rows.assistant(tool_resources=interpreter("file-1")))


async def test_only_what_no_row_of_any_project_owns_is_unowned(store: Store) -> None:
    await store.scoped("one").files.insert(rows.file("file-1", blob="blob_f"))
    await store.scoped("two").uploads.insert(UPLOAD)
    await store.scoped("two").uploads.add_part(part(1), check=allow)
    assert await store.unowned_blobs(["blob_f", "blob_x", "blob_1", "blob_y"]) == ["blob_x", "blob_y"]


# Where they are used


async def test_uses_follow_what_assistants_and_threads_name(scope: Scope, database: Database) -> None:
    for number in (1, 2, 3):
        await scope.files.insert(rows.file(f"file-{number}"))
    await scope.assistants.insert(rows.assistant(tool_resources=interpreter("file-1", "file-2", "file-1")))
    await scope.threads.insert(rows.thread(tool_resources=interpreter("file-2")))
    assert await uses(database) == [
        ("file-1", "assistant", "asst_1"),
        ("file-2", "assistant", "asst_1"),
        ("file-2", "thread", "thread_1"),
    ]
    await scope.assistants.change("asst_1", lambda a: structs.replace(a, tool_resources=interpreter("file-3")))
    await scope.threads.change("thread_1", lambda t: structs.replace(t, tool_resources=None))
    assert await uses(database) == [("file-3", "assistant", "asst_1")]
    await scope.threads.change("thread_1", lambda t: structs.replace(t, tool_resources=interpreter("file-1")))
    await scope.assistants.delete("asst_1")
    assert await uses(database) == [("file-1", "thread", "thread_1")]
    await scope.threads.delete("thread_1")
    assert await uses(database) == []


async def test_a_deleted_file_is_taken_out_of_every_list(scope: Scope, database: Database) -> None:
    for number in (1, 2):
        await scope.files.insert(rows.file(f"file-{number}"))
    await scope.assistants.insert(rows.assistant(tool_resources=interpreter("file-1", "file-2")))
    await scope.threads.insert(rows.thread(tool_resources=interpreter("file-2")))
    await scope.files.delete("file-2")
    assert (await scope.assistants.get("asst_1")).tool_resources == interpreter("file-1")
    assert (await scope.threads.get("thread_1")).tool_resources == interpreter()
    assert await uses(database) == [("file-1", "assistant", "asst_1")]


async def test_a_file_that_is_not_there_can_not_be_named(scope: Scope, database: Database) -> None:
    with pytest.raises(NotFound, match="file-9"):
        await scope.assistants.insert(rows.assistant(tool_resources=interpreter("file-9")))
    with pytest.raises(NotFound, match="file-9"):
        await scope.threads.insert(rows.thread(tool_resources=interpreter("file-9")))
    await scope.assistants.insert(rows.assistant())
    with pytest.raises(NotFound, match="file-9"):
        await scope.assistants.change("asst_1", lambda a: structs.replace(a, tool_resources=interpreter("file-9")))
    assert (await scope.assistants.get("asst_1")).tool_resources is None
    assert await uses(database) == []


# Uploads


async def test_an_upload_counts_its_parts(scope: Scope, database: Database) -> None:
    await scope.uploads.insert(UPLOAD)
    assert await jobs(database) == [(EXPIRE_UPLOAD, "upload_1", UPLOAD.expires_at)]
    await asyncio.gather(*(scope.uploads.add_part(part(number, size=number), check=allow) for number in range(9)))
    assert await scope.uploads.get("upload_1") == structs.replace(UPLOAD, parts=9, stored=36)
    assert list(await scope.uploads.parts("upload_1")) == [part(number, size=number) for number in range(9)]


async def test_a_refused_part_is_not_stored(scope: Scope) -> None:
    await scope.uploads.insert(UPLOAD)
    with pytest.raises(InvalidRequest):
        await scope.uploads.add_part(part(1), check=refuse)
    assert await scope.uploads.get("upload_1") == UPLOAD
    assert await scope.uploads.parts("upload_1") == []


async def test_completing_stores_the_file_and_forgets_the_parts(scope: Scope, database: Database) -> None:
    await scope.uploads.insert(UPLOAD)
    for number in (1, 2):
        await scope.uploads.add_part(part(number), check=allow)
    completed, blobs = await scope.uploads.complete("upload_1", rows.file("file-1"), check=allow)
    assert completed == structs.replace(UPLOAD, status="completed", file_id="file-1")
    assert blobs == ["blob_1", "blob_2"]
    assert await scope.uploads.get("upload_1") == completed
    assert await scope.uploads.parts("upload_1") == []
    assert await scope.files.get("file-1") == rows.file("file-1")
    assert await jobs(database) == []


async def test_a_refused_completion_changes_nothing(scope: Scope) -> None:
    await scope.uploads.insert(UPLOAD)
    await scope.uploads.add_part(part(1), check=allow)
    with pytest.raises(InvalidRequest):
        await scope.uploads.complete("upload_1", rows.file("file-1"), check=refuse)
    assert (await scope.uploads.get("upload_1")).status == "pending"
    assert await scope.uploads.parts("upload_1") == [part(1)]
    assert await scope.files.missing(["file-1"]) == ["file-1"]


async def test_an_ended_upload_gives_its_blobs_back(scope: Scope, database: Database) -> None:
    await scope.uploads.insert(UPLOAD)
    await scope.uploads.add_part(part(1), check=allow)
    assert await scope.uploads.end("upload_1", "expired", check=allow) == (
        structs.replace(UPLOAD, status="expired"),
        ["blob_1"],
    )
    assert await jobs(database) == []
    assert (await rows.counts(database))["upload_parts"] == 0
