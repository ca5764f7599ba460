"""A session on a runner, as the server has it."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import NoReturn, TypeVar

from retinue.sandbox.base import (
    LONGEST_ERROR,
    MOST_DRAWN,
    MOST_DRAWN_BYTES,
    MOST_FILES,
    Drawn,
    Ended,
    Kept,
    Limits,
    Output,
    Printed,
    SandboxFault,
    SessionLost,
)
from retinue.sandbox.remote.frames import HEAD, next_output
from retinue.sandbox.remote.protocol import (
    MOST_BYTES,
    MOST_CODE,
    MOST_LISTED,
    MOST_PATH,
    SESSIONS,
    SILENCE_S,
    Listed,
    path_to_query,
)
from retinue.sandbox.remote.runner import Request, Runner, Unreached, decoded

_GRACE_S = 45.0  # beyond what a call may take: a runner ends it in good time before
_CLOSE_S = 5.0
_MOST_SAID = 8 << 20  # bytes of text and of its frames
_MOST_EMPTY = 10_000  # frames that say nothing: ten times what comes of a call of an hour
_LOST = "The runner {} lost the session, with its files: {}."

T = TypeVar("T")


class RemoteSession:
    """See `Session`. Whatever its runner says is held to what a session of this machine could have said."""

    def __init__(self, runner: Runner, id_: str, limits: Limits, closed: Callable[["RemoteSession"], None]) -> None:
        """`closed` is called when it is."""
        self._runner, self._limits, self._closed = runner, limits, closed
        self._path = f"{SESSIONS}/{id_}"
        self._lost: str | None = None
        """Why there is nothing to ask any more."""

    async def run(self, code: str) -> AsyncGenerator[Output]:
        """See `Session.run`."""
        content = code.encode("utf-8", "replace")
        if len(content) > MOST_CODE:
            raise SandboxFault(f"The code is longer than {MOST_CODE >> 20} MB.")
        request = Request(method="POST", path=f"{self._path}/run", content=content, silence_s=SILENCE_S, total_s=None)
        reply, patience, begun = _Reply(self._limits), _Patience(self._limits.call_s + _GRACE_S), False
        try:
            async with self._asked(), self._runner.asked(request) as response:
                begun = True
                while not reply.has_ended:
                    output = await patience.of(next_output(response.content.readexactly))
                    if kept := reply.kept(output):
                        yield kept
                if await patience.of(response.content.read(1)):  # to the end, so that the connection is of use
                    raise Unreached("it said more than a call may")
        finally:
            if begun and not reply.has_ended:  # whoever asked is gone: the door ends the session when it sees that
                self._lost = self._lost or "its call was broken off"
        yield reply.ended()

    async def write(self, path: str, content: bytes, *, more: bool = False) -> None:
        """See `Session.write`."""
        if len(content) > MOST_BYTES:
            raise SandboxFault(f"More than {MOST_BYTES >> 20} MB can't be written at a time.")
        method = "POST" if more else "PUT"
        request = Request(method=method, path=f"{self._path}/file", query=path_to_query(path), content=content)
        async with self._asked():
            await self._runner.answer(request, MOST_LISTED)

    async def read(self, path: str) -> bytes:
        """See `Session.read`."""
        request = Request(method="GET", path=f"{self._path}/file", query=path_to_query(path))
        async with self._asked():
            return await self._runner.answer(request, self._limits.file_bytes)

    async def remove(self, path: str) -> None:
        """See `Session.remove`."""
        request = Request(method="DELETE", path=f"{self._path}/file", query=path_to_query(path))
        async with self._asked():
            await self._runner.answer(request, MOST_LISTED)

    async def files(self) -> list[Kept]:
        """See `Session.files`."""
        async with self._asked():
            content = await self._runner.answer(Request(method="GET", path=f"{self._path}/files"), MOST_LISTED)
            files = decoded(content, Listed).files
            if len(files) > MOST_FILES or not all(map(_could_be, files)):
                raise Unreached("what it said of the files can't be")
            return files

    async def close(self) -> None:
        """See `Session.close`. A runner that can't be told ends it by itself, once it was idle for long."""
        self._lost = self._lost or "it was closed"
        self._closed(self)
        request = Request(method="DELETE", path=self._path, silence_s=_CLOSE_S, total_s=_CLOSE_S)
        with contextlib.suppress(SandboxFault):
            await self._runner.answer(request, MOST_LISTED)

    @contextlib.asynccontextmanager
    async def _asked(self) -> AsyncIterator[None]:
        """Tell all that makes a session useless as SessionLost, from then on too."""
        if self._lost is not None:
            self._lose(self._lost)
        try:
            yield
        except Unreached as fault:
            self._lose(fault.message, fault)
        except SessionLost as fault:
            self._lost = fault.message
            raise

    def _lose(self, why: str, fault: Exception | None = None) -> NoReturn:
        self._lost = why
        raise SessionLost(_LOST.format(self._runner.url, why.rstrip("."))) from fault


class _Reply:
    """Holds what comes of a call to what this server keeps of one."""

    def __init__(self, limits: Limits) -> None:
        self._room, self._said, self._empty = limits.output_bytes, _MOST_SAID, _MOST_EMPTY
        self._charts, self._chart_bytes = MOST_DRAWN, MOST_DRAWN_BYTES
        self._left_out = 0
        self._ended: Ended | None = None

    @property
    def has_ended(self) -> bool:
        return self._ended is not None

    def kept(self, output: Output | None) -> Output | None:
        """Return what is kept of an output but for the last; raises Unreached for more than a door says."""
        kept = output
        match output:
            case Printed(text) if text:
                kept = self._printed(text.encode("utf-8", "replace"))
            case Drawn(png):
                self._charts, self._chart_bytes = self._charts - 1, self._chart_bytes - len(png)
            case Ended():
                self._ended, kept = output, None
            case _:
                self._empty, kept = self._empty - 1, None
        if min(self._said, self._empty, self._charts, self._chart_bytes) < 0:
            raise Unreached("it said more than a call may")
        return kept

    def ended(self) -> Ended:
        """Return how it ended."""
        said = self._ended or Ended()
        error = None if said.error is None else said.error[-LONGEST_ERROR:]
        left_out, charts = max(0, said.left_out) + self._left_out, max(0, said.charts_left_out)
        return Ended(error=error, left_out=left_out, charts_left_out=charts)

    def _printed(self, raw: bytes) -> Printed | None:
        kept = raw[: self._room].decode("utf-8", "ignore")
        self._left_out += max(0, len(raw) - self._room)
        self._room = max(0, self._room - len(raw))
        self._said -= HEAD.size + len(raw)
        return Printed(kept) if kept else None


class _Patience:
    """How long is waited for a call in all, beside what its reader takes."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds

    async def of(self, coming: Awaitable[T]) -> T:
        """Return what comes; raises TimeoutError."""
        begun = time.monotonic()
        async with asyncio.timeout(self._left):
            come = await coming
        self._left -= time.monotonic() - begun
        return come


def _could_be(file: Kept) -> bool:
    parts = file.path.split("/")
    return (
        len(file.path) <= MOST_PATH
        and "\0" not in file.path
        and not {"", ".", ".."} & {*parts}
        and 0 <= file.size < 1 << 50
        and -1 << 63 <= file.changed_ns < 1 << 63
    )
