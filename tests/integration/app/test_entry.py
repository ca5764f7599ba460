"""The file by which who may read the data folder gets into its server."""

import stat
from pathlib import Path

import pytest

from retinue.app.entry import Entry, new_secret, read_entry, remove_entry, write_entry
from retinue.app.folder import ENTRY, hold

ENTRY_OF = Entry(pid=7, url="http://127.0.0.1:4747", secret="s", version="1")


def test_what_is_written_is_read_and_its_owners_alone(tmp_path: Path) -> None:
    write_entry(tmp_path, ENTRY_OF)
    assert read_entry(tmp_path) == ENTRY_OF
    assert stat.S_IMODE((tmp_path / ENTRY).stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == [ENTRY]


def test_one_that_is_there_is_replaced_whatever_its_mode(tmp_path: Path) -> None:
    (tmp_path / ENTRY).write_text("old")
    (tmp_path / ENTRY).chmod(0o644)
    (tmp_path / f"{ENTRY}.new").write_text("of one that was killed amid it")
    write_entry(tmp_path, ENTRY_OF)
    assert read_entry(tmp_path) == ENTRY_OF
    assert stat.S_IMODE((tmp_path / ENTRY).stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [None, b"", b"{", b"\xff", b"[]", b'{"pid": 1}', b" " * 10_000])
def test_what_can_not_be_read_is_none(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / ENTRY).write_bytes(content)
    assert read_entry(tmp_path) is None


def test_it_is_gone_once_the_folder_is_taken_anew_or_let_go(tmp_path: Path) -> None:
    write_entry(tmp_path, ENTRY_OF)
    with hold(tmp_path):
        assert read_entry(tmp_path) is None
        write_entry(tmp_path, ENTRY_OF)
    assert read_entry(tmp_path) is None
    remove_entry(tmp_path)


def test_no_secret_is_like_another() -> None:
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert min(map(len, secrets)) >= 43
