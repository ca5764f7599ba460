"""Files become searchable in a server that is killed, stopped and asked for other things meanwhile."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import openai
import pytest
from openai.types import VectorStore

from acceptance.crashing import expect_sound
from acceptance.server import Server
from documents.pdf import pdf

LINES = (1_000, 20, 20, 20)
"""Of each file: the first is stored in three goes."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path / "data", environment={"RETINUE_DRAIN_S": "0"}) as started:
        yield started


def client(server: Server) -> openai.OpenAI:
    return openai.OpenAI(base_url=server.base_url, api_key="any")


def text(number: int) -> str:
    return "".join(
        f"Entry {line} of book {number}: the keeper of lighthouse {number * 10_000 + line} counts gulls and writes.\n"
        for line in range(LINES[number])
    )


def begun(ask: openai.OpenAI) -> tuple[VectorStore, str, dict[str, str]]:
    """A vector store into which a batch of files is put; return it, the batch and the files' texts."""
    files = {
        ask.files.create(file=(f"book{n}.txt", text(n).encode()), purpose="assistants").id: text(n)
        for n in range(len(LINES))
    }
    store = ask.vector_stores.create(name="books")
    batch = ask.vector_stores.file_batches.create(store.id, file_ids=list(files))
    return store, batch.id, files


def wait_for_windows(server: Server, count: int) -> None:
    """Wait until so many windows are stored, by a look into the database itself."""
    pause_s = 0.02
    with closing(sqlite3.connect(f"file:{server.data / 'retinue.db'}?mode=ro", uri=True)) as database:
        while database.execute("SELECT count(*) FROM document_windows").fetchone()[0] < count:
            time.sleep(pause_s)


def check_whole(server: Server, store: VectorStore, batch: str, files: dict[str, str]) -> None:
    """Every file is completed, and its text is there once."""
    ask = client(server)
    polled = ask.vector_stores.file_batches.poll(batch, vector_store_id=store.id, poll_interval_ms=100)
    assert (polled.status, polled.file_counts.completed) == ("completed", len(LINES))
    for file, content in files.items():
        parts = ask.vector_stores.files.content(file, vector_store_id=store.id)
        assert "".join(part.text or "" for part in parts) == content
    with closing(sqlite3.connect(server.data / "retinue.db")) as database:
        windows = database.execute("SELECT document, count(*), max(number) + 1 FROM document_windows GROUP BY 1")
        searched = dict(database.execute("SELECT document, sum(windows) FROM document_slabs GROUP BY 1"))
        counted = {document: count for document, count, _ in windows}
        assert counted == searched
        assert len(counted) == len(LINES)
    found = ask.vector_stores.search(store.id, query="lighthouse 917").data
    assert "lighthouse 917 " in found[0].content[0].text


def test_after_a_kill_amid_a_batch_every_file_is_complete_and_there_once(server: Server) -> None:
    store, batch, files = begun(client(server))
    for windows in (1, 65):
        wait_for_windows(server, windows)
        server.kill()
        expect_sound(server.data)
        server.start()
    check_whole(server, store, batch, files)


def test_an_ingest_does_not_hold_up_a_stop_and_goes_on_at_the_next_start(server: Server) -> None:
    store, batch, files = begun(client(server))
    wait_for_windows(server, 1)
    began = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - began < 10, "the files take longer"
    server.start()
    check_whole(server, store, batch, files)
    assert "Traceback" not in server.output


def test_a_pdf_is_found_by_its_pages(server: Server) -> None:
    ask = client(server)
    pages = [f"Chapter {n}. The lighthouse of island {n} was built by engineer number {n}." for n in range(30)]
    file = ask.files.create(file=("islands.pdf", pdf(pages)), purpose="assistants")
    store = ask.vector_stores.create()
    done = ask.vector_stores.files.create_and_poll(file.id, vector_store_id=store.id, poll_interval_ms=50)
    assert (done.status, done.last_error) == ("completed", None)
    assert done.usage_bytes > sum(map(len, pages))
    found = ask.vector_stores.search(store.id, query="Who built the lighthouse of island 17?").data
    assert "island 17 " in found[0].content[0].text
    ask.files.delete(file.id)
    assert ask.vector_stores.search(store.id, query="Who built the lighthouse of island 17?").data == []
