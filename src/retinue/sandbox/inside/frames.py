"""Frames: a JSON object and some bytes behind it, over a stream socket. Both ends hold the other to a length."""

import json
import select
import socket
import struct
from typing import Any

LENGTHS = struct.Struct(">II")
"""Of the object and of the bytes."""
MOST_JSON = 1 << 20
MOST_BYTES = 64 << 20

Object = dict[str, Any]


class BrokenFrames(OSError):
    """The other end is gone, or what it says is no frame: there is nothing to say to it any more."""


def send(to: socket.socket, said: Object, content: bytes = b"") -> None:
    """Send a frame; raises OSError."""
    text = json.dumps(said).encode()
    to.sendall(LENGTHS.pack(len(text), len(content)))
    to.sendall(text)
    if content:
        to.sendall(content)


def receive(of: socket.socket) -> tuple[Object, bytes]:
    """Wait for a frame and return it; raises BrokenFrames."""
    frames = Incoming(of)
    while (frame := frames.received()) is None:
        pass
    return frame


class Incoming:
    """Frames of somebody who may stop in the middle of one."""

    def __init__(self, of: socket.socket, *, most_bytes: int = MOST_BYTES) -> None:
        self._of, self._most_bytes = of, most_bytes
        self._read = bytearray()

    def received(self) -> tuple[Object, bytes] | None:
        """Wait for some of a frame and return it once it is complete; raises BrokenFrames."""
        piece = self._of.recv(min(self._end() - len(self._read), 1 << 20))
        if not piece:
            raise BrokenFrames("the other end is gone")
        self._read += piece
        if len(self._read) < self._end():
            return None
        text_length, _ = LENGTHS.unpack_from(self._read)
        text, content = self._read[LENGTHS.size :][:text_length], bytes(self._read[LENGTHS.size + text_length :])
        self._read.clear()
        return _object(bytes(text)), content

    def forget(self) -> None:
        """Throw away whatever has come."""
        self._read.clear()
        while select.select([self._of], [], [], 0)[0] and self._of.recv(1 << 20):
            pass

    def _end(self) -> int:
        """Return how many bytes lead to where the next step is."""
        if len(self._read) < LENGTHS.size:
            return LENGTHS.size
        text_length, length = LENGTHS.unpack_from(self._read)
        if text_length > MOST_JSON or length > self._most_bytes:
            raise BrokenFrames(f"a frame of {text_length} and {length} bytes")
        return LENGTHS.size + int(text_length) + int(length)


def _object(text: bytes) -> Object:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise BrokenFrames("a frame without JSON") from fault
    if not isinstance(said, dict):
        raise BrokenFrames("a frame without an object")
    return said
