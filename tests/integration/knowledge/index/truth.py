"""A small vector store as the database has it; and what a search of it has to find, computed plainly."""

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from retinue.core.chunking import Grid
from retinue.core.vector_store import Slab
from retinue.knowledge.fusion import Scores
from retinue.knowledge.index.candidates import Evidence, Query
from retinue.knowledge.index.windows import Windows
from retinue.knowledge.words import pack
from retinue.knowledge.words.rows import K1, B

DIMENSIONS = 16
TERMS = 20
SLAB = 4

Bag = Mapping[int, int]
Window = tuple[str, int]
Chunk = tuple[str, range]


@dataclass(frozen=True, kw_only=True)
class File:
    grid: Grid
    vectors: NDArray[np.float16]
    bags: Sequence[Bag]

    def __len__(self) -> int:
        return len(self.bags)

    @property
    def chunks(self) -> list[range]:
        return [self.grid.windows_of(chunk, len(self)) for chunk in range(self.grid.chunks(len(self)))]

    @property
    def windows(self) -> Windows:
        windows = Windows(DIMENSIONS)
        windows.add(self.slabs)
        return windows

    @property
    def slabs(self) -> list[Slab]:
        parts = [range(first, min(first + SLAB, len(self))) for first in range(0, len(self), SLAB)]
        return [
            Slab(
                first=part.start,
                count=len(part),
                vectors=self.vectors[part.start : part.stop].tobytes(),
                terms=pack(self.bags[part.start : part.stop]),
            )
            for part in parts
        ]


@dataclass
class Truth:
    files: dict[str, File] = field(default_factory=dict)

    async def fetch(self, windows: Sequence[Window]) -> list[bytes | None]:
        files = [(self.files.get(file_id), window) for file_id, window in windows]
        return [file.vectors[window].tobytes() if file and window < len(file) else None for file, window in files]

    def scores(self, query: Query, files: Collection[str] | None) -> dict[Chunk, float]:
        """Return the fused score of every chunk that may be found."""
        bags = [bag for file in self.files.values() for bag in file.bags]
        chunks = {(name, windows): file for name, file in self.files.items() for windows in file.chunks}
        per_chunk = sum(len(windows) for _, windows in chunks) / (len(chunks) or 1)
        return {
            chunk: joined(
                max(float(file.vectors[window].astype(np.float32) @ query.vector) for window in chunk[1]),
                bm25(sum((Counter(file.bags[window]) for window in chunk[1]), Counter()), query.terms, bags, per_chunk),
            )
            for chunk, file in chunks.items()
            if files is None or chunk[0] in files
        }


def fuse(found: Evidence) -> Scores:
    """Give a passage a score that hangs on no other one, so that it can be told without knowing the candidates."""
    pairs = zip(found.similarities.tolist(), found.words.tolist(), strict=True)
    return np.array([joined(*pair) for pair in pairs], np.float32)


def joined(similarity: float, words: float) -> float:
    return (similarity + 1) / 4 + words / (words + 4) / 2


def file_of(seed: int, windows: int, *, grid: Grid | None = None) -> File:
    random = np.random.default_rng(seed)
    vectors = random.standard_normal((windows, DIMENSIONS))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    bags = [bag(random, 6) for _ in range(windows)]
    return File(grid=grid or Grid(per_chunk=4, step=2), vectors=vectors.astype(np.float16), bags=bags)


def query_of(seed: int) -> Query:
    random = np.random.default_rng(seed + 1000)
    vector = random.standard_normal(DIMENSIONS).astype(np.float32)
    return Query(vector=vector / np.linalg.norm(vector), terms=bag(random, 3))


def bag(random: np.random.Generator, size: int) -> dict[int, int]:
    terms, counts = random.integers(0, TERMS, size).tolist(), random.integers(1, 5, size).tolist()
    return dict(zip(terms, counts, strict=True))


def bm25(row: Bag, query: Bag, rows: Sequence[Bag], windows: float) -> float:
    """Score a row that is so many of `rows` long on average."""
    average = windows * sum(sum(each.values()) for each in rows) / len(rows)
    norm = K1 * (1 - B + B * sum(row.values()) / average)

    def weight(term: int) -> float:
        holding = sum(term in each for each in rows)
        return query[term] * math.log1p((len(rows) - holding + 0.5) / (holding + 0.5)) * (K1 + 1)

    return sum(weight(term) * row[term] / (row[term] + norm) for term in query if term in row)
