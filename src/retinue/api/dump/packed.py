"""What gzip packed, unpacked so that damage costs nothing that comes before it."""

import zlib
from typing import Protocol

from retinue.core.errors import InvalidRequest

MAGIC = b"\x1f\x8b"

_PIECE = 64 << 10
_WITH_HEADER = 31  # zlib's word for gzip's format, whose checksums it checks


class Bytes(Protocol):
    """An open file of bytes."""

    def read(self, size: int, /) -> bytes:
        """Return at most so many bytes; none at the end."""
        ...


class DamagedFile(InvalidRequest):
    """The file can't be read any further."""


class Unpacked:
    """A packed file's content, read piece by piece."""

    def __init__(self, file: Bytes) -> None:
        self._file = file
        self._packed = b""
        self._member = zlib.decompressobj(_WITH_HEADER)
        self._damage: DamagedFile | None = None

    def read(self, size: int, /) -> bytes:
        """Return at most so many bytes, none at the end; raises DamagedFile once all before the damage was returned."""
        while self._damage is None:
            if not self._packed:
                self._packed = self._file.read(_PIECE)
            if self._member.eof and not self._next_member():
                return b""
            if raw := self._unpack(size):
                return raw
        raise self._damage

    def _next_member(self) -> bool:
        """Go on with what follows a member's end, if anything does: zeros may fill up a tape."""
        while not (rest := self._packed.lstrip(b"\0")):
            self._packed = self._file.read(_PIECE)
            if not self._packed:
                return False
        if len(rest) < len(MAGIC):
            rest += self._file.read(_PIECE)
        self._packed = rest
        self._member = zlib.decompressobj(_WITH_HEADER)
        if not rest.startswith(MAGIC):
            self._damage = DamagedFile("what follows the end of the packed file is not packed, and was not read")
        return True

    def _unpack(self, size: int) -> bytes:
        if self._damage is not None:
            return b""
        if not self._packed:  # what it holds back may still come
            raw = self._member.decompress(b"", size)
            if not raw and not self._member.eof:
                self._damage = DamagedFile("the packed file ends amid its content: it may have been cut off")
            return raw
        before = self._member.copy()
        try:
            raw = self._member.decompress(self._packed, size)
        except zlib.error as error:
            self._damage = DamagedFile(f"it can't be read from here on ({error})")
            return _until_damage(before, self._packed)
        self._packed = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
        return raw


def _until_damage(member: "zlib._Decompress", packed: bytes) -> bytes:
    """What a piece holds before its damage, found byte by byte."""
    found = []
    for place in range(len(packed)):
        try:
            found.append(member.decompress(packed[place : place + 1]))
        except zlib.error:
            break
    return b"".join(found)
