"""Under which paths files stand in containers: whatever they are called, below the folder and in bounds."""

import pytest

from retinue.core.container_paths import MAX_PATH_BYTES, file_path, is_path


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("a.txt", "a.txt"),
        ("../../etc/passwd", "passwd"),
        ("..", "upload"),
        ("", "upload"),
        ("a\x00b\n.txt", "a_b_.txt"),
        ("x" * 300 + ".csv", "x" * 251 + ".csv"),
        ("ü" * 300 + ".csv", "ü" * 125 + ".csv"),
        ("🧵" * 300, "🧵" * 63),
        ("a." + "x" * 300, "a." + "x" * 253),
        ("a." + "🧵" * 300, "a." + "🧵" * 63),
    ],
)
def test_a_name_becomes_a_path(name: str, path: str) -> None:
    assert file_path(name, "file-1") == path
    assert is_path(path)


def test_a_name_that_is_taken_gets_its_files_id_in_front() -> None:
    assert file_path("a.txt", "file-1", {"a.txt"}) == "file-1-a.txt"
    assert file_path("a.txt", "file-1", {"a.txt", "file-1-a.txt"}) == "2-file-1-a.txt"


def test_long_names_that_are_taken_differ_all_the_same() -> None:
    taken: set[str] = set()
    for n in range(5):
        path = file_path("x" * 500 + ".csv", f"file-{n}", taken)
        assert is_path(path)
        taken.add(path)
    assert len(taken) == 5


@pytest.mark.parametrize("path", ["a", "a/b", "a/" * 511 + "a", "Ünï/🧵", "..."])
def test_what_lies_below_the_folder_is_a_path(path: str) -> None:
    assert len(path.encode()) <= MAX_PATH_BYTES
    assert is_path(path)


@pytest.mark.parametrize(
    "path", ["", "/a", "a/", "a//b", ".", "a/../b", "a\x00", "\udcff", "ü" * 128, "a/" * 512 + "a"]
)
def test_what_lies_elsewhere_or_out_of_bounds_is_none(path: str) -> None:
    assert not is_path(path)
