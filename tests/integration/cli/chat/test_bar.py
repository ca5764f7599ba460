"""The bar of `retinue files add` on a real terminal."""

import sys
from pathlib import Path

from cli.chat.pty_terminal import CTRL_C, ENTER, Terminal

READING = """
from retinue.cli.files.objects import Windows
from retinue.cli.files.progress import bar

with bar(2) as watcher:
    watcher.reads("book.pdf")
    watcher.reached(Windows(stored=64))
    input()
    watcher.reached(Windows(stored=640, total=1_000))
    input()
    watcher.settled()
    watcher.reads("notes\x1b[31m.txt")
    input()
"""

BESIDE = """
import os
from retinue.cli.files.progress import bar

if not (child := os.fork()):
    os.setpgid(0, 0)
    with bar(1):
        pass
    os._exit(0)
_, status = os.waitpid(child, os.WUNTRACED)
if os.WIFSTOPPED(status):
    os.kill(child, 9)
print("stopped" if os.WIFSTOPPED(status) else "ended")
"""


def reading(tmp_path: Path, environment: dict[str, str]) -> Terminal:
    return Terminal([sys.executable, "-c", READING], tmp_path, environment)


def test_the_bar_tells_how_far_a_file_is_and_what_is_typed_stays_out_of_it(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    with reading(tmp_path, environment) as terminal:
        terminal.shows("64 parts book.pdf")
        terminal.type("typed" + ENTER)
        assert "0/2" in terminal.shows("64% book.pdf")
        terminal.type("typed" + ENTER)
        assert "1/2" in terminal.shows("notes␛[31m.txt")
        assert len(terminal.text.splitlines()) == 1
        assert b"typed" not in terminal.written
        terminal.type(ENTER)
        assert terminal.ends() == 0
        assert terminal.text == ""
        assert terminal.modes_now == terminal.modes


def test_ctrl_c_at_the_bar_leaves_the_terminal_as_it_was(tmp_path: Path, environment: dict[str, str]) -> None:
    with reading(tmp_path, environment) as terminal:
        terminal.shows("64 parts book.pdf")  # by then it waits for input; amid a drawing Python may lose an interrupt
        assert terminal.modes_now != terminal.modes
        terminal.type(CTRL_C)
        terminal.ends()
        assert terminal.modes_now == terminal.modes


def test_a_command_in_the_background_is_not_stopped_for_its_bar(tmp_path: Path, environment: dict[str, str]) -> None:
    with Terminal([sys.executable, "-c", BESIDE], tmp_path, environment) as terminal:
        assert terminal.ends() == 0
        assert terminal.text.splitlines()[-1] == "ended"
