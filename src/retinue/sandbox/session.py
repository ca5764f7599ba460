"""A session on this machine, as the server has it: what its keeper is asked, and what comes of that."""

import asyncio
import contextlib
import json
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncGenerator, Callable
from typing import Any

from retinue.sandbox.base import MOST_FILES, MOST_NAMED, Kept, Limits, Output, Printed, SandboxFault, SessionLost
from retinue.sandbox.call import Call
from retinue.sandbox.inside.frames import LENGTHS, MOST_BYTES, MOST_JSON
from retinue.sandbox.inside.places import KNOWN
from retinue.sandbox.pipe import Pipe

_ANSWER_S = 30.0  # for what the keeper does by itself
LOST = "The session broke down and is lost, its files too."


class LocalSession:
    """See `Session`. What comes out of it is the model's doing: each length and number is bounded here."""

    def __init__(
        self,
        asked: tuple[StreamReader, StreamWriter],
        printed: Pipe,
        limits: Limits,
        end: Callable[[], None],
    ) -> None:
        """`end` has the session's processes killed."""
        (self._answers, self._asks), self._printed = asked, printed
        self._limits, self._end = limits, end
        self._data = KNOWN

    async def run(self, code: str) -> AsyncGenerator[Output]:
        """See `Session.run`."""
        call = Call(self._limits, data=self._data)
        self._ask({"do": "run", "code": code})
        answering = asyncio.ensure_future(self._frame())
        try:
            while not call.over:
                await self._wait(answering, call)
                if text := call.printed(self._printed.read()):
                    yield Printed(text)
                if answering.done():
                    if drawn := call.answered(*answering.result()):
                        yield drawn
                    if not call.over:
                        answering = asyncio.ensure_future(self._frame())
            while piece := self._printed.read():  # it is in the pipe, and nobody writes more
                if text := call.printed(piece):
                    yield Printed(text)
            if text := call.rest():
                yield Printed(text)
        finally:
            if not call.over:  # whoever asked is gone: nobody knows what state the session is in
                answering.cancel()
                self._end()
        yield call.ended()

    async def write(self, path: str, content: bytes, *, more: bool = False) -> None:
        """See `Session.write`."""
        await self._asked({"do": "write", "path": path, "more": more}, content)

    async def read(self, path: str) -> bytes:
        """See `Session.read`."""
        _, content = await self._asked({"do": "read", "path": path, "most": self._limits.file_bytes})
        return content

    async def remove(self, path: str) -> None:
        """See `Session.remove`."""
        await self._asked({"do": "remove", "path": path})

    async def files(self) -> list[Kept]:
        """See `Session.files`."""
        said, _ = await self._asked({"do": "list", "most": MOST_FILES, "named": MOST_NAMED})
        return [Kept(**file) for file in said["files"]]

    @property
    def closed(self) -> bool:
        """Whether `close` was called: one whose other end is gone holds its files until then."""
        return self._printed.closed

    async def opened(self, data: str) -> None:
        """Wait until its keeper is there, whose files lie in `data`; raises SessionLost."""
        self._data = data
        await self._frame()

    async def close(self) -> None:
        """See `Session.close`."""
        self._end()
        self._printed.close()
        self._asks.close()
        with contextlib.suppress(OSError):
            await self._asks.wait_closed()

    async def _wait(self, answering: asyncio.Future[Any], call: Call) -> None:
        """Wait for anything to be heard; take the next step where the call has taken too long, or prints too much."""
        reading = asyncio.ensure_future(self._printed.readable())
        done, _ = await asyncio.wait({answering, reading}, timeout=call.left_s, return_when=asyncio.FIRST_COMPLETED)
        reading.cancel()
        if not done or call.floods:
            self._ask({"do": call.next_step()})

    async def _asked(self, what: dict[str, Any], content: bytes = b"") -> tuple[dict[str, Any], bytes]:
        self._ask(what, content)
        try:
            async with asyncio.timeout(_ANSWER_S):
                said, answer = await self._frame()
        except TimeoutError as fault:
            raise SessionLost(LOST) from fault
        if said.get("error"):
            raise SandboxFault(str(said["error"])[:500])
        return said, answer

    def _ask(self, what: dict[str, Any], content: bytes = b"") -> None:
        text = json.dumps(what).encode()
        self._asks.write(LENGTHS.pack(len(text), len(content)) + text + content)

    async def _frame(self) -> tuple[dict[str, Any], bytes]:
        try:
            text_length, length = LENGTHS.unpack(await self._answers.readexactly(LENGTHS.size))
            if text_length > MOST_JSON or length > MOST_BYTES:
                raise ValueError("a frame that is too long")
            said = json.loads(await self._answers.readexactly(text_length))
            return dict(said), await self._answers.readexactly(length)
        except (EOFError, OSError, ValueError, TypeError, RecursionError) as fault:
            raise SessionLost(LOST) from fault
