"""What one connection sends, joined: pieces that are written one after the other go out in one packet."""

import asyncio
from typing import Any

_HELD_BYTES = 64 << 10  # beyond these a sender may never pause, and what it sends has to be counted by the transport


class Joined:
    """A transport whose writes wait for the task that writes to pause.

    An answer's head, its first piece and its end come at once, mostly. Written one by one, as they are given here, each
    would be a system call and a packet: a quarter of what the caller's side of a relayed request costs.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._held: list[bytes] = []
        self._size = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send, soon."""
        if not self._held:
            self._loop.call_soon(self._flush)
        self._held.append(data)
        self._size += len(data)
        if self._size > _HELD_BYTES:
            self._flush()

    def close(self) -> None:
        """Close the connection when all is sent."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        held, self._held, self._size = self._held, [], 0
        if held:
            self._transport.write(b"".join(held))
