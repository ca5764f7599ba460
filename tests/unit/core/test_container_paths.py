"""Under which paths files stand in containers: whatever they are called, below the folder and in bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retinue.core.container_paths import MAX_NAME_BYTES, MAX_PATH_BYTES, file_path, is_path, mounted_paths

FILES = st.lists(st.tuples(st.text(min_size=1, max_size=8), st.text(max_size=600)), max_size=6)


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


def test_a_name_with_folders_that_is_taken_gets_its_files_id_in_front_too() -> None:
    assert file_path("a/x.txt", "file-1", {"x.txt"}) == "file-1-x.txt"


def test_a_file_lies_under_its_own_name() -> None:
    assert mounted_paths([("file-a", "sales.csv")]) == {"file-a": "sales.csv"}


def test_folders_and_control_characters_of_a_name_do_not_get_into_its_path() -> None:
    assert mounted_paths([("file-a", "../../etc/pass\nwd"), ("file-b", "..")]) == {
        "file-a": "pass_wd",
        "file-b": "upload",
    }


def test_a_later_file_of_the_same_name_has_its_id_before_it() -> None:
    paths = mounted_paths([("file-a", "sales.csv"), ("file-b", "sales.csv"), ("file-a", "sales.csv")])

    assert paths == {"file-a": "sales.csv", "file-b": "file-b-sales.csv"}


def test_a_name_that_is_too_long_for_a_file_system_keeps_its_ending() -> None:
    path = mounted_paths([("file-a", "ä" * 400 + ".csv")])["file-a"]

    assert path.endswith("ä.csv")
    assert len(path.encode()) <= MAX_NAME_BYTES


@given(FILES)
def test_no_two_files_share_a_path_and_each_is_a_plain_name(files: list[tuple[str, str]]) -> None:
    paths = mounted_paths(files)

    assert set(paths) == {id_ for id_, _ in files}
    assert len(set(paths.values())) == len(paths)
    for path in paths.values():
        assert "/" not in path
        assert path.strip(".")
        assert len(path.encode()) <= MAX_NAME_BYTES


@given(FILES)
def test_files_that_are_added_move_none(files: list[tuple[str, str]]) -> None:
    whole = mounted_paths(files)

    before = mounted_paths(files[:-1])
    assert {id_: whole[id_] for id_ in before} == before


def test_ids_that_are_longer_than_a_path_may_be_are_told_apart_too() -> None:
    paths = mounted_paths([(f"{'x' * 300}{n}", "sales.csv") for n in range(5)])

    assert len(set(paths.values())) == 5
