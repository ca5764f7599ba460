"""A filter of system calls, assembled here: neither libseccomp nor a binding of it is needed.

See seccomp(2). The kernel asks the program at every call; it finds a call's number in a tree of ranges, in about eight
steps, and since Linux 5.11 it remembers which calls are allowed whatever their arguments.
"""

import errno
import struct
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from retinue.sandbox.kernel import syscalls

Block = Sequence["Step"]
"""Steps of which the last ones return, whichever way is taken."""

_LOAD, _JUMP_EQUAL, _JUMP_FROM, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32 = 0x40000000  # x86-64's calls under other numbers

_NAMESPACES = 0x7E020080  # every CLONE_NEW*
_WAKING = 2
"""A bit of SIGCONT and not of SIGCHLD: a child's end must not wake a process that was stopped."""
_AF_UNIX = 1
_PR_GET_PDEATHSIG, _PR_GET_DUMPABLE, _PR_SET_NAME, _PR_GET_NAME, _PR_CAPBSET_READ = 2, 3, 15, 16, 23
_PR_SET_NO_NEW_PRIVS, _PR_GET_NO_NEW_PRIVS, _PR_SET_VMA = 38, 39, 0x53564D41
_OPTIONS = (
    _PR_GET_PDEATHSIG,
    _PR_GET_DUMPABLE,
    _PR_SET_NAME,
    _PR_GET_NAME,
    _PR_CAPBSET_READ,
    _PR_SET_NO_NEW_PRIVS,
    _PR_GET_NO_NEW_PRIVS,
    _PR_SET_VMA,
)
_F_SETSIG = 10
_TERMINAL = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX: none of them types or pastes into a terminal."""


class Step(NamedTuple):
    """An instruction; `yes` and `no` are how many steps it skips."""

    code: int
    value: int
    yes: int = 0
    no: int = 0


def program(machine: str, *, apart: bool) -> bytes:
    """Return the filter for a machine, as `os.uname` calls it; raises KeyError for one whose calls are not known.

    `apart` says that the process has a network and a file system of its own.
    """
    steps = [
        Step(_LOAD, _ARCHITECTURE),
        Step(_JUMP_EQUAL, _ARCHITECTURES[machine], yes=1),
        Step(_RETURN, _KILL),  # another architecture's calls, such as those of 32 bits
        Step(_LOAD, _NUMBER),
        Step(_JUMP_FROM, _X32, no=1),
        Step(_RETURN, _KILL),
        *_tree(_ranges(_blocks(machine, apart=apart))),
    ]
    return b"".join(struct.pack("<HBBI", step.code, step.yes, step.no, step.value) for step in steps)


def _blocks(machine: str, *, apart: bool) -> dict[int, Block]:
    """Say what is done with each call, by its number; what is missing is refused."""
    by_name: dict[str, Block] = dict.fromkeys(syscalls.numbers(syscalls.ALWAYS, machine), _return(_ALLOW))
    by_name |= dict.fromkeys(syscalls.numbers(syscalls.MARKING, machine), _return(_ALLOW if apart else _error(0)))
    by_name |= dict.fromkeys(syscalls.numbers(syscalls.AS_IF_DONE, machine), _return(_error(0)))
    by_name |= dict.fromkeys(syscalls.numbers(syscalls.UNSUPPORTED, machine), _return(_error(errno.ENOTSUP)))
    if apart:
        by_name |= dict.fromkeys(syscalls.numbers(syscalls.LISTENING, machine), _return(_ALLOW))
    by_name |= _asked(apart=apart) | ({} if apart else _among_others())
    known = {name: number for table in syscalls.TABLES for name, number in syscalls.numbers(table, machine).items()}
    return {known[name]: block for name, block in by_name.items() if name in known}


def _asked(*, apart: bool) -> dict[str, Block]:
    no_family = _error(errno.EAFNOSUPPORT)
    return {
        "clone": (
            Step(_LOAD, _argument(0)),
            Step(_JUMP_ANY_BIT, _NAMESPACES | _WAKING, no=1),
            *_return(_PERM),
            *_return(_ALLOW),
        ),
        "clone3": _return(_error(errno.ENOSYS)),  # its flags lie where no filter can look; libraries fall back to clone
        "socket": _only(0, (_AF_UNIX,), otherwise=no_family) if apart else _return(no_family),
        "socketpair": _only(0, (_AF_UNIX,), otherwise=no_family),
        "ioctl": _only(1, _TERMINAL, otherwise=_error(errno.ENOTTY)),
        "prctl": _only(0, _OPTIONS),
        # by a process's number these reach all that its user runs: without a user of its own, the server too
        "prlimit64": _only(0, (0,)),
        "sched_setaffinity": _only(0, (0,)),
        "setpriority": (Step(_LOAD, _argument(1)), Step(_JUMP_EQUAL, 0, yes=1), *_return(_PERM), *_only(0, (0,))),
    }


def _among_others() -> dict[str, Block]:
    """What is different for processes whose numbers and files lie among the host's."""
    return {
        # a session's processes are found, and ended at once, by their group: nobody leaves it
        "setsid": _return(_error(0)),
        "setpgid": _return(_error(0)),
        # nor is one addressed: it holds the code's own worker
        "kill": (
            Step(_LOAD, _argument(0)),
            Step(_JUMP_EQUAL, 0, yes=1),
            Step(_JUMP_FROM, 0x80000000, no=1),
            *_return(_PERM),
            *_return(_ALLOW),
        ),
        "truncate": _return(_PERM),  # by name: Landlock knows of it since Linux 6.2
        # these send SIGCONT to a process that was stopped
        "timer_create": _return(_PERM),
        "fcntl": (Step(_LOAD, _argument(1)), Step(_JUMP_EQUAL, _F_SETSIG, no=1), *_return(_PERM), *_return(_ALLOW)),
    }


def _only(argument: int, values: Sequence[int], *, otherwise: int | None = None) -> Block:
    """Allow a call with one of these values; of 64 bits the kernel takes the lower 32 of these arguments as well."""
    tests = [Step(_JUMP_EQUAL, value, yes=len(values) - place) for place, value in enumerate(values)]
    return (
        Step(_LOAD, _argument(argument)),
        *tests,
        *_return(_PERM if otherwise is None else otherwise),
        *_return(_ALLOW),
    )


def _ranges(blocks: Mapping[int, Block]) -> list[tuple[int, Block]]:
    """Return where in the numbers something else is to be done than before."""
    starts: list[tuple[int, Block]] = []
    for number in range(max(blocks) + 1):
        block = blocks.get(number, _return(_PERM))
        if not starts or starts[-1][1] != block:
            starts.append((number, block))
    # what is newer than the tables is as if the kernel had it not: libraries then do without
    return [*starts, (max(blocks) + 1, _return(_error(errno.ENOSYS)))]


def _tree(ranges: Sequence[tuple[int, Block]]) -> list[Step]:
    if len(ranges) == 1:
        return list(ranges[0][1])
    middle = len(ranges) // 2
    below, above = _tree(ranges[:middle]), _tree(ranges[middle:])
    return [Step(_JUMP_FROM, ranges[middle][0], yes=len(below)), *below, *above]


def _return(action: int) -> Block:
    return (Step(_RETURN, action),)


def _error(number: int) -> int:
    return _ERROR | number


def _argument(place: int) -> int:
    return _ARGUMENTS + 8 * place


_PERM = _error(errno.EPERM)
