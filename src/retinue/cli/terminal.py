"""The terminal's own doings while something is written on it."""

import contextlib
import os
import sys
from collections.abc import Iterator

if sys.platform != "win32":
    import termios


@contextlib.contextmanager
def silent() -> Iterator[None]:
    """Keep what is typed meanwhile off the screen; the next line gets it."""
    # Windows shows what is typed only when it is read
    if sys.platform == "win32" or sys.stdin is None or not sys.stdin.isatty() or not _in_front():
        yield
        return
    modes = termios.tcgetattr(sys.stdin)
    quiet = [*modes]
    quiet[3] &= ~termios.ECHO
    termios.tcsetattr(sys.stdin, termios.TCSANOW, quiet)
    try:
        yield
    finally:
        if _in_front():  # else the shell has set the modes that it wants
            with contextlib.suppress(termios.error):  # the terminal is gone
                termios.tcsetattr(sys.stdin, termios.TCSANOW, modes)


def _in_front() -> bool:
    """Whether this process may set the terminal's modes: one in the background is stopped for it."""
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except OSError:  # the terminal is gone, or none that controls processes
        return True
