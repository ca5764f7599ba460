"""Vector stores, their files and batches: counts that stay true, nothing left behind, each project's own."""

import asyncio
from typing import Any

import pytest
from msgspec import structs

from retinue.core.attributes import Attributes
from retinue.core.errors import InvalidRequest, NotFound
from retinue.core.job import CLEAR_DOCUMENT, EXPIRE_VECTOR_STORE, INGEST_DOCUMENT
from retinue.core.paging import PageQuery
from retinue.core.tools import ToolResources
from retinue.core.vector_store import (
    DAY_S,
    Chunking,
    FileBatch,
    FileCounts,
    FileDraft,
    FileError,
    FilledStore,
    Slab,
    VectorStoreFile,
    Window,
)
from retinue.store import Database, Scope, Store
from store import rows

OLDEST_FIRST = PageQuery(limit=100, order="asc")
SMALLER = Chunking(size=100, overlap=0)
BAD = FileError(code="invalid_file", message="It is broken.")
LATER = rows.NOW + 100


def drafts(*ids: str, **more: Any) -> list[FileDraft]:
    return [FileDraft(file_id=id_, **more) for id_ in ids]


def batch(id_: str = "vsfb_1") -> FileBatch:
    return FileBatch(id=id_, store_id="vs_1", created_at=LATER)


async def fill(scope: Scope, *files: str, **more: Any) -> None:
    """A vector store with these files, which are still to be read."""
    for file in files:
        await scope.files.insert(rows.file(file))
    await scope.vector_stores.insert(rows.vector_store(**more), drafts(*files))


async def settle(scope: Scope, *files: str, **more: Any) -> None:
    for file in files:
        document = (await scope.vector_store_files.get("vs_1", file)).document
        await scope.vector_store_files.settle(document, **{"usage_bytes": 10, "windows": 1, **more})


async def use(scope: Scope, at: float) -> None:
    await scope.vector_stores.touch([await scope.vector_stores.get("vs_1")], at=at)


async def counts_of(scope: Scope) -> FileCounts:
    return (await scope.vector_stores.get("vs_1")).counts


async def listed(scope: Scope, **more: Any) -> list[str]:
    return [file.file_id for file in (await scope.vector_store_files.list("vs_1", OLDEST_FIRST, **more)).data]


async def jobs(database: Database, kind: str) -> list[tuple[str, float]]:
    rows_ = await database.all("SELECT key, due FROM jobs WHERE kind = ? ORDER BY due, key", kind)
    return [(key, due) for key, due in rows_]


async def check(scope: Scope) -> None:
    """The counts of a store are those of its files, one by one."""
    files = (await scope.vector_store_files.list("vs_1", OLDEST_FIRST)).data
    store = await scope.vector_stores.get("vs_1")
    statuses: list[str] = [file.status for file in files]
    assert structs.asdict(store.counts) == {status: statuses.count(status) for status in structs.asdict(store.counts)}
    assert store.usage_bytes == sum(file.usage_bytes for file in files)


# Stores


async def test_a_store_is_read_back_whole(scope: Scope) -> None:
    store = rows.vector_store(name="n", description="d", expires_days=3, metadata={"k": "v"}, last_active_at=rows.NOW)
    assert await scope.vector_stores.insert(store) == structs.replace(store, version=0)
    assert await scope.vector_stores.get("vs_1") == store
    assert (await scope.vector_stores.list(PageQuery())).data == [store]


async def test_a_store_with_a_file_that_is_not_there_is_not_stored(scope: Scope) -> None:
    with pytest.raises(NotFound):
        await scope.vector_stores.insert(rows.vector_store(), drafts("file-1"))
    with pytest.raises(NotFound, match=r"No vector store found with id 'vs_1'\."):
        await scope.vector_stores.get("vs_1")


async def test_a_store_is_looked_at_when_it_may_be_over_and_again_when_it_was_used(
    scope: Scope, database: Database
) -> None:
    await fill(scope, "file-1", expires_days=1)
    due = rows.NOW + DAY_S
    assert await jobs(database, EXPIRE_VECTOR_STORE) == [("vs_1", due)]
    await use(scope, LATER)
    await use(scope, rows.NOW)
    assert not await scope.vector_stores.expire("vs_1", now=due)
    assert await jobs(database, EXPIRE_VECTOR_STORE) == [("vs_1", LATER + DAY_S)]
    assert await scope.vector_stores.expire("vs_1", now=LATER + DAY_S)
    ended = await scope.vector_stores.get("vs_1")
    assert (ended.status, ended.counts.total) == ("expired", 0)


