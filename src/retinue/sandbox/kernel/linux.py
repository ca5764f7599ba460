"""Calls of the system that Python's `os` doesn't have. Each raises OSError that names what was tried."""

import ctypes
import os
import struct

NEW_NAMESPACE = 0x20000  # CLONE_NEWNS: mounts
NEW_CGROUP, NEW_UTS, NEW_IPC = 0x2000000, 0x4000000, 0x8000000
NEW_USER, NEW_PID, NEW_NETWORK = 0x10000000, 0x20000000, 0x40000000

READ_ONLY, NO_SUID, NO_DEVICES, NO_EXEC = 1, 2, 4, 8
REMOUNT, BIND, RECURSIVE, PRIVATE = 32, 4096, 16384, 1 << 18
_DETACH = 2
_MOUNT_SETATTR = 442  # on every architecture
_HERE, _AND_BELOW = -100, 0x8000

_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_CAPBSET_DROP = 1, 4, 22, 24
_PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 36, 38, 47, 4
_SECCOMP_MODE_FILTER = 2
_CAPABILITY_VERSION_3 = 0x20080522
_CAPABILITIES = 64  # more than there are

_libc = ctypes.CDLL(None, use_errno=True)


def mount(source: str | None, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    """See mount(2)."""
    texts = (None if text is None else os.fsencode(text) for text in (source, target, kind))
    data = None if options is None else options.encode()
    _checked(_libc.mount(*texts, ctypes.c_ulong(flags), data), f"mount {source or kind or ''} on {target}")


def restrict_mount(target: str, flags: int) -> None:
    """Give a mount and all that are below it these flags too; mount(2) would change the first one alone."""
    attributes = struct.pack("<4Q", flags, 0, 0, 0)
    words = (_HERE, os.fsencode(target), _AND_BELOW, attributes, len(attributes))
    system_call(_MOUNT_SETATTR, *words, what=f"mount_setattr {target}")


def unmount(target: str) -> None:
    """Take a mount and all below it away, for those who come; who is in it stays."""
    _checked(_libc.umount2(os.fsencode(target), _DETACH), f"unmount {target}")


def pivot_root(new: str, old: str) -> None:
    """See pivot_root(2)."""
    system_call(_PIVOT_ROOT[os.uname().machine], os.fsencode(new), os.fsencode(old), what="pivot_root")


def unshare(flags: int) -> None:
    """Leave the namespaces of these kinds for new ones."""
    _checked(_libc.unshare(flags), "unshare")


def die_with_parent(signal: int) -> None:
    """Get this signal when the parent ends; nothing comes of a parent that has ended already."""
    _prctl(_PR_SET_PDEATHSIG, signal)


def be_undumpable(undumpable: bool) -> None:
    """Keep others of the same user out of this process's memory, and what is in /proc of it."""
    _prctl(_PR_SET_DUMPABLE, 0 if undumpable else 1)


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parents end."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def drop_capabilities() -> None:
    """Give up every capability for good, and those that a program file could give."""
    for capability in range(_CAPABILITIES):
        _libc.prctl(
            _PR_CAPBSET_DROP, capability, 0, 0, 0
        )  # an error says that there is none of that number, or no right
    _libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    header, none = struct.pack("<Ii", _CAPABILITY_VERSION_3, 0), struct.pack("<6I", *[0] * 6)
    _checked(_libc.capset(header, none), "capset")


def gain_nothing() -> None:
    """See that no program started from here on has more rights than this process."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def filter_calls(program: bytes) -> None:
    """Have the kernel ask this program of `seccomp` at every system call, for good; `gain_nothing` comes first."""
    steps = ctypes.create_string_buffer(program, len(program))
    described = ctypes.create_string_buffer(struct.pack("@HP", len(program) // 8, ctypes.addressof(steps)))
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(described))


def system_call(number: int, *arguments: int | bytes | None, what: str) -> int:
    """Make a call that has no function; `what` stands in the error."""
    return _checked(_libc.syscall(ctypes.c_long(number), *map(_word, arguments)), what)


def _prctl(option: int, *arguments: int) -> None:
    words = [ctypes.c_ulong(argument) for argument in (*arguments, 0, 0, 0, 0)[:4]]
    _checked(_libc.prctl(option, *words), f"prctl {option}")


def _word(argument: int | bytes | None) -> object:
    return ctypes.c_long(argument) if isinstance(argument, int) else argument


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result
