"""What was typed in earlier sessions, in the data folder."""

import contextlib
from collections.abc import Iterable
from pathlib import Path

from prompt_toolkit.history import FileHistory

_MOST = 1_000_000  # bytes; of a longer file the older half goes
_NAME = "terminal_history"


class KeptHistory(FileHistory):
    """Lines in a file for the user's eyes alone; where it can't be written they last for the session."""

    def __init__(self, folder: Path) -> None:
        path = folder / _NAME
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(mode=0o600)
            _shorten(path)
        super().__init__(str(path))

    def load_history_strings(self) -> Iterable[str]:
        with contextlib.suppress(OSError):
            yield from super().load_history_strings()

    def store_string(self, string: str) -> None:
        with contextlib.suppress(OSError):
            super().store_string(string)


def _shorten(path: Path) -> None:
    if path.stat().st_size > _MOST:
        _, _, newer = path.read_bytes()[-_MOST // 2 :].partition(b"\n# ")  # each entry begins with its time
        path.write_bytes(b"\n# " + newer)
