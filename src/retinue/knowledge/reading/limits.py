"""What a reading process denies itself before it sees a hostile file."""

import contextlib
import ctypes
import os
import signal
import sys

_MEMORY = 350 << 20  # bytes of its own; what it has of libraries, some 60 MB, is shared
_NICENESS = 10
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
_OWN_NETWORK = 0x50000000  # CLONE_NEWUSER | CLONE_NEWNET


def confine() -> None:
    """Bound memory, writing and the network, as far as the system can; raises nothing."""
    if sys.platform == "win32":
        return
    import resource  # there is none on Windows

    os.nice(_NICENESS)
    for limit, bound in ((resource.RLIMIT_DATA, _MEMORY), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):  # macOS refuses the first one
            resource.setrlimit(limit, (bound, bound))
    if sys.platform == "linux":
        system = ctypes.CDLL(None)
        system.prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        system.unshare(_OWN_NETWORK)  # refused in some containers, and to a process with several threads


def die_after(seconds: int) -> None:
    """Have the system end this process, whatever it is at; 0 takes that back."""
    if sys.platform != "win32":
        signal.alarm(seconds)
