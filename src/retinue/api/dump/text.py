"""A dump's bytes as text: UTF-8, or UTF-16 with its mark; packed or not; never more than a piece at a time."""

import codecs
import io

from retinue.api.dump.packed import MAGIC, Bytes, DamagedFile, Unpacked

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_ERRORS = "retinue-dump"


def _spoil(error: UnicodeError) -> tuple[str, int]:
    """Put half of a surrogate pair where there is no text: it spoils the record that it stands in, and no other."""
    assert isinstance(error, UnicodeDecodeError)
    return "\udcff", error.end


codecs.register_error(_ERRORS, _spoil)


class Characters:
    """The text of an open file, read piece by piece."""

    def __init__(self, file: Bytes) -> None:
        self._file = _buffered(file)
        self._decoder: codecs.IncrementalDecoder | None = None

    def read(self, size: int) -> str:
        """Return at most so many characters, and none only at the end; raises DamagedFile."""
        if self._decoder is None:
            self._decoder = self._begin()
        while True:
            raw = self._read(size)
            text = self._decoder.decode(raw, final=not raw)
            if text or not raw:
                return text

    def _begin(self) -> codecs.IncrementalDecoder:
        """Find out what the bytes are."""
        if self._peek(len(MAGIC)) == MAGIC:
            self._file = _buffered(Unpacked(self._file))
        start = self._peek(3)
        mark, encoding = next(((m, e) for m, e in _MARKS if start.startswith(m)), (b"", "utf-8"))
        self._read(len(mark))
        return codecs.getincrementaldecoder(encoding)(_ERRORS)

    def _peek(self, size: int) -> bytes:
        try:
            return self._file.peek(size)[:size]
        except OSError as error:
            raise DamagedFile(f"it can't be read ({error})") from error

    def _read(self, size: int) -> bytes:
        try:
            return self._file.read1(size) if size else b""
        except OSError as error:
            raise DamagedFile(f"it can't be read from here on ({error})") from error


def _buffered(file: Bytes) -> io.BufferedReader:
    return io.BufferedReader(_Raw(file))


class _Raw(io.RawIOBase):
    """A file of bytes as the standard library's buffers want it."""

    def __init__(self, file: Bytes) -> None:
        self._bytes = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # BufferedReader hands in no other
        raw = self._bytes.read(len(buffer))
        buffer[: len(raw)] = raw
        return len(raw)
