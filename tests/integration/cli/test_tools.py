"""`retinue tools` and `retinue tools call`, as a user calls them."""

from pathlib import Path

import pytest

from cli.terminal import retinue

TOOLS = '''
from retinue.tools import tool

@tool
def double(number: int) -> int:
    """Double a number."""
    return 2 * number
'''

EXPOSED = '[[tools.expose]]\nprojects = ["blue"]\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with functions, and with settings that nobody finds by themselves."""
    (tmp_path / "mytools.py").write_text(TOOLS)
    (tmp_path / "with.toml").write_text(f'[tools]\nmodules = ["mytools.py"]\n{EXPOSED}')
    (tmp_path / "without.toml").write_text(EXPOSED)
    return tmp_path


async def test_audience_is_that_of_the_settings_that_are_named(folder: Path) -> None:
    done = await retinue(folder, "tools", "--tools", "mytools.py", "--config", "without.toml")
    assert (done.code, done.err) == (0, "")
    assert "Runs for project 'blue'" in done.out


async def test_modules_are_those_of_the_settings_where_none_are_named(folder: Path) -> None:
    assert "Double a number." in (await retinue(folder, "tools", "--config", "with.toml")).out
    done = await retinue(folder, "tools", "call", "double", '{"number": 21}', "--config", "with.toml")
    assert (done.code, done.out) == (0, "42\n")


async def test_where_no_functions_are_named_both_ways_of_naming_them_are_told(folder: Path) -> None:
    done = await retinue(folder, "tools", "--config", "without.toml")
    assert done.code == 2
    assert "--tools mytools.py, or [tools] modules in retinue.toml" in done.err