async def test_the_job_of_an_expired_store_stays_until_it_is_done(
    scope: Scope, store: Store, database: Database
) -> None:
    await fill(scope, expires_days=1)
    over = rows.NOW + DAY_S
    [job] = await store.jobs.lease({EXPIRE_VECTOR_STORE: 1}, now=over, seconds=60)
    assert await scope.vector_stores.expire("vs_1", now=over)
    await scope.vector_stores.change("vs_1", lambda old: structs.replace(old, name="n"))
    assert await jobs(database, EXPIRE_VECTOR_STORE) == [("vs_1", over + 60)]
    assert await scope.vector_stores.expire("vs_1", now=over)
    await store.jobs.finish(job)
    assert await jobs(database, EXPIRE_VECTOR_STORE) == []


async def test_a_job_that_a_worker_holds_does_not_end_the_next_look(scope: Scope, store: Store) -> None:
    await fill(scope, expires_days=1)
    due = rows.NOW + DAY_S
    [held] = await store.jobs.lease({EXPIRE_VECTOR_STORE: 1}, now=due, seconds=60)
    await use(scope, LATER)
    await scope.vector_stores.expire("vs_1", now=due)
    await store.jobs.finish(held)
    assert await store.jobs.next_due(EXPIRE_VECTOR_STORE) == LATER + DAY_S


async def test_a_store_that_never_expires_is_not_looked_at(scope: Scope, database: Database) -> None:
    await fill(scope, expires_days=1)
    await scope.vector_stores.change("vs_1", lambda old: structs.replace(old, expires_days=None))
    assert await jobs(database, EXPIRE_VECTOR_STORE) == []
    assert not await scope.vector_stores.expire("vs_1", now=rows.NOW * 2)


async def test_a_use_is_noted_once_a_minute_and_brings_no_store_back(scope: Scope) -> None:
    await fill(scope, expires_days=1)
    for at, active in ((59.0, 0.0), (60.0, 60.0), (119.0, 60.0), (60 + DAY_S, 60.0)):
        await use(scope, rows.NOW + at)
        assert (await scope.vector_stores.get("vs_1")).last_active_at == rows.NOW + active


async def test_a_store_that_gets_a_file_is_in_use(scope: Scope) -> None:
    await fill(scope, "file-1", expires_days=1)
    await scope.vector_store_files.attach("vs_1", drafts("file-1"), at=LATER)
    assert not await scope.vector_stores.expire("vs_1", now=rows.NOW + DAY_S)
    assert (await scope.vector_stores.get("vs_1")).last_active_at == LATER


@pytest.mark.parametrize("named_by", ["thread", "run", "new thread"])
async def test_a_store_is_in_use_when_it_is_part_of_a_run(scope: Scope, named_by: str) -> None:
    await fill(scope, expires_days=1)
    named = ToolResources(file_search=("vs_1",))
    spec = structs.replace(rows.run().spec, tool_resources=named if named_by == "run" else None)
    run = structs.replace(rows.run(), created_at=LATER, spec=spec)
    thread = rows.thread(tool_resources=None if named_by == "run" else named)
    if named_by == "new thread":
        await scope.runs.create(run, new_thread=thread)
    else:
        await scope.threads.insert(thread)
        await scope.runs.create(run)
    assert (await scope.vector_stores.get("vs_1")).last_active_at == LATER


@pytest.mark.parametrize("emptied", [True, False])
async def test_nothing_is_put_into_a_store_that_is_over(scope: Scope, emptied: bool) -> None:
    await fill(scope, "file-1", expires_days=1)
    over = rows.NOW + DAY_S
    if emptied:
        await scope.vector_stores.expire("vs_1", now=over)
    with pytest.raises(InvalidRequest, match="has expired"):
        await scope.vector_store_files.attach("vs_1", drafts("file-1"), at=over)


