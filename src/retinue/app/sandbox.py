"""Where the model's code runs on this server: which back end stands behind `Sandbox` is found out, and tried, here."""

import asyncio
import functools
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import structlog
from msgspec import Struct

from retinue.core.errors import RetinueError
from retinue.sandbox.base import Limits, SandboxFault, Session
from retinue.sandbox.fork_server import ForkServer, WallsName
from retinue.sandbox.lasting import LastingSandbox, Mortal
from retinue.sandbox.libraries import INSTALL, PRELOADED, missing_libraries
from retinue.sandbox.readable import readable
from retinue.sandbox.self_test import hold
from retinue.settings import Settings

log = structlog.get_logger()

REMOTE = "remote"
_KERNELS: Mapping[WallsName, str] = {"namespaces": "namespaces", "landlock": "Landlock"}
"""What walls on this machine ask of its kernel."""
_OFF = "The code interpreter is switched off on this server (RETINUE_SANDBOX=off)."
_REMEDY = (
    "Set RETINUE_RUNNERS to a machine that runs code for this server, or let this one have namespaces: "
    "docs/interpreter.md says how, and `retinue doctor` what is missing."
)
_MEND_RUNNERS = (
    "Mend the runners, or the key that they share with this server; without RETINUE_RUNNERS code runs on this machine, "
    "if it can be walled in here."
)
_AGAIN_S = 60.0
"""After which is looked again where nothing held: a runner may have come up, or a machine have been at its limit."""
_CLOSED = "The server is being stopped and runs no more code."

StartSandbox = Callable[[Settings, Sequence[str]], Awaitable[Mortal]]
"""Starts a back end with these libraries loaded; raises SandboxFault where it can't be."""


class Tried(Struct, frozen=True, kw_only=True):
    """A back end, and why it is of no use here; None where it holds."""

    name: str
    why_not: str | None
    took_s: float


class Found(Struct, frozen=True, kw_only=True):
    """What came of looking for a sandbox."""

    back_end: str | None
    """The one that runs code; None where there is none."""
    tried: tuple[Tried, ...]
    missing: tuple[str, ...]
    """Libraries that are not installed."""
    why_not: str | None
    """Why no code runs, and what to do."""


def limits_of(settings: Settings) -> Limits:
    """Return what a session may use."""
    return Limits(
        call_s=settings.interpreter_call_s,
        memory_bytes=settings.interpreter_memory_mb << 20,
        disk_bytes=settings.interpreter_disk_mb << 20,
        inodes=settings.interpreter_inodes,
        processes=settings.interpreter_processes,
        output_bytes=settings.interpreter_output_kb << 10,
        file_bytes=settings.interpreter_file_mb << 20,
    )


async def _fork_server(settings: Settings, libraries: Sequence[str], *, walls: WallsName) -> Mortal:
    if sys.platform != "linux":
        raise SandboxFault(f"Only Linux has {_KERNELS[walls]}, and this is {sys.platform}.")
    return await ForkServer.start(
        limits_of(settings), libraries=libraries, readable=readable(), walls=walls, hidden=[str(settings.data)]
    )


async def _remote(settings: Settings, libraries: Sequence[str]) -> Mortal:
    from retinue.sandbox.remote.runners import Runners  # here: a server without runners needs no HTTP client for them

    return Runners(settings.runners, settings.runner_key, limits_of(settings))


BACK_ENDS: Mapping[str, StartSandbox] = {
    **{walls: functools.partial(_fork_server, walls=walls) for walls in _KERNELS},
    REMOTE: _remote,
}
"""In the order in which they are tried."""


