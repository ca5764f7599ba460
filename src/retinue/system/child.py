"""A Python process of ours, from its start to its end: for what may have to be killed."""

import contextlib
import os
import sys
from asyncio import StreamReader, StreamWriter, create_subprocess_exec, timeout
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeVar

C = TypeVar("C", bound="Child")

_LANGUAGE = {"LANG", "LC_ALL", "LC_CTYPE", "TZ"}
_PLACES = {"PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"}
_PLACES_ON_WINDOWS = {"SYSTEMROOT", "TEMP", "TMP", "USERPROFILE", "APPDATA", "LOCALAPPDATA"}
_PYTHON = {
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONPLATLIBDIR",
    "PYTHONUSERBASE",
    "PYTHONNOUSERSITE",
    "PYTHONPYCACHEPREFIX",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONUTF8",
}
_HANDED_DOWN: Final = _LANGUAGE | _PLACES | _PLACES_ON_WINDOWS | _PYTHON
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class Child:
    """Is asked and answers over pipes. Where that raised or was broken off, all there is to do with it is to end it."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @classmethod
    async def launch(cls: type[C], *arguments: str, patience_s: float, variables: Mapping[str, str] = _NOTHING) -> C:
        """Return a process that can be asked; raises EOFError, OSError or TimeoutError where none comes up.

        `arguments` are Python's own: a script, or `-m` and a module, and what it is told. Its environment is what
        Python and its libraries need to start, and these `variables`: the server's holds the keys of providers.
        """
        environment = {name: value for name, value in os.environ.items() if name in _HANDED_DOWN} | dict(variables)
        # a session of its own: a Ctrl-C is the server's, which may still let what it does end
        command = (sys.executable, "-P", *arguments)
        child = cls(
            await create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, start_new_session=True, env=environment)
        )
        try:
            async with timeout(patience_s):
                await child.ready()
        except BaseException:
            await child.end()
            raise
        return child

    async def ready(self) -> None:
        """Wait until it has imported and loaded all that it needs: it says so with a line."""
        await self.stdout.readuntil()

    @property
    def pid(self) -> int:
        """Its number in the system."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it can still be asked."""
        return self._process.returncode is None

    def kill(self) -> None:
        """Have it die; who waits for its answer gets an EOFError."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def end(self) -> None:
        """Kill it, whatever it is at, and clear it away."""
        self.kill()
        await self._process.communicate()

    @property
    def stdin(self) -> StreamWriter:
        """Where it is asked."""
        assert self._process.stdin is not None, "it was started with pipes"
        return self._process.stdin

    @property
    def stdout(self) -> StreamReader:
        """Where it answers."""
        assert self._process.stdout is not None, "it was started with pipes"
        return self._process.stdout
