"""How much memory a process has for itself."""

from pathlib import Path

_COUNTED = (b"RssAnon:", b"RssShmem:", b"VmSwap:")


def taken(pid: int) -> int:
    """Return the bytes in memory that are no file's on a disk; 0 where the process is gone.

    Of a process that others may not look into, which the worker is, `status` is what can be read. Pages that it shares
    with others count for each: memory that is shared and has no file is in no other limit.
    """
    try:
        lines = Path(f"/proc/{pid}/status").read_bytes().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith(_COUNTED))
