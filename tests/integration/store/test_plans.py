"""Every statement that the store knows is answered by an index, over either database."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from retinue.core.assistant import Assistant, AttachedFile
from retinue.core.container import Collected
from retinue.core.file import FileDraft as NewFile
from retinue.core.history import RunChange
from retinue.core.imports import Import, Importable
from retinue.core.job import INGEST_DOCUMENT, Job
from retinue.core.key import Key
from retinue.core.model_profile import ModelProfile
from retinue.core.paging import PageQuery
from retinue.core.run import Status
from retinue.core.tools import CodeInterpreterTool, FileSearchTool
from retinue.core.upload import Part, Upload
from retinue.core.vector_store import (
    Chunking,
    Embedding,
    FileBatch,
    FileDraft,
    FileError,
    FilledStore,
    Reached,
    Slab,
    Window,
)
from retinue.store import Scope, Store
from store import rows
from store.conftest import Opener
from store.planning import Noted, Planned

MAY_READ_ALL = {
    "keys.list": "all are asked for",
    "keys.insert": "one row is read, whichever",
    "keys.look_up": "the same, where no key is found",
    "keys.any_made": "the same",
    "model_facts.list": "all are asked for",
    "jobs.next_due": "the first of its index is read",
    "store.unfinished_runs": "its index holds the live runs alone",
}
MAY_SORT = {
    "runs.history": "the executions of one run",
    "runs.take_over": "the same",
    "runs.decide": "the same",
}

PAGE = PageQuery(limit=2, after="id_1")
BETWEEN = PageQuery(limit=2, order="asc", after="id_1", before="id_3")
FILES = (AttachedFile(file_id="id_1", attached_at=rows.NOW),)
JOB = Job(kind="k", project="default", key="new", due=rows.NOW)
COLLECTED = Collected(
    container=rows.container("cntr_1", at=rows.NOW + 60),
    files=(rows.file("written"),),
    placed=(
        rows.container_file("cfile_w", path="cfile_1.txt", file_id="written"),
        rows.container_file("cfile_v", path="new.txt"),
    ),
    removed=("id_1.txt",),
)
OF_CONTAINER = [rows.container_file(f"id_{n}", file_id=f"id_{n}") for n in range(4)]
RUN, CALL = rows.run("new", served=("get_a",)), rows.call(of="new")
SAID = rows.message("said", role="assistant", run_id="new")
CHANGE = RunChange(
    run=rows.moved(RUN, Status.IN_PROGRESS),
    items=(CALL, rows.output(CALL), SAID),
    steps=(rows.step("step_new", of="new"),),
    executions=(rows.execution(CALL),),
    turn=rows.turn(of="new"),
    collected=(COLLECTED,),
)
KEY = Key(id="key_1", name="", project="default", created_at=rows.NOW, shown="sk-")


DRAFTS = [FileDraft(file_id=id_) for id_ in ("id_1", "id_2")]
CUT_ANEW = [FileDraft(file_id="id_2", chunking=Chunking(size=100, overlap=0))]
BATCH = FileBatch(id="vsfb_1", store_id="vs_1", created_at=rows.NOW)
EMBEDDING = Embedding(model="m", dimensions=1)
FILLED = FilledStore(store=rows.vector_store("vs_3"), files=tuple(DRAFTS))
FILLED_TOO = FilledStore(store=rows.vector_store("vs_4"), files=tuple(DRAFTS))
WAITS = FileError(code="server_error", message="The model does not answer.")
SEARCHED = rows.message("searched", of="thread_searched", attachments=(rows.attached("id_2"),))
SEARCHED_LATER = rows.message("searched_later", of="thread_searched", attachments=(rows.attached("id_2"),))

MOUNTED = rows.message("mounted", attachments=(rows.attached("id_2", "code_interpreter"),))


def v1(id_: str) -> Assistant:
    return rows.assistant(id_, tools=(FileSearchTool(), CodeInterpreterTool()))


def upload(id_: str) -> Upload:
    draft = NewFile(name="a.txt", purpose="assistants")
    return Upload(id=id_, created_at=rows.NOW, expires_at=rows.NOW, file=draft, size=3, mime_type="text/plain")


def part(id_: str, of: str) -> Part:
    return Part(id=id_, created_at=rows.NOW, upload_id=of, blob=f"blob_of_{id_}", size=3)


def anything(*_: object) -> None:
    """Let everything pass."""


async def window(scope: Scope) -> None:
    await scope.messages.window(await scope.messages.branch("branch_of_thread_1"), before=3, limit=2)


async def documents(scope: Scope) -> None:
    """A file that is read in one vector store, and copied into another."""
    [first] = await scope.vector_store_files.attach("vs_1", [FileDraft(file_id="id_4")], at=rows.NOW)
    [second] = await scope.vector_store_files.attach("vs_2", [FileDraft(file_id="id_4")], at=rows.NOW)
    windows = [Window(number=0, text="a"), Window(number=1, text="b", page=2)]
    await scope.documents.add(first.document, windows, Slab(first=0, count=2, vectors=b"abcd", terms=b"t"))
    await scope.vector_store_files.settle(first.document, windows=2)
    await scope.documents.twin(second, EMBEDDING)
    await scope.documents.copy(first.document, second.document)
    await scope.vector_store_files.settle(second.document, error=FileError(code="invalid_file", message="No."))


async def dump(scope: Scope) -> None:
    """The same things twice, one of them deleted meanwhile."""
    values: list[Importable] = [
        rows.assistant("asst_in", files=FILES, tools=(FileSearchTool(),)),
        rows.thread("thread_in"),
        *(rows.message(f"in_{n}", of="thread_in") for n in range(2)),
        rows.message("in_3", of="thread_implied"),
        rows.run("run_in", of="thread_in"),
    ]
    await scope.imports.take([Import(value) for value in values])
    await scope.messages.delete("thread_in", "in_1")
    await scope.imports.take([Import(value) for value in values])


ASKED: list[tuple[str, Callable[[Scope], Awaitable[Any]]]] = [
    ("assistants.insert", lambda s: s.assistants.insert(rows.assistant("new"))),
    ("assistants.get", lambda s: s.assistants.get("id_1")),
    ("assistants.change", lambda s: s.assistants.change("id_1", lambda old: old)),
    ("assistants.list", lambda s: s.assistants.list(PAGE)),
    ("assistants.list", lambda s: s.assistants.list(BETWEEN)),
    ("assistant_files.insert", lambda s: s.assistant_files.insert(v1("asst_v1"), FILES)),
    ("assistant_files.of", lambda s: s.assistant_files.of([v1("asst_v1")])),
    ("assistant_files.change", lambda s: s.assistant_files.change("asst_v1", lambda old, _: (old, ()))),
    ("assistant_files.change", lambda s: s.assistant_files.change("asst_v1", lambda old, _: (old, FILES))),
    ("assistants.delete", lambda s: s.assistants.delete("asst_v1")),
    ("threads.insert", lambda s: s.threads.insert(rows.thread("thread_2"), [rows.message("m", of="thread_2")])),
    ("threads.get", lambda s: s.threads.get("thread_1")),
    ("threads.change", lambda s: s.threads.change("thread_1", lambda old: old)),
    ("threads.list", lambda s: s.threads.list(PageQuery(after="thread_1"))),
    ("messages.append", lambda s: s.messages.append("thread_1", rows.message("appended"))),
    ("messages.append", lambda s: s.messages.append("thread_1", MOUNTED)),
    ("messages.get", lambda s: s.messages.get("thread_1", "id_1")),
    ("messages.list", lambda s: s.messages.list("thread_1", PAGE)),
    ("messages.list", lambda s: s.messages.list("thread_1", BETWEEN)),
    ("messages.list", lambda s: s.messages.list("thread_1", PAGE, run_id="id_1")),
    ("messages.set_metadata", lambda s: s.messages.set_metadata("thread_1", "id_1", {})),
    ("messages.delete", lambda s: s.messages.delete("thread_1", "id_2")),
    ("messages.list", lambda s: s.messages.list("thread_1", PageQuery(after="id_2"))),
    ("messages.branch", lambda s: s.messages.branch("branch_of_thread_1")),
    ("messages.window", window),
    ("containers.insert", lambda s: s.containers.insert(rows.container("cntr_1"), OF_CONTAINER)),
    ("containers.of_thread", lambda s: s.containers.of_thread("thread_1", rows.thread_container())),
    ("containers.find_of_thread", lambda s: s.containers.find_of_thread("thread_1")),
    ("containers.get", lambda s: s.containers.get("cntr_1")),
    ("containers.running", lambda s: s.containers.running("cntr_1", at=rows.NOW)),
    ("containers.list", lambda s: s.containers.list(PageQuery(after="cntr_1"))),
    ("containers.list", lambda s: s.containers.list(PageQuery(after="cntr_1"), name="C")),
    ("containers.touch", lambda s: s.containers.touch("cntr_1", at=rows.NOW + 9)),
    ("container_files.put", lambda s: s.container_files.put(rows.container_file("cfile_1"))),
    ("container_files.put", lambda s: s.container_files.put(rows.container_file("cfile_1"))),
    ("container_files.put", lambda s: s.container_files.put(rows.container_file("cfile_2", file_id="id_1"))),
    ("container_files.all", lambda s: s.container_files.all("cntr_1")),
    ("container_files.list", lambda s: s.container_files.list("cntr_1", PAGE)),
    ("container_files.list", lambda s: s.container_files.list("cntr_1", BETWEEN)),
    ("container_files.get", lambda s: s.container_files.get("cntr_1", "id_1")),
    ("container_files.delete", lambda s: s.container_files.delete("cntr_1", "cfile_2")),
    ("runs.create", lambda s: s.runs.create(RUN, [rows.message("asked")])),
    ("runs.commit", lambda s: s.runs.commit(CHANGE)),
    ("runs.get", lambda s: s.runs.get("thread_1", "new")),
    ("runs.list", lambda s: s.runs.list("thread_1", PAGE)),
    ("runs.list", lambda s: s.runs.list("thread_1", BETWEEN)),
    ("runs.number_of", lambda s: s.runs.number_of(RUN, CALL)),
    ("runs.history", lambda s: s.runs.history("new")),
    ("runs.set_metadata", lambda s: s.runs.set_metadata("thread_1", "new", {})),
    ("runs.take_over", lambda s: s.runs.take_over("new")),
    ("runs.decide", lambda s: s.runs.decide("thread_1", "new", lambda history: RunChange(run=history.run))),
    ("runs.ask_to_cancel", lambda s: s.runs.ask_to_cancel("thread_1", "new", check=anything)),
    ("steps.list", lambda s: s.steps.list("new", PageQuery(after="step_new"))),
    ("turns.manifest_before", lambda s: s.turns.manifest_before(rows.run("later"))),
    ("spending.of_thread", lambda s: s.spending.of_thread("thread_1")),
    ("threads.fork", lambda s: s.threads.fork("thread_1", after=2)),
    ("threads.rewind", lambda s: s.threads.rewind("thread_1", "id_0", keep=True)),
    ("messages.list", lambda s: s.messages.list("thread_1", PAGE)),
    ("threads.delete", lambda s: s.threads.delete("thread_1")),
    ("files.delete", lambda s: s.files.delete("id_0")),
    ("containers.expire", lambda s: s.containers.expire("cntr_1", now=rows.NOW + 90)),
    ("containers.expire", lambda s: s.containers.expire("cntr_1", now=rows.NOW + 1e6)),
    ("containers.delete", lambda s: s.containers.delete("cntr_1")),
    ("vector_stores.insert", lambda s: s.vector_stores.insert(rows.vector_store("vs_1", expires_days=1), DRAFTS)),
    ("vector_stores.insert", lambda s: s.vector_stores.insert(rows.vector_store("vs_2"), DRAFTS)),
    ("vector_stores.get", lambda s: s.vector_stores.get("vs_1")),
    ("vector_stores.change", lambda s: s.vector_stores.change("vs_1", lambda old: old)),
    ("vector_stores.touch", lambda s: s.vector_stores.touch([rows.vector_store()], at=rows.NOW + 60)),
    ("vector_stores.embed_with", lambda s: s.vector_stores.embed_with("vs_1", EMBEDDING)),
    ("vector_stores.list", lambda s: s.vector_stores.list(PageQuery(after="vs_1"))),
    ("file_batches.insert", lambda s: s.file_batches.insert(BATCH, [*DRAFTS, FileDraft(file_id="id_3")])),
    ("file_batches.get", lambda s: s.file_batches.get("vs_1", "vsfb_1")),
    ("vector_store_files.attach", lambda s: s.vector_store_files.attach("vs_1", CUT_ANEW, at=rows.NOW)),
    ("vector_store_files.get", lambda s: s.vector_store_files.get("vs_1", "id_1")),
    ("vector_store_files.of_document", lambda s: s.vector_store_files.of_document("doc_1")),
    ("vector_store_files.waits_since", lambda s: s.vector_store_files.waits_since("doc_1", at=rows.NOW)),
    ("vector_store_files.wait", lambda s: s.vector_store_files.wait("doc_1", error=WAITS)),
    ("vector_store_files.reach", lambda s: s.vector_store_files.reach("doc_1", Reached(windows=1, attempts=1))),
    ("vector_store_files.expect", lambda s: s.vector_store_files.expect("doc_1", windows=2)),
    ("vector_store_files.list", lambda s: s.vector_store_files.list("vs_1", PAGE)),
    ("vector_store_files.list", lambda s: s.vector_store_files.list("vs_1", BETWEEN, status="in_progress")),
    ("vector_store_files.list", lambda s: s.vector_store_files.list("vs_1", PageQuery(), batch="vsfb_1")),
    ("vector_store_files.list", lambda s: s.vector_store_files.list("vs_1", PAGE, batch="vsfb_1", status="failed")),
    ("vector_store_files.set_attributes", lambda s: s.vector_store_files.set_attributes("vs_1", "id_1", {"a": 1})),
    ("documents.add", documents),
    ("documents.stored", lambda s: s.documents.stored("doc_1")),
    ("documents.size", lambda s: s.documents.size("doc_1")),
    ("documents.slabs", lambda s: s.documents.slabs("doc_1")),
    ("documents.vectors", lambda s: s.documents.vectors([("doc_1", 0)], size=2)),
    ("documents.windows", lambda s: s.documents.windows("doc_1", first=1, last=2)),
    ("documents.changes", lambda s: s.documents.changes("vs_1", since=0)),
    ("documents.searchable", lambda s: s.documents.searchable("vs_1")),
    ("documents.clear", lambda s: s.documents.clear("doc_1")),
    ("file_batches.cancel", lambda s: s.file_batches.cancel("vs_1", "vsfb_1")),
    ("vector_store_files.detach", lambda s: s.vector_store_files.detach("vs_1", "id_1")),
    ("threads.insert", lambda s: s.threads.insert(rows.thread("thread_searched"), [SEARCHED], store=FILLED)),
    ("messages.append", lambda s: s.messages.append("thread_searched", SEARCHED_LATER)),
    ("assistants.insert", lambda s: s.assistants.insert(rows.assistant("searching"), store=FILLED_TOO)),
    ("vector_stores.expire", lambda s: s.vector_stores.expire("vs_1", now=rows.NOW)),
    ("vector_stores.expire", lambda s: s.vector_stores.expire("vs_1", now=rows.NOW + 1e6)),
    ("vector_stores.delete", lambda s: s.vector_stores.delete("vs_2")),
    ("threads.delete", lambda s: s.threads.delete("thread_searched")),
    ("files.insert", lambda s: s.files.insert(rows.file("new", expires_at=rows.NOW))),
    ("files.get", lambda s: s.files.get("id_1")),
    ("files.names", lambda s: s.files.names(["id_1", "gone"])),
    ("files.missing", lambda s: s.files.missing(["id_1", "gone"])),
    ("files.list", lambda s: s.files.list(PAGE)),
    ("files.list", lambda s: s.files.list(BETWEEN, purpose="assistants")),
    ("files.delete", lambda s: s.files.delete("id_1")),
    ("uploads.insert", lambda s: s.uploads.insert(upload("upload_1"))),
    ("uploads.get", lambda s: s.uploads.get("upload_1")),
    ("uploads.add_part", lambda s: s.uploads.add_part(part("part_1", "upload_1"), check=anything)),
    ("uploads.parts", lambda s: s.uploads.parts("upload_1")),
    ("uploads.complete", lambda s: s.uploads.complete("upload_1", rows.file("whole"), check=anything)),
    ("uploads.end", lambda s: s.uploads.end("upload_1", "cancelled", check=anything)),
    ("imports.take", dump),
]

ASKED_ON_THE_WAY = {"documents.copy", "documents.twin", "vector_store_files.settle"}
"""By `documents`."""

ASKED_OF_ALL: list[tuple[str, Callable[[Store], Awaitable[Any]]]] = [
    ("jobs.add", lambda s: s.jobs.add(JOB)),
    ("jobs.next_due", lambda s: s.jobs.next_due("k", "l")),
    ("jobs.lease", lambda s: s.jobs.lease({"k": 100, "l": 1}, now=rows.NOW + 1_000, seconds=60)),
    ("jobs.waiting", lambda s: s.jobs.waiting(INGEST_DOCUMENT, now=rows.NOW)),
    ("jobs.lease_of", lambda s: s.jobs.lease_of("p", INGEST_DOCUMENT, now=rows.NOW, seconds=60)),
    ("jobs.postpone", lambda s: s.jobs.postpone(JOB, due=rows.NOW)),
    ("jobs.renew", lambda s: s.jobs.renew(JOB, until=rows.NOW)),
    ("jobs.give_back", lambda s: s.jobs.give_back(JOB)),
    ("jobs.bring_forward", lambda s: s.jobs.bring_forward("k", now=rows.NOW, beyond=rows.NOW + 900)),
    ("jobs.recall", lambda s: s.jobs.recall(["k"], now=rows.NOW)),
    ("jobs.finish", lambda s: s.jobs.finish(JOB)),
    ("keys.any_made", lambda s: s.keys.any_made()),
    ("keys.insert", lambda s: s.keys.insert(KEY, "hash")),
    ("keys.look_up", lambda s: s.keys.look_up("hash")),
    ("keys.look_up", lambda s: s.keys.look_up("other")),
    ("keys.list", lambda s: s.keys.list()),
    ("keys.revoke", lambda s: s.keys.revoke("key_1", at=rows.NOW)),
    ("keys.withdraw", lambda s: s.keys.withdraw("key_1")),
    ("model_facts.put", lambda s: s.model_facts.put(ModelProfile(place="p", model="m", probed_at=rows.NOW))),
    ("model_facts.list", lambda s: s.model_facts.list()),
    ("store.unfinished_runs", lambda s: s.unfinished_runs()),
    ("store.unowned_blobs", lambda s: s.unowned_blobs(["blob_of_id_3", "lost"])),
]


async def seed(scope: Scope) -> None:
    ids = [f"id_{n}" for n in range(5)]
    await asyncio.gather(*(scope.assistants.insert(rows.assistant(id_)) for id_ in ids))
    await asyncio.gather(*(scope.files.insert(rows.file(id_)) for id_ in ids))
    await scope.threads.insert(rows.thread(), [rows.message(id_) for id_ in ids])
    for id_ in ids:
        run = rows.run(id_)
        await scope.runs.create(run)
        await scope.runs.commit(rows.ended(run))


@pytest.fixture
async def noted(opener: Opener) -> dict[str, Noted]:
    """What is wrong with the statements of each method."""
    database = Planned(await opener())
    store = await Store.open(database)
    scope = store.scoped("default")
    await seed(scope)
    found: dict[str, Noted] = {}
    for name, ask in ASKED:
        database.noted.clear()
        await ask(scope)
        found.setdefault(name, []).extend(database.noted)
    for name, ask_all in ASKED_OF_ALL:
        database.noted.clear()
        await ask_all(store)
        found.setdefault(name, []).extend(database.noted)
    await database.close()
    return found


async def test_no_statement_reads_a_whole_table_or_sorts_it(noted: dict[str, Noted]) -> None:
    allowed = {"reads all": MAY_READ_ALL, "sorts": MAY_SORT}
    wrong = [(name, *one) for name, some in noted.items() for one in some if name not in allowed[one[1]]]
    assert wrong == []


async def test_every_method_of_the_store_is_asked(store: Store) -> None:
    asked = {name for name, _ in (*ASKED, *ASKED_OF_ALL)} | ASKED_ON_THE_WAY
    rooms = {**vars(store), **vars(store.scoped("default"))}
    there = {
        f"{room}.{method}"
        for room, value in rooms.items()
        if type(value).__module__.startswith("retinue.store.") and not room.startswith("_")
        for method, function in inspect.getmembers(value, inspect.ismethod)
        if not method.startswith("_")
    }
    assert there - asked == set()
