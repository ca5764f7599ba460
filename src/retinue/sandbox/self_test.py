"""Tries whether a sandbox is one: code in it does its work, and gets at nothing."""

import asyncio
import contextlib
import os
import secrets
import socket
import sys
import tempfile
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from retinue.sandbox.base import Ended, Limits, Printed, Sandbox, SandboxFault, Session
from retinue.sandbox.trials import HELD, KILL, TRIALS, WORK, Trial

_LONGEST_S = 60.0  # a runner loads its libraries first, perhaps on a machine that is busy
_DEATH_S = 1.0
_MOST_PROCESSES = 500
"""That are started: where more are allowed, whether the limit holds is not tried."""
_LONGEST = 200  # characters of what a trial said
_NAME, _CONTENT = "self-test.txt", b"1\n2\n"
_SECRETS = ("KEY", "TOKEN", "SECRET", "PASSWORD")
_MARK = "RETINUE_SELF_TEST"
_SLEEP = ("-I", "-S", "-c", "import time; time.sleep(60)")


async def hold(sandbox: Sandbox, *, limits: Limits, hidden: Sequence[Path] = ()) -> list[str]:
    """Return in words what does not hold; nothing is good. Takes some tenths of a second.

    `limits` are those that the sandbox was started with, or higher ones; `hidden` are folders that code must not be
    able to list. Nothing that is tried does harm where it succeeds.
    """
    try:
        async with asyncio.timeout(_LONGEST_S), _target() as target:
            session = await sandbox.open()
            try:
                return await _tried(session, target, limits, hidden)
            finally:
                await session.close()
    except TimeoutError:
        return [f"it took longer than {_LONGEST_S:g} seconds to answer"]
    except (SandboxFault, OSError) as fault:
        return [str(fault)]


async def _tried(session: Session, target: "_Target", limits: Limits, hidden: Sequence[Path]) -> list[str]:
    if breach := await _works(session):
        return [breach]
    told = target.told(hidden) | _told(limits)
    breaches = [breach for trial in TRIALS if (breach := await _breach(session, trial, told))]
    if await _breach(session, KILL, told) and await _dies(target.process):
        breaches.append(KILL.breach)
    return breaches


async def _works(session: Session) -> str | None:
    """Return why code can't do its work, if it can't."""
    await session.write(_NAME, _CONTENT)
    said = await _said(session, WORK)
    if said.split() != ["2", "written"]:
        return f"code does not run as it should: {said[-_LONGEST:].strip() or 'it said nothing'}"
    return None if await session.read(_NAME) == _CONTENT * 2 else "files are not kept as they are written"


async def _breach(session: Session, trial: Trial, told: Mapping[str, Any]) -> str | None:
    said = (await _said(session, f"told = {told!r}\n{trial.code}")).strip()
    if said == HELD:
        return None
    more = ", ".join(said.removesuffix(HELD).split("\n"))[-_LONGEST:].strip(", ")
    return f"{trial.breach} ({more})" if more else trial.breach


async def _said(session: Session, code: str) -> str:
    said = ""
    async for output in session.run(code):
        match output:
            case Printed(text):
                said += text
            case Ended(error=str(error)):
                said += error
    return said


def _told(limits: Limits) -> dict[str, Any]:
    return {
        "processes": limits.processes if limits.processes <= _MOST_PROCESSES else 0,
        "memory_bytes": limits.memory_bytes,
        "disk_bytes": limits.disk_bytes,
    }


class _Target:
    """What code is to try to get at: made for it, so that nothing is lost with it."""

    def __init__(self, folder: Path, process: Process, listeners: Mapping[str, socket.socket]) -> None:
        self._folder, self.process, self._listeners = folder, process, listeners

    def told(self, hidden: Sequence[Path]) -> dict[str, Any]:
        """Return what code needs to know to try."""
        return {
            "files": [str(self._folder / "secret"), "/etc/shadow", "/etc/fstab", "/etc/hostname"],
            "folders": [str(folder) for folder in (self._folder, *hidden)],
            "process": self.process.pid,
            "mark": _MARK,
            "variables": [name for name in os.environ if any(word in name.upper() for word in _SECRETS)],
            "port": self._listeners["tcp"].getsockname()[1],
            "sockets": [str(self._folder / "socket"), self._listeners["abstract"].getsockname().decode()],
        }


@contextlib.asynccontextmanager
async def _target() -> AsyncIterator[_Target]:
    with contextlib.ExitStack() as stack:
        folder = _folder(stack)
        listeners = _listeners(stack, folder)
        process = await asyncio.create_subprocess_exec(
            sys.executable, *_SLEEP, env={_MARK: "1"}, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL
        )
        try:
            yield _Target(folder, process, listeners)
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def _folder(stack: contextlib.ExitStack) -> Path:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="retinue-")))
    folder.chmod(0o777)  # whoever is another user inside is to be kept out by walls, not by luck
    (folder / "secret").write_text("secret")
    return folder


def _listeners(stack: contextlib.ExitStack, folder: Path) -> dict[str, socket.socket]:
    tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    named, abstract = (stack.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(2))
    named.bind(str(folder / "socket"))
    (folder / "socket").chmod(0o777)
    abstract.bind(f"\0retinue-{secrets.token_hex(8)}")
    for listener in (named, abstract):
        listener.listen()
    return {"tcp": tcp, "abstract": abstract}


async def _dies(process: Process) -> bool:
    try:
        async with asyncio.timeout(_DEATH_S):
            await process.wait()
    except TimeoutError:
        return False
    return True
