"""Vector stores of random vectors and words, as a database has them: slabs by file, read and fetched as a server does."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Iterator, Sequence
from pathlib import Path

import numpy as np

from retinue.core.chunking import Grid
from retinue.knowledge.index.candidates import Query
from retinue.knowledge.index.indexes import Changes
from retinue.knowledge.index.windows import Slab
from retinue.knowledge.words import pack

DIMENSIONS = 384
GRID = Grid(per_chunk=4, step=2)
FILE_WINDOWS = 100
VOCABULARY, ZIPF = 200_000, 1.1
WINDOW_WORDS, QUERY_WORDS = 130, 8
DIFFERENT_SLABS = 500  # of words: more would only take longer to make
_VECTOR_BYTES = 2 * DIMENSIONS
_BATCH = 64  # files

File = tuple[str, Grid, Sequence[Slab]]


class StoredWindows:
    """A vector store that is never changed."""

    def __init__(self, path: Path, windows: int) -> None:
        self._random = np.random.default_rng(windows)
        self._words = [pack([self._bag(WINDOW_WORDS) for _ in range(FILE_WINDOWS)]) for _ in range(DIFFERENT_SLABS)]
        self._database = sqlite3.connect(path, check_same_thread=False)
        self._database.execute("CREATE TABLE slabs (file INTEGER PRIMARY KEY, vectors BLOB, terms BLOB)")
        self._database.executemany("INSERT INTO slabs VALUES (?, ?, ?)", self._made(windows // FILE_WINDOWS))
        self._database.commit()
        self.files = windows // FILE_WINDOWS

    def close(self) -> None:
        self._database.close()

    def query(self) -> Query:
        """Return what is like one of the windows."""
        file, window = (int(self._random.integers(most)) for most in (self.files, FILE_WINDOWS))
        near = np.frombuffer(self._vector(file, window), "<f2") + 0.05 * self._random.standard_normal(DIMENSIONS)
        return Query(vector=(near / np.linalg.norm(near)).astype(np.float32), terms=self._bag(QUERY_WORDS))

    async def load(self, since: int) -> Changes:
        return Changes(version=1, dropped=[], files=self._read(0 if since == 0 else self.files))

    async def fetch(self, windows: Sequence[tuple[str, int]]) -> list[bytes | None]:
        return await asyncio.to_thread(lambda: [self._vector(int(file), window) for file, window in windows])

    def _vector(self, file: int, window: int) -> bytes:
        asked = (window * _VECTOR_BYTES + 1, _VECTOR_BYTES, file)
        row = self._database.execute("SELECT substr(vectors, ?, ?) FROM slabs WHERE file = ?", asked).fetchone()
        return bytes(row[0])

    async def _read(self, first: int) -> AsyncGenerator[File, None]:
        select = "SELECT file, vectors, terms FROM slabs WHERE file >= ? AND file < ?"
        for start in range(first, self.files, _BATCH):
            rows = await asyncio.to_thread(
                lambda at: self._database.execute(select, (at, at + _BATCH)).fetchall(), start
            )
            for file, vectors, terms in rows:
                yield str(file), GRID, [Slab(first=0, count=FILE_WINDOWS, vectors=vectors, terms=terms)]

    def _made(self, files: int) -> Iterator[tuple[int, bytes, bytes]]:
        for file in range(files):
            vectors = self._random.standard_normal((FILE_WINDOWS, DIMENSIONS), np.float32)
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            yield file, vectors.astype("<f2").tobytes(), self._words[file % DIFFERENT_SLABS]

    def _bag(self, words: int) -> dict[int, int]:
        ranks = np.minimum(self._random.zipf(ZIPF, words), VOCABULARY)
        terms, counts = np.unique((ranks * 2_654_435_761) % 2**32, return_counts=True)
        return dict(zip(terms.tolist(), counts.tolist(), strict=True))
