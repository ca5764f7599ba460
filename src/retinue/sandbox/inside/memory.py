"""How much memory a process has for itself."""

import resource
from pathlib import Path

_PAGE = resource.getpagesize()


def taken(pid: int) -> int:
    """Return the bytes in memory that are no file's; 0 where the process is gone.

    Of a process that others may not look into, which the worker is, `statm` is what can be read. Pages that it shares
    with the one that it was forked from count for both.
    """
    try:
        fields = Path(f"/proc/{pid}/statm").read_bytes().split()
    except OSError:
        return 0
    return (int(fields[1]) - int(fields[2])) * _PAGE