async def test_nothing_is_left_of_a_deleted_store_but_jobs_that_clear_it_away(scope: Scope, database: Database) -> None:
    before = await rows.counts(database)
    await fill(scope, "file-1", "file-2", "file-3", expires_days=1)
    await scope.file_batches.insert(batch(), drafts("file-1"))
    await scope.vector_store_files.detach("vs_1", "file-3")
    await scope.vector_stores.delete("vs_1")
    assert len(await jobs(database, CLEAR_DOCUMENT)) == 3
    assert await jobs(database, INGEST_DOCUMENT) == []
    assert await jobs(database, EXPIRE_VECTOR_STORE) == [("vs_1", 0.0)]
    left = {**before, "files": 3, "tombstones": 1, "jobs": 4}
    assert await rows.counts(database) == left


# Files


async def test_files_are_read_in_the_order_in_which_they_were_named(scope: Scope, database: Database) -> None:
    await fill(scope, "file-3", "file-1", "file-2")
    documents = [(await scope.vector_store_files.get("vs_1", file)).document for file in ("file-3", "file-1", "file-2")]
    assert [key for key, _ in await jobs(database, INGEST_DOCUMENT)] == documents
    assert await listed(scope) == ["file-3", "file-1", "file-2"]


async def test_very_many_files_are_put_in_at_once_and_in_order(scope: Scope, store: Store) -> None:
    files = [f"file-{n:04}" for n in range(1_200)]
    await asyncio.gather(*(scope.files.insert(rows.file(file)) for file in files))
    await scope.vector_stores.insert(rows.vector_store(), drafts(*files[:1_100]))
    attached = await scope.vector_store_files.attach("vs_1", drafts(*files), at=LATER)
    assert [file.file_id for file in attached] == files
    assert await counts_of(scope) == FileCounts(in_progress=1_200)
    page = await scope.vector_store_files.list("vs_1", PageQuery(limit=100, order="asc", after=files[1_049]))
    assert [file.file_id for file in page.data] == files[1_050:1_150]
    leased = await store.jobs.lease({INGEST_DOCUMENT: 2_000}, now=LATER * 2, seconds=60)
    assert [job.key for job in leased] == [file.document for file in attached]


async def test_one_file_of_very_many_that_is_not_there_keeps_all_out(scope: Scope) -> None:
    files = [f"file-{n:04}" for n in range(1_100)]
    await asyncio.gather(*(scope.files.insert(rows.file(file)) for file in files[:-1]))
    await fill(scope)
    with pytest.raises(NotFound, match="file-1099"):
        await scope.vector_store_files.attach("vs_1", drafts(*files), at=LATER)
    assert await counts_of(scope) == FileCounts()


async def test_counts_follow_the_files_from_one_status_to_the_next(scope: Scope) -> None:
    await fill(scope, "file-1", "file-2", "file-3")
    assert await counts_of(scope) == FileCounts(in_progress=3)
    await settle(scope, "file-1", "file-2")
    await settle(scope, "file-3", error=BAD, usage_bytes=0)
    assert await counts_of(scope) == FileCounts(completed=2, failed=1)
    assert (await scope.vector_stores.get("vs_1")).usage_bytes == 20
    await settle(scope, "file-1", "file-3", usage_bytes=500)
    await scope.vector_store_files.detach("vs_1", "file-1")
    await scope.files.delete("file-3")
    assert await counts_of(scope) == FileCounts(completed=1)
    await check(scope)


async def test_a_file_that_is_put_in_again_is_not_read_again(scope: Scope) -> None:
    await fill(scope, "file-1")
    await settle(scope, "file-1")
    before = await scope.vector_store_files.get("vs_1", "file-1")
    [again] = await scope.vector_store_files.attach("vs_1", drafts("file-1", attributes={"a": 1}), at=LATER)
    assert (again.document, again.status, again.attributes) == (before.document, "completed", {"a": 1})
    [kept] = await scope.vector_store_files.attach("vs_1", drafts("file-1"), at=LATER)
    assert kept.attributes == {"a": 1}
    [cleared] = await scope.vector_store_files.attach("vs_1", drafts("file-1", attributes={}), at=LATER)
    assert (cleared.document, cleared.attributes) == (before.document, {})
    assert await scope.vector_store_files.get("vs_1", "file-1") == cleared
    await check(scope)


