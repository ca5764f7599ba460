"""A small vector store as the database has it; and what a search of it has to find, computed plainly."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from retinue.core.chunking import Grid
from retinue.core.vector_store import Slab
from retinue.knowledge.fusion import Scores
from retinue.knowledge.index.candidates import Evidence, Query
from retinue.knowledge.words import pack
from retinue.knowledge.words.rows import K1, B

DIMENSIONS = 16
TERMS = 20
SLAB = 4

Bag = Mapping[int, int]
Window = tuple[str, int]


@dataclass(frozen=True, kw_only=True)
class File:
    grid: Grid
    vectors: NDArray[np.float16]
    bags: Sequence[Bag]

    def __len__(self) -> int:
        return len(self.bags)

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

    def scores(self, query: Query, files: Collection[str] | None) -> dict[Window, float]:
        """Return the fused score of every window that may be found."""
        windows = [(name, number) for name, file in self.files.items() for number in range(len(file))]
        words = bm25([self.files[name].bags[number] for name, number in windows], query.terms)
        vectors = [self.files[name].vectors[number].astype(np.float32) @ query.vector for name, number in windows]
        fused = joined(np.array(vectors, np.float32), np.array(words, np.float32))
        return {
            window: float(score)
            for window, score in zip(windows, fused, strict=True)
            if files is None or window[0] in files
        }


def fuse(found: Evidence) -> Scores:
    """Give a window a score that hangs on no other window, so that it can be told without knowing the candidates."""
    return joined(found.similarities, found.words)


def joined(similarities: Scores, words: Scores) -> Scores:
    return ((similarities + 1) / 4 + words / (words + 4) / 2).astype(np.float32)


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


def bm25(rows: Sequence[Bag], query: Bag) -> list[float]:
    average = sum(sum(row.values()) for row in rows) / (len(rows) or 1) or 1
    holding = {term: sum(term in row for row in rows) for term in query}
    rarity = {term: math.log1p((len(rows) - n + 0.5) / (n + 0.5)) for term, n in holding.items()}

    def score(row: Bag) -> float:
        norm = K1 * (1 - B + B * sum(row.values()) / average)
        weights = {term: query[term] * rarity[term] * (K1 + 1) for term in query if term in row}
        return sum(weight * row[term] / (row[term] + norm) for term, weight in weights.items())

    return [score(row) for row in rows]
