"""Measure the index of words at 100,000 and 1,000,000 windows of made-up text: a million words by Zipf's law.

It is CPU time of this process. The index lies in files, as it does past some thousand passages.
"""

import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.figures import Figures, Round
from bench.plan import Plan
from retinue.knowledge.words import Bags, Words

SIZES = (100_000, 1_000_000)  # windows
WORDS_A_WINDOW = 130  # of 200 tokens
VOCABULARY = 1_000_000
STOPPED = 40  # the commonest ones, which are no terms
RAREST = 300_000  # by rank, that is asked for
ADDED_AT_ONCE = 2_000
SAVED_EVERY = 200_000
SEARCHES, WARM_UP = 300, 50
LIMIT = 100
SCATTER = np.uint32(2_654_435_761)  # so that a term's number says nothing of its rank (Knuth 1973)


def measure(plan: Plan) -> Iterator[Round]:
    with tempfile.TemporaryDirectory() as folder:
        yield {f"{size:,}": measured(size, Path(folder) / str(size)) for size in SIZES}


def measured(size: int, folder: Path) -> Figures:
    text = Text()
    add_s = fill(folder, size, text)
    words = Words.open(folder)
    took = [search_s(words, text.query()) for _ in range(WARM_UP + SEARCHES)][WARM_UP:]
    return {
        "cpu_us_per_window": add_s / size * 1e6,
        "search_cpu_ms_p50": float(np.percentile(took, 50)) * 1e3,
        "search_cpu_ms_p99": float(np.percentile(took, 99)) * 1e3,
        "file_mb": sum(path.stat().st_size for path in folder.iterdir()) / 1e6,
    }


def fill(folder: Path, size: int, text: "Text") -> float:
    """Add windows and save them now and then; return the seconds that it took, without those to make them up."""
    words, took = Words(), 0.0
    for first in range(0, size, ADDED_AT_ONCE):
        bags = text.bags(min(ADDED_AT_ONCE, size - first))
        began = time.thread_time()
        words.add(bags)
        if first % SAVED_EVERY == 0:
            words.save(folder)
        took += time.thread_time() - began
    words.save(folder)
    return took


def search_s(words: Words, query: Mapping[int, int]) -> float:
    began = time.thread_time()
    words.best(query, limit=LIMIT)
    return time.thread_time() - began


class Text:
    """Windows and queries, the same in every measurement."""

    def __init__(self) -> None:
        self._random = np.random.default_rng(0)
        shares = 1 / np.arange(1, VOCABULARY + 1)
        shares[:STOPPED] = 0
        self._upto = np.cumsum(shares / shares.sum())

    def bags(self, windows: int) -> Bags:
        drawn = np.searchsorted(self._upto, self._random.random(windows * WORDS_A_WINDOW))
        keys, counts = np.unique(np.repeat(np.arange(windows), WORDS_A_WINDOW) * VOCABULARY + drawn, return_counts=True)
        return Bags(
            sizes=np.bincount(keys // VOCABULARY, minlength=windows).astype(np.uint32),
            terms=_terms(keys % VOCABULARY),
            counts=np.minimum(counts, 255).astype(np.uint8),
        )

    def query(self) -> Mapping[int, int]:
        """Draw 3 to 12 words, as many of every order of frequency."""
        exponents = self._random.uniform(np.log(STOPPED), np.log(RAREST), self._random.integers(3, 13))
        return {int(term): 1 for term in _terms(np.exp(exponents).astype(np.int64))}


def _terms(ranks: NDArray[np.int64]) -> NDArray[np.uint32]:
    return ranks.astype(np.uint32) * SCATTER
