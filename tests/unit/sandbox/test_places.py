"""The name by which code knows its folder, where that lies elsewhere."""

import ast

import pytest

from retinue.sandbox.inside.places import KNOWN, moved
from retinue.sandbox.shown import Shown

PLACE = "/tmp/house/7/data"


def value(code: str) -> object:
    names: dict[str, object] = {"name": "x"}
    return eval(compile(ast.Expression(moved(ast.parse(code), PLACE).body[0].value), "", "eval"), names)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("code", "becomes"),
    [
        ("'/mnt/data'", PLACE),
        ("'/mnt/data/a.csv'", f"{PLACE}/a.csv"),
        ("b'/mnt/data/a'", f"{PLACE}/a".encode()),
        ("f'/mnt/data/{name}.csv'", f"{PLACE}/x.csv"),
        ("'cp /mnt/data/a /mnt/data/b; ls /mnt/data.'", f"cp {PLACE}/a {PLACE}/b; ls {PLACE}."),
        ("'sqlite:////mnt/data/a.db'", f"sqlite:///{PLACE}/a.db"),
        ("['--out=/mnt/data']", [f"--out={PLACE}"]),
    ],
)
def test_the_folder_is_found_by_the_name_that_code_knows(code: str, becomes: object) -> None:
    assert value(code) == becomes


@pytest.mark.parametrize(
    "path", ["/mnt/database", "/mnt/data-1", "/mnt/data.csv", "/srv/mnt/data", "/mnt/dat", "./mnt/data"]
)
def test_other_paths_are_left(path: str) -> None:
    assert value(repr(path)) == path


def test_nothing_is_changed_where_the_folder_has_that_name() -> None:
    tree = ast.parse("'/mnt/data'")
    assert ast.dump(moved(tree, KNOWN)) == ast.dump(ast.parse("'/mnt/data'"))


@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_what_is_printed_shows_the_known_name_however_it_comes(size: int) -> None:
    printed = f"{PLACE}/a and {PLACE[:-1]}, /tmp, {PLACE}{PLACE}/tm".encode()
    shown = Shown(PLACE)
    pieces = [shown.piece(printed[start : start + size]) for start in range(0, len(printed), size)]
    assert b"".join([*pieces, shown.rest()]) == f"{KNOWN}/a and {PLACE[:-1]}, /tmp, {KNOWN}{KNOWN}/tm".encode()


def test_what_is_printed_waits_for_nothing_where_the_folder_has_that_name() -> None:
    assert Shown(KNOWN).piece(b"/mnt") == b"/mnt"
