"""Sessions for code, over the sandbox that this machine has."""

import contextlib
import sys
from collections.abc import AsyncIterator

from retinue.sandbox.base import Limits, SandboxFault
from retinue.sandbox.fork_server import ForkServer
from retinue.sandbox.lasting import LastingSandbox
from retinue.sandbox.readable import readable
from retinue.sandbox.sessions import Sessions

LIBRARIES = ("numpy", "pandas", "matplotlib.pyplot")
"""Loaded before a session begins, where they are installed: pandas alone takes half a second."""


@contextlib.asynccontextmanager
async def open_sessions() -> AsyncIterator[Sessions]:
    """Give sessions; the sandbox starts when the first is asked for, or with `Sessions.start`."""
    sandbox = LastingSandbox(_start)
    try:
        yield Sessions(sandbox)
    finally:
        await sandbox.close()


async def _start() -> ForkServer:
    if sys.platform != "linux":
        raise SandboxFault("This server runs no code: its sandbox needs Linux.")
    return await ForkServer.start(Limits(), libraries=LIBRARIES, readable=readable())