@pytest.mark.parametrize("failed", [True, False])
async def test_a_file_that_failed_or_is_to_be_cut_otherwise_is_read_again(
    scope: Scope, database: Database, failed: bool
) -> None:
    await fill(scope, "file-1")
    await settle(scope, "file-1", error=BAD if failed else None)
    before = await scope.vector_store_files.set_attributes("vs_1", "file-1", {"a": 1})
    more = {} if failed else {"chunking": SMALLER}
    [again] = await scope.vector_store_files.attach("vs_1", drafts("file-1", **more), at=LATER)
    assert (again.status, again.document == before.document) == ("in_progress", False)
    assert again.attributes == {"a": 1}
    assert [key for key, _ in await jobs(database, CLEAR_DOCUMENT)] == [before.document]
    assert await counts_of(scope) == FileCounts(in_progress=1)
    await check(scope)


async def test_attributes_are_kept_as_they_were_given(scope: Scope) -> None:
    await fill(scope, "file-1")
    given: Attributes = {"text": "a", "whole": 5, "part": 0.5, "yes": True}
    changed = await scope.vector_store_files.set_attributes("vs_1", "file-1", given)
    stored = await scope.vector_store_files.get("vs_1", "file-1")
    assert changed == stored
    assert [(value, type(value)) for value in stored.attributes.values()] == [(v, type(v)) for v in given.values()]


async def test_a_file_that_left_several_lists_is_a_cursor_in_each(scope: Scope) -> None:
    await fill(scope, "file-1", "file-2", "file-3")
    await scope.vector_stores.insert(rows.vector_store("vs_2"), drafts("file-1", "file-2", "file-3"))
    await scope.vector_store_files.detach("vs_2", "file-2")
    await scope.files.delete("file-2")
    after = PageQuery(order="asc", after="file-2")
    for store in ("vs_1", "vs_2"):
        assert [f.file_id for f in (await scope.vector_store_files.list(store, after)).data] == ["file-3"]
    assert [file.id for file in (await scope.files.list(after)).data] == ["file-3"]


async def test_a_narrowed_list_can_be_paged_on_from_a_file_that_is_not_in_it_any_more(scope: Scope) -> None:
    await fill(scope, "file-1", "file-2")
    await settle(scope, "file-1")
    page = await scope.vector_store_files.list("vs_1", PageQuery(order="asc", after="file-1"), status="in_progress")
    assert [file.file_id for file in page.data] == ["file-2"]


async def test_a_list_of_a_store_that_is_not_there_is_refused(scope: Scope) -> None:
    with pytest.raises(NotFound):
        await scope.vector_store_files.list("vs_1", PageQuery())


async def test_nothing_is_stored_of_a_file_that_was_taken_out_while_it_was_read(
    scope: Scope, database: Database
) -> None:
    await fill(scope, "file-1")
    document = (await scope.vector_store_files.get("vs_1", "file-1")).document
    await scope.vector_store_files.detach("vs_1", "file-1")
    slab = Slab(first=0, count=1, vectors=b"", terms=b"")
    assert not await scope.documents.add(document, [Window(number=0, text="a")], slab)
    await scope.vector_store_files.settle(document, windows=1)
    assert (await rows.counts(database))["document_windows"] == 0
    await check(scope)


async def test_counts_stay_true_whatever_happens_at_once(scope: Scope) -> None:
    files = [f"file-{n}" for n in range(12)]
    await fill(scope, *files)
    documents = [(await scope.vector_store_files.get("vs_1", file)).document for file in files]
    vs_files = scope.vector_store_files
    await asyncio.gather(
        *(vs_files.settle(document, usage_bytes=7, windows=1) for document in documents[:6]),
        *(vs_files.detach("vs_1", file) for file in files[3:9]),
        *(scope.files.delete(file) for file in files[8:11]),
        scope.file_batches.insert(batch(), drafts(*files[:3])),
        vs_files.attach("vs_1", drafts(*files[1:2], chunking=SMALLER), at=LATER),
        return_exceptions=True,
    )
    await check(scope)
    counts = (await scope.file_batches.get("vs_1", "vsfb_1")).counts
    assert counts.total == 3
    assert min(structs.astuple(counts)) >= 0


