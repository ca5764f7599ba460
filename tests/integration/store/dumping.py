"""Writes released/NNNN.sql for the schema of this version: run it once, before a migration is released.

cd tests/integration && python -m store.dumping
"""

import asyncio
import contextlib
import sqlite3
import tempfile
from pathlib import Path

from msgspec import structs

from retinue.core.assistant import AttachedFile
from retinue.core.file import FileDraft
from retinue.core.history import RunChange
from retinue.core.item import Text, ToolOutput
from retinue.core.key import Key, hash_of
from retinue.core.run import EVENTS_PER_FENCE, Status
from retinue.core.tools import FileSearchTool
from retinue.core.upload import Part, Upload
from retinue.core.usage import Usage
from retinue.core.vector_store import Chunking, FileBatch, Slab, Window
from retinue.core.vector_store import FileDraft as SearchedFile
from retinue.store import Scope, Store
from retinue.store.schema import released
from retinue.store.sqlite import SQLite
from store import rows


async def fill(path: Path) -> None:
    """A thread in which a run called a function, got its output and answered; some lists; a deleted message."""
    database = SQLite.open(path)
    store = await Store.open(database)
    scope = store.scoped("default")
    await fill_files(store)
    await scope.assistants.insert(rows.assistant(name="Weather", metadata={"k": "v"}))
    asked = rows.message("msg_1", content=(Text("Which is warmer?"),), metadata={"k": "v"})
    await scope.threads.insert(rows.thread(metadata={"user_id": "ann"}), [asked, rows.message("msg_gone")])
    await scope.messages.delete("thread_1", "msg_gone")
    run = rows.run()
    await scope.runs.create(run)
    call = rows.call()
    waiting = rows.moved(run, Status.IN_PROGRESS, Status.REQUIRES_ACTION)
    first = rows.step(kind="tool_calls", cuts=((8,),))
    turn = structs.replace(rows.turn(0), finish="tool_calls")
    waiting = structs.replace(waiting, pending=(call,))
    await scope.runs.commit(RunChange(run=waiting, turn=turn, steps=(first,), items=(call,)))
    answered = ToolOutput(
        id="item_2", run_id="run_1", step_id="step_1", created_at=rows.NOW + 4, call_id=call.call_id, output="31"
    )
    again = structs.replace(waiting, pending=()).moved(Status.QUEUED, at=rows.NOW + 4, event=2 * EVENTS_PER_FENCE + 2)
    closed = structs.replace(first, status="completed", ended_at=rows.NOW + 4, last_event=2 * EVENTS_PER_FENCE + 1)
    await scope.runs.commit(RunChange(run=again, steps=(closed,), items=(answered,)))
    said = rows.message(
        "msg_2",
        role="assistant",
        content=(Text("Rome is."),),
        run_id="run_1",
        step_id="step_2",
        assistant_id="asst_1",
        ended_at=rows.NOW + 6,
    )
    second = rows.step(
        "step_2",
        at=rows.NOW + 5,
        turn=1,
        first_event=2 * EVENTS_PER_FENCE + 4,
        message_id="msg_2",
        status="completed",
        ended_at=rows.NOW + 6,
        cuts=((4, 4),),
        last_event=2 * EVENTS_PER_FENCE + 7,
    )
    done = again.moved(Status.IN_PROGRESS, at=rows.NOW + 5, event=2 * EVENTS_PER_FENCE + 3)
    done = done.moved(Status.COMPLETED, at=rows.NOW + 6, event=2 * EVENTS_PER_FENCE + 8)
    done = structs.replace(done, usage=Usage(prompt=20, completion=10), cost_usd=0.5)
    await scope.runs.commit(RunChange(run=done, turn=rows.turn(1), steps=(second,), items=(said,)))
    await scope.threads.insert(rows.thread("thread_2"))
    await scope.runs.create(rows.run("run_2", of="thread_2"))
    await database.close()


async def fill_files(store: Store) -> None:
    """Files, one of them an assistant's; an upload with a part; a key."""
    scope = store.scoped("files")
    for id_ in ("file-1", "file-2"):
        await scope.files.insert(rows.file(id_))
    files = (AttachedFile(file_id="file-1", attached_at=rows.NOW),)
    await scope.assistant_files.insert(rows.assistant("asst_v1", tools=(FileSearchTool(),)), files)
    await fill_vector_store(scope)
    await fill_containers(scope)
    upload = Upload(
        id="upload_1",
        created_at=rows.NOW,
        expires_at=rows.NOW + 3600,
        file=FileDraft(name="a.txt", purpose="assistants"),
        size=3,
        mime_type="text/plain",
    )
    await scope.uploads.insert(upload)
    part = Part(id="part_1", created_at=rows.NOW, upload_id="upload_1", blob="blob_of_part_1", size=3)
    await scope.uploads.add_part(part, check=lambda *_: None)
    key = Key(id="key_1", name="laptop", project="files", created_at=rows.NOW, shown="sk-retinue-abcd")
    await store.keys.insert(key, hash_of("sk-retinue-abcd"))


async def fill_vector_store(scope: Scope) -> None:
    """A vector store with a file that can be searched and one that is still to be read, which came together."""
    await scope.vector_stores.insert(rows.vector_store(name="Docs", expires_days=7))
    cut = Chunking(size=200, overlap=100)
    drafts = [
        SearchedFile(file_id="file-1", chunking=cut, attributes={"year": 2024}),
        SearchedFile(file_id="file-2"),
    ]
    batch = FileBatch(id="vsfb_1", store_id="vs_1", created_at=rows.NOW)
    await scope.file_batches.insert(batch, drafts)
    document = (await scope.vector_store_files.get("vs_1", "file-1")).document
    slab = Slab(first=0, count=1, vectors=b"\x00\x3c", terms=b"t")
    await scope.documents.add(document, [Window(number=0, text="Hello.", page=3)], slab)
    await scope.vector_store_files.settle(document, usage_bytes=5, windows=1)


async def fill_containers(scope: Scope) -> None:
    """A container with a stored file and one of its own, and a thread's, which is empty."""
    await scope.containers.insert(rows.container(), [rows.container_file("cfile_1", file_id="file-1")])
    await scope.container_files.put(rows.container_file("cfile_2", path="data/own.csv"))
    await scope.threads.insert(rows.thread())
    await scope.containers.of_thread("thread_1", rows.thread_container())


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "retinue.db"
        asyncio.run(fill(path))
        with contextlib.closing(sqlite3.connect(path)) as connection:
            dump = "\n".join(connection.iterdump())
    target = Path(__file__).parent / "released" / f"{len(released()):04}.sql"
    target.write_text(f"{dump}\n", "utf-8")


if __name__ == "__main__":
    main()
