"""Vector stores of random vectors and words, in a database: slabs by file, read and fetched as a server does."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Collection, Iterator, Sequence
from pathlib import Path

import numpy as np

from retinue.core.chunking import Grid
from retinue.core.vector_store import Slab
from retinue.knowledge.index.candidates import Query
from retinue.knowledge.index.indexes import Changes
from retinue.knowledge.index.windows import Windows
from retinue.knowledge.words import pack

DIMENSIONS = 384
GRID = Grid(per_chunk=4, step=2)
FILE_WINDOWS = 100
VOCABULARY, ZIPF = 200_000, 1.1
WINDOW_WORDS, QUERY_WORDS = 130, 8
DIFFERENT_SLABS = 500  # of words: more would only take longer to make
_VECTOR_BYTES = 2 * DIMENSIONS
_BATCH = 64  # files

File = tuple[str, Grid, Windows]


class StoredWindows:
    """A vector store that is never changed."""

    def __init__(self, path: Path, windows: int, *, file_windows: int = FILE_WINDOWS) -> None:
        self.windows = windows
        self.files = windows // file_windows
        self._file_windows = file_windows
        self._random = np.random.default_rng(windows)
        different = min(self.files, DIFFERENT_SLABS)
        self._words = [pack([self._bag(WINDOW_WORDS) for _ in range(file_windows)]) for _ in range(different)]
        self._database = sqlite3.connect(path, check_same_thread=False)
        self._database.execute("CREATE TABLE slabs (file INTEGER PRIMARY KEY, vectors BLOB, terms BLOB)")
        self._database.executemany("INSERT INTO slabs VALUES (?, ?, ?)", self._made())
        self._database.commit()

    def close(self) -> None:
        self._database.close()

    def query(self) -> Query:
        """Return what is like one of the windows."""
        file, window = (int(self._random.integers(most)) for most in (self.files, self._file_windows))
        near = np.frombuffer(self._vector(file, window), "<f2") + 0.05 * self._random.standard_normal(DIMENSIONS)
        return Query(vector=(near / np.linalg.norm(near)).astype(np.float32), terms=self._bag(QUERY_WORDS))

    async def load(self, since: int, _held: Collection[str]) -> Changes:
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
                windows = Windows(DIMENSIONS)
                windows.add([Slab(first=0, count=self._file_windows, vectors=vectors, terms=terms)])
                yield str(file), GRID, windows

    def _rows(self, select: str, asked: tuple[int, int]) -> list[tuple[int, bytes, bytes]]:
        return self._database.execute(select, asked).fetchall()

    def _made(self) -> Iterator[tuple[int, bytes, bytes]]:
        for file in range(self.files):
            vectors = self._random.standard_normal((self._file_windows, DIMENSIONS), np.float32)
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            yield file, vectors.astype("<f2").tobytes(), self._words[file % len(self._words)]

    def _bag(self, words: int) -> dict[int, int]:
        ranks = np.minimum(self._random.zipf(ZIPF, words), VOCABULARY)
        terms, counts = np.unique((ranks * 2_654_435_761) % 2**32, return_counts=True)
        return dict(zip(terms.tolist(), counts.tolist(), strict=True))