async def test_changes_are_told_in_their_order_some_at_a_time(scope: Scope) -> None:
    await fill(scope, "file-1", "file-2", "file-3")
    await settle(scope, "file-3", "file-1", "file-2")
    since, told = 0, []
    while changes := await scope.documents.changes("vs_1", since=since, limit=2):
        assert changes.searchable == 3
        assert changes.version == (await scope.vector_stores.get("vs_1")).version
        told += [file.file_id for file in changes.changed]
        since = changes.changed[-1].version
    assert told == ["file-3", "file-1", "file-2"]


async def test_what_can_be_searched_is_told_some_at_a_time(scope: Scope) -> None:
    await fill(scope, "file-1", "file-2", "file-3", "file-4")
    await settle(scope, "file-3", "file-1", "file-2")
    first = await scope.documents.searchable("vs_1", limit=2)
    rest = await scope.documents.searchable("vs_1", after=max(first.values()), limit=2)
    assert (len(first), len(rest)) == (2, 1)
    assert {**first, **rest} == await scope.documents.searchable("vs_1")


async def test_a_file_that_another_one_replaced_shows_in_what_can_be_searched(scope: Scope) -> None:
    await fill(scope, "file-1", "file-2")
    await settle(scope, "file-1")
    before = await scope.documents.searchable("vs_1")
    version = (await scope.vector_stores.get("vs_1")).version
    await scope.vector_store_files.detach("vs_1", "file-1")
    await settle(scope, "file-2")
    changes = await scope.documents.changes("vs_1", since=version)
    assert changes is not None
    assert changes.searchable == 1
    assert [file.file_id for file in changes.changed] == ["file-2"]
    assert await scope.documents.searchable("vs_1") == {changes.changed[0].document: changes.version}
    assert await scope.documents.searchable("vs_1") != before


# Batches


async def test_a_batch_keeps_its_sum_whatever_becomes_of_its_files(scope: Scope) -> None:
    await fill(scope, "file-1", "file-2", "file-3", "file-4")
    await settle(scope, "file-4")
    made = await scope.file_batches.insert(batch(), drafts("file-1", "file-2", "file-3", "file-4"))
    assert made.counts == FileCounts(in_progress=3, completed=1)
    await settle(scope, "file-1")
    await scope.vector_store_files.detach("vs_1", "file-1")
    await scope.vector_store_files.detach("vs_1", "file-2")
    assert (await scope.file_batches.get("vs_1", "vsfb_1")).counts == FileCounts(
        in_progress=1, completed=2, cancelled=1
    )
    await settle(scope, "file-3")
    assert (await scope.file_batches.get("vs_1", "vsfb_1")).status == "completed"
    assert await listed(scope, batch="vsfb_1") == ["file-3", "file-4"]
    await check(scope)


async def test_batches_that_share_files_each_count_and_list_them(scope: Scope) -> None:
    await fill(scope)
    for name in ("file-1", "file-2", "file-3"):
        await scope.files.insert(rows.file(name))
    await scope.file_batches.insert(batch(), drafts("file-1", "file-2", "file-3"))
    await scope.file_batches.insert(batch("vsfb_2"), drafts("file-2", "file-3"))
    await settle(scope, "file-2")
    first, second = [await scope.file_batches.get("vs_1", id_) for id_ in ("vsfb_1", "vsfb_2")]
    assert first.counts == FileCounts(in_progress=2, completed=1)
    assert second.counts == FileCounts(in_progress=1, completed=1)
    assert await listed(scope, batch="vsfb_1") == ["file-1", "file-2", "file-3"]
    assert await listed(scope, batch="vsfb_2", status="in_progress") == ["file-3"]


async def test_a_cancelled_batch_leaves_what_another_waits_for(scope: Scope, database: Database) -> None:
    await fill(scope)
    for name in ("file-1", "file-2"):
        await scope.files.insert(rows.file(name))
    await scope.file_batches.insert(batch(), drafts("file-1", "file-2"))
    await scope.file_batches.insert(batch("vsfb_2"), drafts("file-2"))
    assert (await scope.file_batches.cancel("vs_1", "vsfb_1")).counts == FileCounts(cancelled=2)
    assert await counts_of(scope) == FileCounts(in_progress=1, cancelled=1)
    assert len(await jobs(database, INGEST_DOCUMENT)) == 1
    await settle(scope, "file-2")
    assert (await scope.file_batches.get("vs_1", "vsfb_2")).counts == FileCounts(completed=1)
    assert (await scope.file_batches.get("vs_1", "vsfb_1")).counts == FileCounts(cancelled=2)
    await check(scope)


