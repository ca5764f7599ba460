"""Holding the data folder: one process at a time, and nothing about it keeps a server from serving needlessly."""

import os
from pathlib import Path

import pytest

from retinue.app.folder import LOCK, OWNER, hold, is_held
from retinue.core.errors import FolderInUse, NotStarted


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    with hold(tmp_path / "new" / "data"):
        assert (tmp_path / "new" / "data").is_dir()


def test_a_second_holder_is_refused_with_the_folder_and_the_first_one_named(tmp_path: Path) -> None:
    with hold(tmp_path), pytest.raises(FolderInUse) as refused, hold(tmp_path):
        raise AssertionError("held twice")
    assert str(tmp_path) in refused.value.message
    assert f"(process {os.getpid()})" in refused.value.message


def test_a_refused_holder_leaves_the_first_one_its_hold(tmp_path: Path) -> None:
    with hold(tmp_path):
        for _ in range(2):
            with pytest.raises(FolderInUse), hold(tmp_path):
                raise AssertionError("held twice")
        assert (tmp_path / OWNER).read_text() == str(os.getpid())


def test_a_folder_that_was_let_go_can_be_held_again(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), hold(tmp_path):
        raise ZeroDivisionError
    assert not (tmp_path / OWNER).exists()
    with hold(tmp_path):
        pass


def test_a_file_is_no_data_folder(tmp_path: Path) -> None:
    file = tmp_path / "data"
    file.write_text("mine")
    with pytest.raises(NotStarted) as refused, hold(file):
        raise AssertionError("held")
    assert str(file) in refused.value.message
    assert file.read_text() == "mine"


def test_a_lock_that_can_not_be_written_is_told_with_the_folder(tmp_path: Path) -> None:
    (tmp_path / LOCK).mkdir()
    with pytest.raises(NotStarted) as refused, hold(tmp_path):
        raise AssertionError("held")
    assert str(tmp_path) in refused.value.message


def test_a_note_of_the_owner_that_can_not_be_written_does_not_keep_from_serving(tmp_path: Path) -> None:
    (tmp_path / OWNER).mkdir()
    with hold(tmp_path), pytest.raises(FolderInUse) as refused, hold(tmp_path):
        raise AssertionError("held twice")
    assert "Another Retinue has the data folder" in refused.value.message


def test_a_note_of_the_owner_that_can_not_be_read_is_left_out(tmp_path: Path) -> None:
    with hold(tmp_path):
        (tmp_path / OWNER).write_bytes(b"\xff\xfe")
        with pytest.raises(FolderInUse) as refused, hold(tmp_path):
            raise AssertionError("held twice")
    assert str(tmp_path) in refused.value.message


def test_looking_whether_a_folder_is_held_tells_and_leaves_it_as_it_was(tmp_path: Path) -> None:
    assert not is_held(tmp_path / "none")
    with hold(tmp_path):
        assert is_held(tmp_path)
        assert (tmp_path / OWNER).read_text() == str(os.getpid())
    assert not is_held(tmp_path)
    with hold(tmp_path):
        pass
