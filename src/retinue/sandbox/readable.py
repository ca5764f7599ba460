"""Which of the host's paths code in a session may read: Python, libraries, fonts."""

import sys
import sysconfig
from pathlib import Path

import retinue

_SYSTEM = (
    "/usr",
    "/lib",
    "/lib64",
    "/bin",
    "/etc/alternatives",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/mime.types",
)


def readable() -> list[str]:
    """Return the paths, those that links lead to as well."""
    ours = (sys.prefix, sys.base_prefix, *sysconfig.get_paths().values(), str(Path(retinue.__file__).parent))
    python = {path for named in ours for path in (named, str(Path(named).resolve()))}
    return sorted({*python, *_SYSTEM})