async def test_what_no_batch_waits_for_any_more_is_given_up(scope: Scope) -> None:
    await fill(scope)
    await scope.files.insert(rows.file("file-1"))
    for id_ in ("vsfb_1", "vsfb_2"):
        await scope.file_batches.insert(batch(id_), drafts("file-1"))
    for id_ in ("vsfb_1", "vsfb_2"):
        assert (await scope.file_batches.cancel("vs_1", id_)).status == "cancelled"
    assert await counts_of(scope) == FileCounts(cancelled=1)
    await check(scope)


async def test_a_cancelled_batch_leaves_what_was_attached_by_itself(scope: Scope, database: Database) -> None:
    await fill(scope, "file-1")
    await scope.files.insert(rows.file("file-2"))
    await scope.file_batches.insert(batch(), drafts("file-1", "file-2"))
    assert (await scope.file_batches.cancel("vs_1", "vsfb_1")).counts == FileCounts(cancelled=2)
    assert [file.status for file in (await scope.vector_store_files.list("vs_1", OLDEST_FIRST)).data] == [
        "in_progress",
        "cancelled",
    ]
    assert len(await jobs(database, INGEST_DOCUMENT)) == 1
    await check(scope)


async def test_the_batches_of_an_expired_store_are_cancelled(scope: Scope) -> None:
    await fill(scope, "file-1", expires_days=1)
    await scope.file_batches.insert(batch(), drafts("file-1"))
    await scope.vector_stores.expire("vs_1", now=LATER + DAY_S)
    assert (await scope.file_batches.get("vs_1", "vsfb_1")).status == "cancelled"


async def test_a_cancelled_batch_gives_up_what_was_not_read(scope: Scope, database: Database) -> None:
    await fill(scope, "file-3")
    for name in ("file-1", "file-2"):
        await scope.files.insert(rows.file(name))
    await scope.file_batches.insert(batch(), drafts("file-1", "file-2"))
    await settle(scope, "file-1")
    given_up = (await scope.vector_store_files.get("vs_1", "file-2")).document
    cancelled = await scope.file_batches.cancel("vs_1", "vsfb_1")
    assert (cancelled.status, cancelled.counts) == ("cancelled", FileCounts(completed=1, cancelled=1))
    assert await scope.file_batches.cancel("vs_1", "vsfb_1") == cancelled
    assert [key for key, _ in await jobs(database, CLEAR_DOCUMENT)] == [given_up]
    assert await counts_of(scope) == FileCounts(in_progress=1, completed=1, cancelled=1)
    await scope.vector_store_files.settle(given_up, usage_bytes=9, windows=1)
    assert (await scope.vector_store_files.get("vs_1", "file-2")).status == "cancelled"
    await check(scope)


async def test_a_batch_of_a_file_that_is_not_there_is_not_stored(scope: Scope) -> None:
    await fill(scope, "file-1")
    with pytest.raises(NotFound):
        await scope.file_batches.insert(batch(), drafts("file-1", "file-2"))
    with pytest.raises(NotFound, match="No file batch found"):
        await scope.file_batches.get("vs_1", "vsfb_1")


# Threads and assistants


async def test_a_threads_own_store_goes_with_it_and_another_stays(scope: Scope) -> None:
    await scope.files.insert(rows.file("file-1"))
    message = rows.message("msg_1", attachments=(rows.attached("file-1"),))
    thread = await scope.threads.insert(rows.thread(), [message])
    assert thread.tool_resources is not None
    [own] = thread.tool_resources.file_search or ()
    assert await scope.threads.get("thread_1") == thread
    await scope.vector_stores.insert(rows.vector_store("vs_named"))
    resources = ToolResources(code_interpreter=None, file_search=("vs_named",))
    other = rows.message("msg_2", of="thread_2", attachments=(rows.attached("file-1"),))
    await scope.threads.insert(rows.thread("thread_2", tool_resources=resources), [other])
    await scope.threads.delete("thread_1")
    await scope.threads.delete("thread_2")
    assert [store.id for store in (await scope.vector_stores.list(PageQuery())).data] == ["vs_named"]
    assert own != "vs_named"


