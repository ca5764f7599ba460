"""Which files a command means."""

from pathlib import Path

import pytest

from retinue.cli.files.gathering import gather
from retinue.core.errors import InvalidRequest


def made(folder: Path, *names: str, content: str = "text") -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def test_a_folder_is_its_files_in_the_order_of_their_names(tmp_path: Path) -> None:
    made(tmp_path, "b.md", "a.txt", "deep/er/c.csv")
    assert [str(path.relative_to(tmp_path)) for path in gather([tmp_path]).files] == ["a.txt", "b.md", "deep/er/c.csv"]


def test_what_holds_no_documents_is_skipped_and_said(tmp_path: Path) -> None:
    made(tmp_path, "a.txt", ".git/config", ".hidden", "node_modules/x.js", "photo.JPG")
    made(tmp_path, "empty.txt", content="")
    (tmp_path / "link.txt").symlink_to(tmp_path / "a.txt")
    (tmp_path / "around").symlink_to(tmp_path)
    gathered = gather([tmp_path])
    assert [path.name for path in gathered.files] == ["a.txt"]
    assert {Path(one.name).name: one.why for one in gathered.skipped} == {
        ".git": "hidden",
        ".hidden": "hidden",
        "around": "a link",
        "empty.txt": "empty",
        "link.txt": "a link",
        "node_modules": "programs' own",
        "photo.JPG": "a type that is not read",
    }


def test_a_file_that_is_named_is_taken_once_however_it_is_named(tmp_path: Path) -> None:
    made(tmp_path, ".hidden", "deep/a.md")
    (tmp_path / "link.md").symlink_to(tmp_path / "deep/a.md")
    named = [tmp_path / ".hidden", tmp_path / "deep/../deep/a.md", tmp_path / "link.md", tmp_path / "deep"]
    assert [path.relative_to(tmp_path) for path in gather(named).files] == [Path(".hidden"), Path("deep/a.md")]


def test_a_file_that_is_named_is_skipped_where_it_can_not_be_read(tmp_path: Path) -> None:
    made(tmp_path, "photo.jpg")
    gathered = gather([tmp_path / "photo.jpg"])
    assert (gathered.files, [one.why for one in gathered.skipped]) == ((), ["a type that is not read"])


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match=r"There is no file or folder .*nowhere"):
        gather([tmp_path / "nowhere"])
