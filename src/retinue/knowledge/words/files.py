"""An index in a folder: a file for each segment, which is mapped, and one that names them and says what rows there are.

A file is written aside, synced and renamed, and never changed; the one that names the others comes last, so a crash
leaves what was there before. It is a copy of what is stored elsewhere: what can't be read is made anew.
"""

import mmap
import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retinue.knowledge.words.segment import Segment
from retinue.system.files import delete_others, write_whole

VERSION = 2
CONTENTS = "contents"
POSTINGS = ".postings"

_SEGMENT_HEAD = struct.Struct("<8s7I")  # magic, version, first, size, terms, postings, and two checksums: of the
# arrays, and of all these numbers
_SEGMENT_MAGIC = b"RETPOST\n"
_CONTENTS_HEAD = struct.Struct("<8sIQII")  # magic, version, mark, rows, segments
_CONTENTS_MAGIC = b"RETWORD\n"
_LISTED = struct.Struct("<II")  # file, dead
_CHECKSUM = struct.Struct("<I")
_PIECE = 1 << 20  # bytes that are checked at a time


class UnreadableIndex(ValueError):
    """This folder holds no index, or not all of one: make it anew."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Contents:
    """What a folder holds."""

    mark: int
    segments: Sequence[Segment]
    lengths: NDArray[np.uint16]
    alive: NDArray[np.bool_]


def write(folder: Path, contents: Contents) -> Contents:
    """Write what is not in the folder yet, and return it as it lies there, mapped."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = 1 + max((int(path.stem) for path in folder.glob(f"*{POSTINGS}") if path.stem.isdecimal()), default=0)
    segments = list[Segment]()
    for number, segment in enumerate(contents.segments, fresh):
        segments.append(segment if segment.file else _moved_to_file(folder, number, segment))
    written = replace(contents, segments=segments)
    write_whole(folder / CONTENTS, [_packed(written)])
    delete_others(folder, kept={_name(segment.file) for segment in segments}, suffix=POSTINGS)
    return written


def read(folder: Path) -> Contents:
    """Map what a folder holds, once all of it was read and found whole; raises `UnreadableIndex`."""
    try:
        return _unpacked(folder, (folder / CONTENTS).read_bytes())
    except (OSError, ValueError, struct.error) as problem:
        raise UnreadableIndex(f"{folder} holds no index of words that can be read: {problem}") from problem


def _packed(contents: Contents) -> bytes:
    head = _CONTENTS_HEAD.pack(_CONTENTS_MAGIC, VERSION, contents.mark, len(contents.lengths), len(contents.segments))
    listed = b"".join(_LISTED.pack(segment.file, segment.dead) for segment in contents.segments)
    alive = np.packbits(contents.alive).tobytes()
    body = head + listed + contents.lengths.astype("<u2").tobytes() + alive
    return body + _CHECKSUM.pack(zlib.crc32(body))


def _unpacked(folder: Path, packed: bytes) -> Contents:
    body, (checksum,) = packed[: -_CHECKSUM.size], _CHECKSUM.unpack(packed[-_CHECKSUM.size :])
    magic, version, mark, rows, count = _CONTENTS_HEAD.unpack_from(body)
    if (magic, version, checksum) != (_CONTENTS_MAGIC, VERSION, zlib.crc32(body)):
        raise UnreadableIndex("its contents are of another kind or version, or torn")
    lengths_at = _CONTENTS_HEAD.size + count * _LISTED.size
    listed = _LISTED.iter_unpack(body[_CONTENTS_HEAD.size : lengths_at])
    return Contents(
        mark=mark,
        segments=[replace(_checked(folder, file), dead=dead) for file, dead in listed],
        lengths=np.frombuffer(body, "<u2", rows, lengths_at),
        alive=np.unpackbits(np.frombuffer(body, np.uint8, offset=lengths_at + 2 * rows), count=rows).astype(np.bool_),
    )


def _moved_to_file(folder: Path, number: int, segment: Segment) -> Segment:
    arrays = (segment.terms.astype("<u4"), segment.starts.astype("<u4"), segment.rows.astype("<u2"), segment.counts)
    packed = [array.tobytes() for array in arrays]
    facts = (VERSION, segment.first, segment.size, len(segment.terms), len(segment.rows), _running(packed))
    head = _SEGMENT_HEAD.pack(_SEGMENT_MAGIC, *facts, _checksum_of(facts))
    write_whole(folder / _name(number), [head, *packed])
    return replace(_mapped(folder, number), dead=segment.dead)


def _checked(folder: Path, number: int) -> Segment:
    """Map a file that is as it was written. It is read for that and not through the map, whose pages would stay."""
    segment = _mapped(folder, number)
    with (folder / _name(number)).open("rb") as file:
        *_, checksum, _ = _SEGMENT_HEAD.unpack(file.read(_SEGMENT_HEAD.size))
        if _running(iter(partial(file.read, _PIECE), b"")) != checksum:
            raise UnreadableIndex(f"{_name(number)} is damaged")
    return segment


def _mapped(folder: Path, number: int) -> Segment:
    with (folder / _name(number)).open("rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    magic, *facts, checksum = _SEGMENT_HEAD.unpack_from(data)
    version, first, size, terms, postings, _ = facts
    if (magic, version, checksum) != (_SEGMENT_MAGIC, VERSION, _checksum_of(facts)):
        raise UnreadableIndex(f"{_name(number)} is of another kind or version, or torn")
    if len(data) != _SEGMENT_HEAD.size + 4 * terms + 4 * (terms + 1) + 3 * postings:
        raise UnreadableIndex(f"{_name(number)} is not whole")
    starts_at = _SEGMENT_HEAD.size + 4 * terms
    rows_at = starts_at + 4 * (terms + 1)
    return Segment(
        first=first,
        size=size,
        terms=np.frombuffer(data, "<u4", terms, _SEGMENT_HEAD.size),
        starts=np.frombuffer(data, "<u4", terms + 1, starts_at),
        rows=np.frombuffer(data, "<u2", postings, rows_at),
        counts=np.frombuffer(data, np.uint8, postings, rows_at + 2 * postings),
        file=number,
    )


def _running(pieces: Iterable[bytes]) -> int:
    return reduce(lambda checksum, piece: zlib.crc32(piece, checksum), pieces, 0)


def _checksum_of(facts: Sequence[int]) -> int:
    return zlib.crc32(struct.pack(f"<{len(facts)}I", *facts))


def _name(number: int) -> str:
    return f"{number}{POSTINGS}"
