"""A file system that holds what Python needs, to be read, and what a session writes, in memory."""

import os
from collections.abc import Iterable
from pathlib import Path

from retinue.sandbox.kernel.linux import (
    BIND,
    NO_DEVICES,
    NO_EXEC,
    NO_SUID,
    PRIVATE,
    READ_ONLY,
    RECURSIVE,
    REMOUNT,
    mount,
    pivot_root,
    restrict_mount,
    unmount,
)

_WRITTEN = "/mnt"
DATA = "/mnt/data"
"""Where the files of a session lie."""
SCRATCH = "/tmp"
SHARED_MEMORY = "/dev/shm"

_OLD = "/old"
_SAFE = NO_SUID | NO_DEVICES
_DEVICES = ("null", "zero", "full", "random", "urandom")
_STANDARD = {
    "fd": "/proc/self/fd",
    "stdin": "/proc/self/fd/0",
    "stdout": "/proc/self/fd/1",
    "stderr": "/proc/self/fd/2",
}
_WRITTEN_HERE = {
    "/etc/passwd": "session:x:1000:1000:session:/mnt/data:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
    "/etc/group": "session:x:1000:\nnogroup:x:65534:\n",
    "/etc/hosts": "127.0.0.1 localhost session\n::1 localhost session\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}
"""What programs ask who they are and where: none of it is the host's."""


def prepare(readable: Iterable[str], hidden: Iterable[str] = ()) -> None:
    """Leave the file system for one in which these paths can be read, and nothing can be written.

    What is `hidden` is not there, though a path above it can be read; one below it that can be read is.

    Asks for new namespaces of mounts and processes, and to be the first process of the latter. What it builds is
    there for every session, whose user need not get as far as these paths himself.
    """
    mount(None, "/", None, RECURSIVE | PRIVATE)
    mount("tmpfs", SCRATCH, "tmpfs", _SAFE, "size=4m,nr_inodes=4k,mode=755")
    os.chdir(SCRATCH)
    Path(_OLD[1:]).mkdir()
    pivot_root(".", _OLD[1:])
    os.chdir("/")
    _devices()
    for place in (SCRATCH, _WRITTEN, SHARED_MEMORY, "/proc"):
        Path(place).mkdir()
    mount("tmpfs", SCRATCH, "tmpfs", _SAFE | NO_EXEC, "size=64m,nr_inodes=1k,mode=755")  # libraries want one to load
    covered = set(hidden)
    for path in sorted({*readable, *covered}):  # those above come before those below
        if path in covered:
            _cover(path)
        else:
            _show(path)
    for path in covered:
        if Path(path).is_dir():
            restrict_mount(path, READ_ONLY | _SAFE)
    for path, text in _WRITTEN_HERE.items():
        _make_way(Path(path).parent)
        Path(path).write_text(text)
    mount("proc", "/proc", "proc", _SAFE | NO_EXEC)
    unmount(_OLD)
    Path(_OLD).rmdir()
    mount(None, "/", None, REMOUNT | BIND | READ_ONLY | _SAFE)  # this mount alone: nothing can be made in it any more


def furnish(readable: Iterable[str], *, disk_bytes: int, inodes: int) -> None:
    """Give a session what it can write, and its own processes in /proc; in namespaces as for `prepare`.

    `disk_bytes` and `inodes` bound what all of it holds. What is `readable` below `SCRATCH` stays so.
    """
    mount("tmpfs", _WRITTEN, "tmpfs", _SAFE, f"size={disk_bytes},nr_inodes={inodes},mode=755")
    Path(DATA).mkdir()
    for place, name in ((SCRATCH, "tmp"), (SHARED_MEMORY, "shm")):
        lies = Path(_WRITTEN, name)
        lies.mkdir()
        lies.chmod(0o1777)
        for path in readable:
            if Path(path).is_relative_to(place):
                _bind(Path(path), lies / Path(path).relative_to(place))
        mount(str(lies), place, None, BIND | RECURSIVE)
    # read-only: a process's niceness among others, for one, could be written there
    mount("proc", "/proc", "proc", _SAFE | NO_EXEC | READ_ONLY)
    os.chdir(DATA)


def _show(path: str) -> None:
    source, target = Path(_OLD + path), Path(path)
    if target.exists() or target.is_symlink():
        return
    if source.is_symlink():
        _make_way(target.parent)
        target.symlink_to(source.readlink())
    elif source.exists():
        _bind(source, target)
        restrict_mount(path, READ_ONLY | _SAFE)


def _cover(path: str) -> None:
    if Path(path).is_dir():
        mount("tmpfs", path, "tmpfs", _SAFE, "size=64k,nr_inodes=100,mode=111")
    elif Path(path).exists():
        mount("/dev/null", path, None, BIND)
        restrict_mount(path, READ_ONLY | _SAFE)  # no device there: it can't be opened


def _devices() -> None:
    Path("/dev").mkdir()
    for name in _DEVICES:
        _bind(Path(f"{_OLD}/dev", name), Path("/dev", name))
    for name, place in _STANDARD.items():
        Path("/dev", name).symlink_to(place)


def _bind(source: Path, target: Path) -> None:
    _make_way(target.parent)
    if source.is_dir():
        target.mkdir(exist_ok=True)
    else:
        target.touch()
    mount(str(source), str(target), None, BIND | RECURSIVE)


def _make_way(folder: Path) -> None:
    """Make folders that can be gone through and not looked into."""
    if not folder.exists():
        _make_way(folder.parent)
        folder.mkdir(mode=0o111)
