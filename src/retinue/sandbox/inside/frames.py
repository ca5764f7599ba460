"""Frames: a JSON object and some bytes behind it, over a stream socket. Both ends hold the other to a length."""

import json
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
    text_length, length = LENGTHS.unpack(_exactly(of, LENGTHS.size))
    if text_length > MOST_JSON or length > MOST_BYTES:
        raise BrokenFrames(f"a frame of {text_length} and {length} bytes")
    said = json.loads(_exactly(of, text_length))
    if not isinstance(said, dict):
        raise BrokenFrames("a frame without an object")
    return said, _exactly(of, length)


def _exactly(of: socket.socket, length: int) -> bytes:
    read = bytearray()
    while len(read) < length:
        piece = of.recv(min(length - len(read), 1 << 20))
        if not piece:
            raise BrokenFrames("the other end is gone")
        read += piece
    return bytes(read)
