"""What a reading process is asked, and what it says: MessagePack behind its length."""

import struct
from typing import Final

import msgspec
from msgspec import Struct

from retinue.knowledge.reading.base import Batch, FailureCode

LENGTH: Final = struct.Struct("<I")


class Asked(Struct, frozen=True, array_like=True):
    """A file to read."""

    path: bytes
    """As the system names it: no name need be text."""
    extension: str
    """Of the name that the file's owner gave it, with the dot, in lower case."""
    tokens: int
    """Of a window, at most."""
    skip: int
    """Windows that are not wanted: the number of the first that is."""
    most_tokens: int
    """Of a file."""


class Finished(Struct, frozen=True, array_like=True, tag=True):
    """There is no more in the file; or, said once at the start, the process can be asked."""


class Failed(Struct, frozen=True, array_like=True, tag=True):
    """The file can't be read, or not on."""

    code: FailureCode
    message: str
    detail: str = ""
    """For the log of whoever runs the server."""


class Hindered(Struct, frozen=True, array_like=True, tag=True):
    """The system did not let the file be read; that says nothing of the file."""

    why: str
    """As the system puts it."""
    detail: str
    """For the log of whoever runs the server."""


Frame = Batch | Finished | Failed | Hindered

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Frame).decode
_decode_asked = msgspec.msgpack.Decoder(Asked).decode


def framed(frame: Frame | Asked) -> bytes:
    """Return the bytes that say it."""
    content = _encode(frame)
    return LENGTH.pack(len(content)) + content


def frame_of(content: bytes) -> Frame:
    """Read what a process says; raises msgspec.DecodeError."""
    frame: Frame = _decode(content)
    return frame


def asked_of(content: bytes) -> Asked:
    """Read what a process is asked."""
    return _decode_asked(content)