async def test_all_stores_that_were_made_for_a_thread_go_with_it(scope: Scope) -> None:
    await scope.files.insert(rows.file("file-1"))
    await scope.threads.insert(rows.thread(), store=FilledStore(store=rows.vector_store(expires_days=1)))
    message = rows.message("msg_1", attachments=(rows.attached("file-1"),))
    await scope.messages.append("thread_1", structs.replace(message, created_at=rows.NOW + DAY_S))
    await scope.threads.change("thread_1", lambda old: structs.replace(old, tool_resources=None))
    assert len((await scope.vector_stores.list(PageQuery())).data) == 2
    await scope.threads.delete("thread_1")
    assert (await scope.vector_stores.list(PageQuery())).data == []


async def test_an_assistants_own_store_goes_with_it_and_one_of_a_thread_of_its_name_stays(scope: Scope) -> None:
    await scope.assistants.insert(rows.assistant("same"))
    await scope.vector_stores.insert(rows.vector_store("vs_own", assistant_id="same"))
    await scope.vector_stores.insert(rows.vector_store("vs_of_thread", thread_id="same"))
    await scope.assistants.delete("same")
    assert [store.id for store in (await scope.vector_stores.list(PageQuery())).data] == ["vs_of_thread"]


@pytest.mark.parametrize("emptied", [True, False])
async def test_a_thread_whose_store_is_over_gets_another(scope: Scope, emptied: bool) -> None:
    await scope.files.insert(rows.file("file-1"))
    thread = await scope.threads.insert(rows.thread(), store=FilledStore(store=rows.vector_store(expires_days=1)))
    over = rows.NOW + DAY_S
    if emptied:
        await scope.vector_stores.expire("vs_1", now=over)
    message = rows.message("msg_1", attachments=(rows.attached("file-1"),))
    await scope.messages.append("thread_1", structs.replace(message, created_at=over))
    assert (await scope.threads.get("thread_1")).tool_resources != thread.tool_resources


async def test_a_store_that_is_not_there_can_not_be_named_anew(scope: Scope) -> None:
    named = ToolResources(code_interpreter=None, file_search=("vs_1",))
    await fill(scope)
    await scope.assistants.insert(rows.assistant(tool_resources=named))
    await scope.threads.insert(rows.thread(tool_resources=named))
    await scope.vector_stores.delete("vs_1")
    await scope.assistants.change("asst_1", lambda old: structs.replace(old, name="still"))
    await scope.threads.change("thread_1", lambda old: structs.replace(old, metadata={"a": "b"}))
    with pytest.raises(NotFound):
        await scope.assistants.insert(rows.assistant("asst_2", tool_resources=named))
    with pytest.raises(NotFound):
        await scope.threads.insert(rows.thread("thread_2", tool_resources=named))


# Projects


async def test_projects_never_see_each_others_stores_files_and_batches(store: Store) -> None:
    mine, theirs = store.scoped("mine"), store.scoped("theirs")
    await fill(mine, "file-1")
    await mine.file_batches.insert(batch(), drafts("file-1"))
    document = (await mine.vector_store_files.get("vs_1", "file-1")).document
    assert (await theirs.vector_stores.list(PageQuery())).data == []
    assert await theirs.vector_store_files.of_document(document) is None
    await theirs.vector_stores.insert(rows.vector_store())
    for ask in (
        theirs.vector_store_files.get("vs_1", "file-1"),
        theirs.vector_store_files.attach("vs_1", drafts("file-1"), at=LATER),
        theirs.vector_store_files.detach("vs_1", "file-1"),
        theirs.file_batches.get("vs_1", "vsfb_1"),
        theirs.file_batches.cancel("vs_1", "vsfb_1"),
    ):
        with pytest.raises(NotFound):
            await ask
    await theirs.vector_store_files.settle(document, windows=1)
    await theirs.vector_stores.delete("vs_1")
    file: VectorStoreFile = await mine.vector_store_files.get("vs_1", "file-1")
    assert (file.status, (await mine.vector_stores.get("vs_1")).counts.total) == ("in_progress", 1)
