"""What a session takes of a disk, and how it is taken away again."""

import os
from pathlib import Path

from retinue.sandbox.inside import disk, leftovers

MUCH = {"most_bytes": 1 << 20, "most_files": 1_000}


def _fill(folder: Path, names: str) -> None:
    for age, name in enumerate(names):
        (folder / name).write_bytes(bytes(8192))
        os.utime(folder / name, ns=(age, age))


def test_names_and_what_they_hold_are_counted_and_links_not_followed(tmp_path: Path) -> None:
    _fill(tmp_path, "ab")
    (tmp_path / "below").mkdir()
    _fill(tmp_path / "below", "c")
    (tmp_path / "link").symlink_to("/usr")
    taken = disk.taken([str(tmp_path)], (), **MUCH)
    assert (taken.files, taken.too_much) == (5, False)
    assert taken.bytes >= 3 * 8192


def test_a_file_without_a_name_is_counted_while_it_is_open(tmp_path: Path) -> None:
    before = disk.taken([], [os.getpid()], **MUCH).bytes
    with (tmp_path / "gone").open("wb") as file:
        file.write(bytes(65_536))
        file.flush()
        (tmp_path / "gone").unlink()
        assert disk.taken([], [os.getpid()], **MUCH).bytes - before >= 65_536


def test_what_was_written_last_goes_first(tmp_path: Path) -> None:
    _fill(tmp_path, "abcd")
    disk.trim([str(tmp_path)], most_bytes=1 << 20, most_files=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_folders_that_are_too_many_go_with_all_that_is_in_them(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    for number in range(10):
        (folder / str(number)).mkdir()
    disk.trim([str(folder)], most_bytes=1 << 20, most_files=2)
    assert list(tmp_path.iterdir()) == [folder]
    assert list(folder.iterdir()) == []


def test_a_folder_is_removed_however_deep_it_is(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    here = Path.cwd()
    os.chdir(tmp_path / "data")
    try:
        for _ in range(3_000):
            Path("d").mkdir(mode=0o300)
            os.chdir("d")
    finally:
        os.chdir(here)
    disk.remove(str(tmp_path / "data"))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_somebody_has_is_not_cleared_away(tmp_path: Path) -> None:
    folder, lock = leftovers.made(str(tmp_path))
    leftovers.clear_away(str(tmp_path))
    assert Path(folder).exists()
    os.close(lock)
    leftovers.clear_away(str(tmp_path))
    assert list(tmp_path.iterdir()) == []
