"""Damaged and malicious files: each comes to a clear end."""

from collections.abc import Iterator

import pytest
from msgspec import Struct
from openai import OpenAI

from acceptance.asking import client_of
from acceptance.process_tree import Watched
from acceptance.server import Server
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
    Hostile("100-mb.txt", b"All work and no play makes Jack a dull boy. " * (100_000_000 // 44)),
    Hostile("100-mb.bin", b"\x00\xff\x81\x07" * 25_000_000),
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
