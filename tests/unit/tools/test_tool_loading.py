"""Modules of functions: which are found in them, and what is said of one that can't be loaded."""

import sys
from pathlib import Path

import pytest
from tool_calls import CONTEXT, registered

from retinue.core.errors import NotStarted
from retinue.tools import Tool
from retinue.tools.loading import load_tools

HEAD = "from retinue.tools import tool\n"
WEATHER = HEAD + "@tool\ndef weather(city: str) -> str:\n    return city\n"


@pytest.fixture(autouse=True)
def _python(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What a test makes importable is forgotten after it."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    monkeypatch.chdir(tmp_path)


def write(path: Path | str, text: str) -> Path:
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def names(tools: list[Tool[..., object]]) -> list[str]:
    return list(registered(*tools).functions)


def test_every_tool_of_a_file_is_found() -> None:
    file = write("mytools.py", WEATHER + "@tool(name='clock')\nasync def now() -> int: return 1\ndef other(): ...\n")
    assert names(load_tools([file])) == ["weather", "clock"]
    assert names(load_tools([file.absolute()])) == ["weather", "clock"]


def test_package_module_is_found_from_the_current_folder() -> None:
    write("house/__init__.py", "")
    write("house/rooms.py", WEATHER)
    assert names(load_tools([Path("house.rooms")])) == ["weather"]


def test_two_files_may_have_one_name_and_that_of_a_module_of_pythons() -> None:
    one = write("a/json.py", WEATHER)
    two = write("b/json.py", WEATHER.replace("weather", "wind"))
    assert names(load_tools([one, two])) == ["weather", "wind"]
    import json

    assert json.dumps([]) == "[]"


def test_tool_imported_from_one_module_into_another_is_one() -> None:
    write("stations.py", WEATHER)
    both = write("mytools.py", "from stations import weather\n")
    assert names(load_tools([both, Path("stations")])) == ["weather"]


async def test_neighbours_can_be_imported_while_loading_and_while_called() -> None:
    write("deep/neighbour.py", "CITY = 'Oslo'\n")
    write("deep/late.py", "CITY = 'Rome'\n")
    source = (
        HEAD + "import neighbour\n@tool\ndef city() -> str:\n    import late\n    return neighbour.CITY + late.CITY\n"
    )
    registry = registered(*load_tools([write("deep/mytools.py", source)]))
    assert (await registry.run("city", "{}", CONTEXT)).output == "OsloRome"


def test_neighbours_do_not_hide_installed_modules_once_the_module_is_loaded() -> None:
    load_tools([write("deep/mytools.py", WEATHER)])
    assert sys.path[-1].endswith("deep")


async def test_hints_that_are_strings_are_read_in_their_module() -> None:
    source = (
        "from __future__ import annotations\nfrom dataclasses import dataclass\n" + HEAD + "@tool\n"
        "def late(where: Place) -> str:\n    return where.city\n@dataclass\nclass Place:\n    city: str\n"
    )
    registry = registered(*load_tools([write("mytools.py", source)]))
    assert (await registry.run("late", '{"where": {"city": "Oslo"}}', CONTEXT)).output == "Oslo"


FAULTS: list[tuple[str, str]] = [
    (
        "import nowhere_to_be_found\n",
        r"ModuleNotFoundError: No module named 'nowhere_to_be_found' \(.*mytools.py:1\)\.$",
    ),
    ("x = 1\n\nx / 0\n", r"ZeroDivisionError: division by zero \(.*mytools.py:3\)\.$"),
    ("x = (\n", r"SyntaxError: '\(' was never closed \(.*mytools.py:1\)\.$"),
    ("import sys\nsys.exit('bye')\n", r"SystemExit: bye \(.*mytools.py:2\)\.$"),
    ("import json\n\njson.loads('{')\n", r"JSONDecodeError: .* \(.*mytools.py:3\)\.$"),
    ("raise ValueError('one\\ntwo')\n", r"ValueError: one \(.*mytools.py:1\)\.$"),
    (HEAD + "@tool(timeout_s=-1)\ndef f(): ...\n", r"ValueError: timeout_s is -1.* \(.*mytools.py:2\)\.$"),
    (HEAD + "@tool(tiemout_s=1)\ndef f(): ...\n", r"TypeError: .*tiemout_s.* \(.*mytools.py:2\)\.$"),
    (HEAD + "tool(3)\n", r"TypeError: @tool is for functions, and 3 is none.* \(.*mytools.py:2\)\.$"),
    (HEAD, "mytools.py has no function for assistants: put @tool"),
]


@pytest.mark.parametrize(("source", "why"), FAULTS, ids=lambda value: value.splitlines()[-1][:30])
def test_module_that_can_not_be_loaded_is_one_sentence_with_the_place(source: str, why: str) -> None:
    with pytest.raises(NotStarted, match=why) as refused:
        load_tools([write("mytools.py", source)])
    assert "\n" not in refused.value.message


@pytest.mark.parametrize("path", ["nothing.py", "folder", "a/b", "no.such.module", "text.txt"])
def test_what_is_no_module_is_named(path: str) -> None:
    Path("folder").mkdir()
    write("text.txt", WEATHER)
    with pytest.raises(NotStarted, match=path):
        load_tools([Path(path)])


def test_module_that_failed_can_be_loaded_once_it_is_mended() -> None:
    file = write("mytools.py", "raise ValueError\n")
    with pytest.raises(NotStarted):
        load_tools([file])
    assert names(load_tools([write(file, WEATHER + "# longer than before\n")])) == ["weather"]
