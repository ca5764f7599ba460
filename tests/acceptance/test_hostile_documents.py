"""Damaged and malicious files, and a server that is killed amid its reading: each file comes to a clear end."""

import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import Struct
from openai import OpenAI

from acceptance.asking import client_of
from acceptance.process_tree import Watched
from acceptance.server import POLL_S, Server
from documents import (
    billion_laughs_docx,
    docx_bomb,
    encrypted_office,
    encrypted_pdf,
    scanned_pdf,
    truncated_pdf,
    xlsx_bomb,
)

MOST_MB = 500
FILES = 30
PAUSE = threading.Event()


class Hostile(Struct, frozen=True):
    """A file as somebody uploads it, and whether its text can be had."""

    name: str
    content: bytes
    readable: bool = False


HOSTILE = (
    Hostile("secret.pdf", encrypted_pdf()),
    Hostile("secret.docx", encrypted_office()),
    Hostile("scan.pdf", scanned_pdf()),
    Hostile("half.pdf", truncated_pdf(["The first page."], kept=0.3)),
    Hostile("empty.txt", b""),
    Hostile("picture.pdf", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40),
    Hostile("really-text.docx", b"This is a text and no Word document, whatever it is called.", readable=True),
    Hostile("bomb.docx", docx_bomb()),
    Hostile("bomb.xlsx", xlsx_bomb()),
    Hostile("laughs.docx", billion_laughs_docx()),
    Hostile("two\nlines.txt", b"The name of this file has two lines.", readable=True),
    Hostile("../../../etc/passwd.txt", b"The name of this file climbs out of its folder.", readable=True),
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("hostile") / "data") as server:
        yield server


@pytest.fixture(scope="module")
def client(served: Server) -> Iterator[OpenAI]:
    with client_of(served.base_url) as client:
        yield client


def test_each_hostile_file_comes_to_a_clear_end_and_harms_no_other(client: OpenAI, served: Server) -> None:
    store = client.vector_stores.create(name="hostile")
    for number, hostile in enumerate(HOSTILE):
        with Watched(served.pid) as watched:
            file = client.vector_stores.files.upload_and_poll(
                vector_store_id=store.id, file=(hostile.name, hostile.content), poll_interval_ms=50
            )
        assert file.status == ("completed" if hostile.readable else "failed"), (hostile.name, file)
        if not hostile.readable:
            assert file.last_error is not None
            assert file.last_error.code in ("invalid_file", "unsupported_file"), (hostile.name, file.last_error)
            assert file.last_error.message.endswith("."), (hostile.name, file.last_error)
        assert watched.most_mb < MOST_MB, hostile.name
        after = client.vector_stores.files.upload_and_poll(
            vector_store_id=store.id, file=(f"good-{number}.txt", b"All is well."), poll_interval_ms=50
        )
        assert after.status == "completed", (hostile.name, after)
    names = {file.filename for file in client.files.list().data}
    assert {"passwd.txt", "two_lines.txt"} <= names


def test_a_batch_goes_on_where_the_server_was_killed(tmp_path: Path) -> None:
    """Nothing is lost, nothing doubled: every file has the text that was sent."""
    texts = [_text(number) for number in range(FILES)]
    with Server(tmp_path / "data") as server, client_of(server.base_url) as client:
        files = [client.files.create(file=(f"{n}.txt", text), purpose="assistants") for n, text in enumerate(texts)]
        store = client.vector_stores.create(name="batch")
        batch = client.vector_stores.file_batches.create(store.id, file_ids=[file.id for file in files])
        for moment in sorted(random.Random(6).sample(range(1, FILES), 2)):
            _wait_until_read(client, batch.id, store.id, moment)
            server.kill()
            server.start()
        batch = client.vector_stores.file_batches.poll(batch.id, vector_store_id=store.id, poll_interval_ms=100)
        assert (batch.status, batch.file_counts.completed) == ("completed", FILES)
        for file, text in zip(files, texts, strict=True):
            pieces = client.vector_stores.files.content(file.id, vector_store_id=store.id)
            assert "".join(piece.text or "" for piece in pieces).encode().split() == text.split()
        found = client.vector_stores.search(store.id, query="a chest of coins", max_num_results=50).data
        passages = [(result.file_id, piece.text) for result in found for piece in result.content]
        assert len(set(passages)) == len(passages)


def _wait_until_read(client: OpenAI, batch_id: str, store_id: str, count: int) -> None:
    while client.vector_stores.file_batches.retrieve(batch_id, vector_store_id=store_id).file_counts.completed < count:
        PAUSE.wait(POLL_S)


def _text(number: int) -> bytes:
    parts = (f"Lot {number}, part {part}: a chest of {number * part} coins, sealed." for part in range(1, 15))
    return "\n\n".join(parts).encode()
