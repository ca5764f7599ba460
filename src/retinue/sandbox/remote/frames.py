"""A run's answer: frames of a kind, a length and as many bytes, one for each output and the last for how it ended."""

import json
import struct
from collections.abc import Awaitable, Callable

import msgspec
from msgspec import structs

from retinue.sandbox.base import Drawn, Ended, Output, Printed, SandboxFault, SessionLost
from retinue.sandbox.remote.protocol import MOST_MESSAGE, Refusal

HEAD = struct.Struct(">cI")
BEAT = HEAD.pack(b".", 0)
"""Nothing has come, and the door is still there."""

_MOST = {b"p": 1 << 20, b"d": 20 << 20, b"e": 1 << 20, b"f": 64 << 10, b".": 0}
"""Bytes that a frame of each kind may have."""


class NoFrame(ValueError):
    """What came is no frame of ours."""


def frame(output: Output) -> bytes:
    """Return an output as a frame."""
    match output:
        case Printed(text):
            return _packed(b"p", text.encode("utf-8", "replace"))
        case Drawn(png):
            return _packed(b"d", png)
        case Ended():  # an error's text is the code's: msgspec takes no half a pair
            return _packed(b"e", json.dumps(structs.asdict(output)).encode())


def fault_frame(fault: SandboxFault) -> bytes:
    """Return as a frame why a run has no end."""
    return _packed(b"f", refusal(fault))


def refusal(fault: SandboxFault) -> bytes:
    """Return as JSON why something was not done."""
    lost = isinstance(fault, SessionLost)
    message = fault.message[:MOST_MESSAGE].encode("utf-8", "replace").decode()
    return msgspec.json.encode(Refusal(error=message, lost=lost))


async def next_output(exactly: Callable[[int], Awaitable[bytes]]) -> Output | None:
    """Read a frame and return what it holds, None for a beat; raises NoFrame, and the fault that a frame tells of."""
    kind, length = HEAD.unpack(await exactly(HEAD.size))
    if length > _MOST.get(kind, -1):
        raise NoFrame(f"a frame of kind {kind!r} and {length} bytes")
    return _unpacked(kind, await exactly(length))


def told(content: bytes) -> SandboxFault:
    """Return the fault that a refusal tells of."""
    said = msgspec.json.decode(content, type=Refusal)
    return (SessionLost if said.lost else SandboxFault)(said.error[:MOST_MESSAGE])


def _packed(kind: bytes, content: bytes) -> bytes:
    return HEAD.pack(kind, len(content)) + content


def _unpacked(kind: bytes, content: bytes) -> Output | None:
    try:
        match kind:
            case b"p":
                return Printed(content.decode())
            case b"d":
                return Drawn(content)
            case b"e":
                return msgspec.convert(json.loads(content), Ended)
            case b"f":
                raise told(content)
    except (ValueError, RecursionError) as fault:  # msgspec's own errors too
        raise NoFrame("a frame that can't be read") from fault
    return None
