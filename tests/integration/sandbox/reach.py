"""A Python that everybody can reach, run by whoever is wanted: for tests of root's, whose Python may lie in /root.

`python reach.py USER ARGUMENT...` runs this Python with these arguments as that user, or as root for 0, in a namespace
of mounts where the folders above it can be gone through.
"""

import os
import sys
from pathlib import Path

from retinue.sandbox.kernel import linux
from retinue.sandbox.readable import readable


def main() -> None:
    user, *arguments = sys.argv[1:]
    linux.unshare(linux.NEW_NAMESPACE)
    linux.mount(None, "/", None, linux.RECURSIVE | linux.PRIVATE)
    for closed in {folder for path in readable() if (folder := _closed(Path(path)))}:
        _open(closed)
    if int(user):
        os.setgroups([])
        os.setresgid(int(user), int(user), int(user))
        os.setresuid(int(user), int(user), int(user))
    os.execv(sys.executable, [sys.executable, *arguments])


def _closed(path: Path) -> Path | None:
    """Return the highest folder above a path that others can't go through."""
    return next((above for above in reversed(path.parents) if above.exists() and not above.stat().st_mode & 1), None)


def _open(closed: Path) -> None:
    """Put one in its place that holds the same, and that others can go through."""
    linux.mount(str(closed), "/mnt", None, linux.BIND | linux.RECURSIVE)
    linux.mount("tmpfs", str(closed), "tmpfs", 0, "mode=755")
    for inside in Path("/mnt").iterdir():
        if inside.is_dir() and not inside.is_symlink():
            (closed / inside.name).mkdir()
            linux.mount(str(inside), str(closed / inside.name), None, linux.BIND | linux.RECURSIVE)
    linux.unmount("/mnt")


main()
