import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from cli.chat.pty_terminal import Terminal
from cli.terminal import FOREIGN

_TESTS = Path(__file__).parents[2]

TALKING = [sys.executable, "-m", "cli.chat.talking"]


@pytest.fixture
def environment() -> dict[str, str]:
    """What programs under test are to find, so that the modules of the tests are at hand too."""
    apart = (*FOREIGN, "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES")
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(apart)}
    path = os.pathsep.join(filter(None, [str(_TESTS), os.environ.get("PYTHONPATH")]))
    return {**inherited, "TERM": "xterm-256color", "PYTHONPATH": path}


Opened = Callable[..., Terminal]


@pytest.fixture
def open_terminal(tmp_path: Path, environment: dict[str, str]) -> Iterator[Opened]:
    """Opens terminals on which a conversation by script is held."""
    with ExitStack() as stack:

        def opened(*arguments: str, columns: int = 80, rows: int = 24, **more: str) -> Terminal:
            terminal = Terminal([*TALKING, *arguments], tmp_path, {**environment, **more}, columns=columns, rows=rows)
            return stack.enter_context(terminal)

        yield opened