class ChosenSandbox:
    """See `Sandbox`: the first back end that holds. Never is code run without one.

    What was tried is not kept: a server that runs no code has no process for it. The back end is started, and loads the
    libraries, when a session is first asked for, and again where it has broken down (see `LastingSandbox`).
    """

    def __init__(
        self,
        settings: Settings,
        *,
        back_ends: Mapping[str, StartSandbox] = BACK_ENDS,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings, self._back_ends, self._now = settings, back_ends, now
        self._look_again = 0.0
        self._choosing: asyncio.Task[Found] | None = None
        self._lasting = LastingSandbox(self.started)
        self._closed = False

    def begin(self) -> None:
        """Look for a back end in the background, and after a while again where none was found."""
        if self._closed:
            return
        last = self._choosing
        if last is not None and last.done() and not last.result().back_end and self._now() >= self._look_again:
            self._choosing = None
        if self._choosing is None:
            self._choosing = asyncio.create_task(self._chosen(), name="choose the sandbox")

    async def found(self) -> Found:
        """Wait until it is known what holds, and return it."""
        self.begin()
        if self._closed or self._choosing is None:
            raise SandboxFault(_CLOSED)
        return await asyncio.shield(self._choosing)

    async def started(self) -> Mortal:
        """Start the back end that holds, libraries loaded, and return it; raises SandboxFault where there is none."""
        found = await self.found()
        if found.back_end is None:
            raise SandboxFault(str(found.why_not))
        return await self._back_ends[found.back_end](self._settings, PRELOADED)

    async def open(self) -> Session:
        """See `Sandbox.open`; it may have to be looked for and started first, or anew."""
        return await self._lasting.open()

    async def close(self) -> None:
        """See `Sandbox.close`."""
        self._closed = True
        await self._lasting.close()  # first: who waits for a start is told that there will be none
        if self._choosing is not None:
            self._choosing.cancel()
            await asyncio.gather(self._choosing, return_exceptions=True)

    async def _chosen(self) -> Found:
        tried: list[Tried] = []
        for name in names_to_try(self._settings, self._back_ends):
            tried.append(await try_back_end(name, self._settings, back_ends=self._back_ends))
            if tried[-1].why_not is None:
                break
        found = _found(self._settings, tried)
        self._look_again = self._now() + _AGAIN_S
        _tell(found)
        return found


def names_to_try(settings: Settings, back_ends: Mapping[str, StartSandbox] = BACK_ENDS) -> list[str]:
    """Return the back ends that the settings allow, in order: runners, where there are any, and then none but them."""
    match settings.sandbox:
        case "off":
            return []
        case "auto" if settings.runners:
            return [REMOTE]
        case "auto":
            return [name for name in _KERNELS if name in back_ends]
        case name:
            return [name]


async def try_back_end(name: str, settings: Settings, *, back_ends: Mapping[str, StartSandbox] = BACK_ENDS) -> Tried:
    """Start a back end without libraries, see whether it holds, and end it."""
    began = time.monotonic()
    why_not = await _why_not(name, settings, back_ends)
    return Tried(name=name, why_not=why_not, took_s=round(time.monotonic() - began, 3))


async def _why_not(name: str, settings: Settings, back_ends: Mapping[str, StartSandbox]) -> str | None:
    if name == REMOTE and not settings.runners:
        return "RETINUE_RUNNERS names none"
    if name not in back_ends:
        return "this Retinue has none"
    try:
        sandbox = await back_ends[name](settings, ())
        try:
            breaches = await hold(sandbox, limits=limits_of(settings), hidden=_hidden(settings))
        finally:
            await sandbox.close()
    except (RetinueError, OSError) as fault:
        return str(fault).rstrip(".")
    except Exception as fault:  # whatever it is, it is no sandbox; and no reason not to serve
        log.warning("sandbox_broken", back_end=name, exc_info=True)
        return f"{type(fault).__name__}: {fault}"
    return "; ".join(breaches) or None


def _hidden(settings: Settings) -> list[Path]:
    """Return folders that code must not see, but for those that hold what it must."""
    shown = {Path(path) for path in readable()}
    return [folder for folder in (settings.data, Path.home()) if folder not in (Path("/"), *shown)]


def _found(settings: Settings, tried: Sequence[Tried]) -> Found:
    holds = next((each.name for each in tried if each.why_not is None), None)
    why_not = None
    if settings.sandbox == "off":
        why_not = _OFF
    elif holds is None:
        whys = "; ".join(f"{each.name}: {str(each.why_not).rstrip('.')}" for each in tried)
        remedy = _MEND_RUNNERS if settings.runners and tried[-1].name == REMOTE else _REMEDY
        why_not = f"Code can't be run on this server. {whys}. {remedy}"
    missing = () if holds in (None, REMOTE) else tuple(missing_libraries())
    return Found(back_end=holds, tried=tuple(tried), missing=missing, why_not=why_not)


def _tell(found: Found) -> None:
    if found.back_end:
        took = sum(each.took_s for each in found.tried)
        more = {"missing": ", ".join(found.missing), "install": INSTALL} if found.missing else {}
        log.info("sandbox_ready", back_end=found.back_end, ms=round(took * 1000), **more)
    elif found.tried:
        log.warning("sandbox_none", why=found.why_not)
