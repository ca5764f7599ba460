"""A terminal for a program under test: its keys, and its screen as a person would see it."""

import fcntl
import os
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyte

CTRL_C, CTRL_D, ENTER, ALT_ENTER, TAB = "\x03", "\x04", "\r", "\x1b\r", "\t"
_PATIENCE_S = 30.0
_PIECE = 65_536


class _Screen(pyte.HistoryScreen):
    answer: Callable[[str], None]

    def write_process_input(self, data: str) -> None:
        """Tell the program where the cursor is, which it asked for."""
        self.answer(data)


class Terminal:
    """Runs a program on a terminal of its own and interprets what it writes."""

    def __init__(
        self, command: Sequence[str], folder: Path, environment: dict[str, str], *, columns: int = 80, rows: int = 24
    ) -> None:
        self._ours, self._theirs = os.openpty()
        self._screen = _Screen(columns, rows, history=10_000)
        self._screen.answer = self.type
        self._stream = pyte.ByteStream(self._screen)
        self._written = b""
        self._set_size(columns, rows)
        self.modes = termios.tcgetattr(self._theirs)
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=self._theirs,
            stdout=self._theirs,
            stderr=self._theirs,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # so that Ctrl-C is a signal
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._ours)
        os.close(self._theirs)

    @property
    def text(self) -> str:
        """All that was printed, as it stands on the screen and above it."""
        columns = range(self._screen.columns)
        above = ["".join(row[x].data for x in columns) for row in self._screen.history.top]
        return "\n".join(line.rstrip() for line in [*above, *self._screen.display]).rstrip()

    @property
    def written(self) -> bytes:
        """Every byte that the program has written."""
        return self._written

    @property
    def modes_now(self) -> list[Any]:
        """How the terminal treats keys."""
        return termios.tcgetattr(self._theirs)

    def type(self, keys: str) -> None:
        """Press these keys."""
        os.write(self._ours, keys.encode())

    def resize(self, columns: int, rows: int) -> None:
        """Change the terminal's size and tell the program."""
        self._screen.resize(rows, columns)
        self._set_size(columns, rows)
        os.killpg(self.process.pid, signal.SIGWINCH)

    def shows(self, text: str, times: int = 1) -> str:
        """Wait until this was printed so often; return all that was printed."""
        self._until(lambda: self.text.count(text) >= times, text)
        return self.text

    def ends(self) -> int:
        """Wait for the program's end; return its exit code."""
        self._until(lambda: self.process.poll() is not None, "its end")
        self._read(0.0)
        return self.process.returncode

    def _until(self, is_so: Callable[[], bool], what: str) -> None:
        patience = time.monotonic() + _PATIENCE_S
        while not is_so():
            assert time.monotonic() < patience, f"no {what!r} in:\n{self.text}"
            self._read(0.02)

    def _read(self, wait_s: float) -> None:
        while select.select([self._ours], [], [], wait_s)[0]:
            piece = os.read(self._ours, _PIECE)
            self._written += piece
            self._stream.feed(piece)
            wait_s = 0.0

    def _set_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
