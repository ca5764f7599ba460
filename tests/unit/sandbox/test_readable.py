"""Which private paths code in a session could read."""

from pathlib import Path

from retinue.sandbox.readable import exposed, readable


def test_a_private_path_is_exposed_where_it_lies_below_a_readable_one(tmp_path: Path) -> None:
    (tmp_path / "shared" / "data").mkdir(parents=True)
    (tmp_path / "own").mkdir()
    private = [str(tmp_path / "own"), str(tmp_path / "shared" / "data"), str(tmp_path / "shared")]
    assert exposed(private, [str(tmp_path / "shared")]) == sorted(private[1:])
    assert exposed([str(tmp_path)], [str(tmp_path / "shared")]) == []


def test_links_hide_nothing(tmp_path: Path) -> None:
    (tmp_path / "shared" / "data").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "shared" / "data")
    (tmp_path / "readable").symlink_to(tmp_path / "shared")
    assert exposed([str(tmp_path / "link")], [str(tmp_path / "readable")]) == [str(tmp_path / "link")]


def test_what_is_readable_is_neither_a_home_nor_all_of_etc() -> None:
    assert not {"/", "/etc", "/home", "/root", str(Path.home()), str(Path.cwd())} & set(readable())
