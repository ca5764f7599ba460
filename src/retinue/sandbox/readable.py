"""Which of the host's paths code in a session may read: Python, libraries, fonts."""

import sys
import sysconfig
from collections.abc import Iterable
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


def exposed(private: Iterable[str], paths: Iterable[str]) -> list[str]:
    """Return which of the `private` paths can be read where `paths` can be, links followed: they are one or lie below.

    A back end that can't hide them must not start.
    """
    open_to_all = [Path(path).resolve() for path in paths]
    places = {path: Path(path).resolve() for path in private}
    return sorted(path for path, place in places.items() if any(place.is_relative_to(above) for above in open_to_all))
