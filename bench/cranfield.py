"""Measure what searches find: nDCG@10 over the Cranfield collection, each judged document being worth the same.

1,400 abstracts, 225 queries. The collection has no licence, so it is read from a folder that is given. No ranker knows
the judgements; the two halves of the queries, drawn at random, show how far a figure is chance.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.figures import Figures, Round
from bench.plan import Plan
from retinue.knowledge import fusion
from retinue.knowledge.embedding.minilm import MiniLM
from retinue.knowledge.words import Words, bags_of_texts, terms_of

Embed = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts to vectors of unit length, a line each."""
WINDOW_WORDS = 170  # some 200 tokens of this text, in which every full stop stands alone
CANDIDATES = 100  # windows of each kind
BEST = 10

_RECORD = re.compile(r"^\.I \d+\n", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Collection:
    documents: Sequence[str]
    queries: Sequence[str]
    judged: Mapping[int, Set[int]]
    """The right documents of each query, both by their places."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidates:
    """What a query has to rank."""

    documents: NDArray[np.int64]
    words: NDArray[np.float32]
    ceiling: float
    similarities: NDArray[np.float32]
    vectors: NDArray[np.float32]


RANKERS: Mapping[str, Callable[[Candidates], NDArray[np.float32]]] = {
    "words": lambda it: fusion.by_words(it.words, it.ceiling),
    "vectors": lambda it: fusion.by_vectors(it.similarities),
    "ranks": lambda it: fusion.by_ranks(it.similarities, it.words, embedding_weight=1, text_weight=1),
    "both": lambda it: fusion.by_both(it.similarities, it.words, ceiling=it.ceiling, vectors=it.vectors),
}


class Search:
    """The collection as one vector store, every document being one passage."""

    def __init__(self, collection: Collection, embed: Embed) -> None:
        windows = [_windows(document) for document in collection.documents]
        sizes = np.array([len(parts) for parts in windows])
        self._ends = np.cumsum(sizes)
        self._firsts = self._ends - sizes
        self._owners = np.repeat(np.arange(len(sizes)), sizes)
        self._texts = [part for parts in windows for part in parts]
        self._embed = embed
        self._words = Words()
        self._words.add(bags_of_texts(self._texts))

    def candidates(self, query: str) -> Candidates:
        terms = terms_of(query)
        rows, _ = self._words.best(terms, limit=CANDIDATES)
        near = self._near(query)
        nearest = np.argsort(-near, kind="stable")[:CANDIDATES]
        documents = np.unique(self._owners[np.concatenate((rows, nearest))])
        firsts, ends = self._firsts[documents], self._ends[documents]
        best = np.array([first + np.argmax(near[first:end]) for first, end in zip(firsts, ends, strict=True)], np.int64)
        return Candidates(
            documents=documents,
            words=self._words.scores_of_passages(terms, firsts, ends, windows=len(near) / len(self._firsts)),
            ceiling=self._words.ceiling(terms),
            similarities=near[best],
            vectors=self._vectors[best],
        )

    def _near(self, query: str) -> NDArray[np.float32]:
        """Return the cosine of each window."""
        return np.asarray(self._vectors @ self._embed([query])[0])

    @cached_property
    def _vectors(self) -> NDArray[np.float32]:
        return self._embed(self._texts)


def measure(plan: Plan) -> Iterator[Round]:
    """Yield the figures of each ranker."""
    if plan.cranfield is None:
        raise SystemExit("Say where the collection lies: --cranfield FOLDER.")
    collection = read(plan.cranfield)
    search = Search(collection, shipped())
    found = {query: search.candidates(collection.queries[query]) for query in sorted(collection.judged)}
    yield {name: quality(collection, found, RANKERS[name]) for name in RANKERS}


def shipped() -> Embed:
    """Return the model of the package, a text on each core."""
    model, threads = MiniLM(), ThreadPoolExecutor(os.cpu_count() or 1)

    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([np.frombuffer(vector, "<f4") for vector in threads.map(model.query, texts)])

    return embed


def quality(
    collection: Collection, found: Mapping[int, Candidates], rank: Callable[[Candidates], NDArray[np.float32]]
) -> Figures:
    gains = [ndcg(ranked(candidates, rank), collection.judged[query]) for query, candidates in found.items()]
    shuffled = np.random.default_rng(0).permutation(100 * np.array(gains))
    halves = np.array_split(shuffled, 2)
    return {"ndcg_10": shuffled.mean(), "first_half": halves[0].mean(), "second_half": halves[1].mean()}


def ranked(candidates: Candidates, rank: Callable[[Candidates], NDArray[np.float32]]) -> list[int]:
    order = np.argsort(-rank(candidates), kind="stable")[:BEST]
    return [int(document) for document in candidates.documents[order]]


def ndcg(answer: Sequence[int], right: Set[int]) -> float:
    worth = 1 / np.log2(np.arange(BEST) + 2)
    got = sum(worth[place] for place, document in enumerate(answer) if document in right)
    return float(got / worth[: len(right)].sum())


def read(folder: Path) -> Collection:
    judged: dict[int, set[int]] = {}
    for line in (folder / "cranqrel").read_text(encoding="utf-8").splitlines():
        query, document, _ = line.split()
        judged.setdefault(int(query) - 1, set()).add(int(document) - 1)
    return Collection(
        documents=[_text(record) for record in _records(folder / "cran.all.1400")],
        queries=[" ".join(_text(record).split()) for record in _records(folder / "cran.qry")],
        judged=judged,
    )


def _records(path: Path) -> list[str]:
    return _RECORD.split(path.read_text(encoding="utf-8"))[1:]


def _text(record: str) -> str:
    """Return what follows `.W`: in a document, its title and the abstract."""
    return record.partition(".W\n")[2].strip()


def _windows(document: str) -> list[str]:
    words = document.split()
    return [" ".join(words[start : start + WINDOW_WORDS]) for start in range(0, max(len(words), 1), WINDOW_WORDS)]
