"""An index in a folder: files of codes, each a block that never changes; the words; and what says what they are.

A file is written aside, synced and renamed; the one that names the others comes last. It is a copy of what the database
has: a folder that is torn, of another store or of another version of this is not read, and made anew.
"""

import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct

from retinue.knowledge.index.block import BLOCK_ROWS, Block, empty
from retinue.knowledge.index.blocks import Blocks
from retinue.knowledge.index.contents import Contents
from retinue.knowledge.index.documents import Document, Documents
from retinue.knowledge.words import UnreadableIndex, Words
from retinue.system.files import delete_others, write_whole

FORMAT = 3
FACTS = "facts"
WORDS = "words"
CODES = ".codes"
_CHECKSUM_BYTES = 4


class _Part(Struct, frozen=True, array_like=True):
    """A block as it lies in the folder."""

    file: int
    """0: it was given back."""
    rows: int
    checksum: int


class _Facts(Struct, frozen=True, kw_only=True):
    """What the folder holds."""

    format: int
    key: str
    version: int
    dimensions: int
    parts: Sequence[_Part]
    documents: Sequence[Document]
    scales: bytes


def write(folder: Path, key: str, version: int, contents: Contents) -> None:
    """Save what changed since it was saved there. Nobody may change it meanwhile, but searches go on."""
    folder.mkdir(parents=True, exist_ok=True)
    contents.words.mark = version
    contents.words.save(folder / WORDS)
    facts = _Facts(
        format=FORMAT,
        key=key,
        version=version,
        dimensions=contents.blocks.dimensions,
        parts=list(_written(folder, contents.blocks)),
        documents=list(contents.documents),
        scales=b"".join(block.codes.scales.astype("<f4").tobytes() for block in contents.blocks if block),
    )
    body = msgspec.msgpack.encode(facts)
    write_whole(folder / FACTS, [body, zlib.crc32(body).to_bytes(_CHECKSUM_BYTES, "little")])
    delete_others(folder, kept={_name(part.file) for part in facts.parts}, suffix=CODES)


def read(folder: Path, key: str, dimensions: int) -> tuple[int, Contents]:
    """Return what a folder holds, and its version; raises FileNotFoundError where nothing is, or UnreadableIndex."""
    if not (folder / FACTS).exists():
        raise FileNotFoundError(folder)
    try:
        facts = _facts_in(folder, key, dimensions)
        blocks = Blocks(dimensions, list(_read(folder, facts)))
        words = Words.open(folder / WORDS)
    except (OSError, ValueError) as problem:
        raise UnreadableIndex(f"{folder} holds no index that can be read: {problem}") from problem
    if words.mark != facts.version or len(words) != len(blocks):
        raise UnreadableIndex(f"{folder} holds words of another version than its codes")
    documents = Documents()
    for document in facts.documents:
        documents.add(document)
    return facts.version, Contents(documents=documents, blocks=blocks, words=words)


def _facts_in(folder: Path, key: str, dimensions: int) -> _Facts:
    packed = (folder / FACTS).read_bytes()
    body, checksum = packed[:-_CHECKSUM_BYTES], packed[-_CHECKSUM_BYTES:]
    if zlib.crc32(body) != int.from_bytes(checksum, "little"):
        raise UnreadableIndex("its facts are torn")
    facts = msgspec.msgpack.decode(body, type=_Facts)
    if (facts.format, facts.key, facts.dimensions) != (FORMAT, key, dimensions):
        raise UnreadableIndex("it is of another kind, or of another store")
    return facts


def _written(folder: Path, blocks: Blocks) -> Iterator[_Part]:
    fresh = 1 + max((int(path.stem) for path in folder.glob(f"*{CODES}") if path.stem.isdecimal()), default=0)
    for number, block in enumerate(blocks, fresh):
        if block is None:
            yield _Part(0, BLOCK_ROWS, 0)
            continue
        values: Any = block.codes.values.data
        if not block.file:
            write_whole(folder / _name(number), [values])
        if block.full:
            block.file = block.file or number
        yield _Part(block.file or number, block.used, zlib.crc32(values))


def _read(folder: Path, facts: _Facts) -> Iterator[Block | None]:
    scales = np.frombuffer(facts.scales, "<f4")
    for part in facts.parts:
        if not part.file:
            yield None
            continue
        codes = empty(part.rows, facts.dimensions)
        with (folder / _name(part.file)).open("rb") as file:
            read = file.readinto(codes.values.data.cast("B"))
        if read != codes.values.nbytes or zlib.crc32(codes.values.data) != part.checksum:
            raise UnreadableIndex(f"{_name(part.file)} is torn")
        codes.scales[:], scales = scales[: part.rows], scales[part.rows :]
        block = Block(codes)
        block.file = part.file if block.full else 0
        yield block


def _name(file: int) -> str:
    return f"{file}{CODES}"
