from hypothesis import given
from hypothesis import strategies as st

from retinue.core.mounting import MAX_PATH_BYTES, mounted_paths

FILES = st.lists(st.tuples(st.text(min_size=1, max_size=8), st.text(max_size=600)), max_size=6)


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
    assert len(path.encode()) <= MAX_PATH_BYTES


@given(FILES)
def test_no_two_files_share_a_path_and_each_is_a_plain_name(files: list[tuple[str, str]]) -> None:
    paths = mounted_paths(files)

    assert set(paths) == {id_ for id_, _ in files}
    assert len(set(paths.values())) == len(paths)
    for path in paths.values():
        assert "/" not in path
        assert path.strip(".")
        assert len(path.encode()) <= MAX_PATH_BYTES


@given(FILES)
def test_files_that_are_added_move_none(files: list[tuple[str, str]]) -> None:
    whole = mounted_paths(files)

    before = mounted_paths(files[:-1])
    assert {id_: whole[id_] for id_ in before} == before


def test_ids_that_are_longer_than_a_path_may_be_are_told_apart_too() -> None:
    paths = mounted_paths([(f"{'x' * 300}{n}", "sales.csv") for n in range(5)])

    assert len(set(paths.values())) == 5
