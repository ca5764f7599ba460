"""The terminal's own doings while an answer is written on it."""

import contextlib
import sys
from collections.abc import Iterator

if sys.platform != "win32":
    import termios


@contextlib.contextmanager
def silent() -> Iterator[None]:
    """Keep what is typed meanwhile off the screen; the next line gets it."""
    if sys.platform == "win32" or not sys.stdin.isatty():  # Windows shows what is typed only when it is read
        yield
        return
    modes = termios.tcgetattr(sys.stdin)
    quiet = [*modes]
    quiet[3] &= ~termios.ECHO
    termios.tcsetattr(sys.stdin, termios.TCSANOW, quiet)
    try:
        yield
    finally:
        with contextlib.suppress(termios.error):  # the terminal is gone
            termios.tcsetattr(sys.stdin, termios.TCSANOW, modes)
