"""From queries to passages: several queries in several vector stores, as one ranking."""

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import chain, islice

import numpy as np
from msgspec import Struct

from retinue.core.attributes import Filter, matches
from retinue.core.search import Passage, Ranking, Search
from retinue.core.vector_store import Chunking, Embedding, VectorStore, Window
from retinue.knowledge import fusion
from retinue.knowledge.base import SearchFault
from retinue.knowledge.embedders import Embedders, OtherModel
from retinue.knowledge.embedding import EmbeddingFault
from retinue.knowledge.fusion import Scores
from retinue.knowledge.index import store_index
from retinue.knowledge.index.candidates import Evidence, Found, Fuse, Query
from retinue.knowledge.index.windows import BadSlab
from retinue.knowledge.index.workers import Workers
from retinue.knowledge.loading import Entries, Entry, Loading
from retinue.knowledge.words import terms_of
from retinue.store import Scope

_FETCHED = 16  # vectors, each out of a slab of its own: a millisecond, after which it is others' turn
_BAD = "The index of the vector store {} is damaged. Take its files out and attach them again."


class _Hit(Struct, frozen=True, kw_only=True):
    """A chunk that was found, and whose it is."""

    store_id: str
    entry: Entry
    found: Found


class Searching:
    """Searches vector stores. The words and vectors of each are weighed by themselves."""

    def __init__(self, embedders: Embedders, loading: Loading, workers: Workers) -> None:
        self._embedders, self._loading, self._workers = embedders, loading, workers

    async def search(self, scope: Scope, stores: Sequence[VectorStore], search: Search) -> list[Passage]:
        """See `Knowledge.search`."""
        searched = [(store, store.embedding) for store in stores if store.embedding and not store.expired]
        embeddings = list(dict.fromkeys(embedding for _, embedding in searched))
        asked = await asyncio.gather(*(self._asked(scope, embedding, search.queries) for embedding in embeddings))
        queries = dict(zip(embeddings, asked, strict=True))
        hits = await asyncio.gather(
            *(self._in(scope, store, embedding, search, queries[embedding]) for store, embedding in searched)
        )
        best = await _best(scope, list(chain.from_iterable(hits)), search.limit)
        return await _passages(scope, best)

    async def _asked(self, scope: Scope, embedding: Embedding, queries: Sequence[str]) -> list[Query]:
        try:
            embedder = await self._embedders.of(embedding)
            vectors = await embedder.embed_queries(queries, project=scope.project)
        except (OtherModel, EmbeddingFault) as fault:
            raise SearchFault(fault.message) from fault
        return [
            Query(vector=np.frombuffer(vector, "<f4"), terms=terms_of(query))
            for query, vector in zip(queries, vectors, strict=True)
        ]

    async def _in(
        self, scope: Scope, store: VectorStore, embedding: Embedding, search: Search, queries: Sequence[Query]
    ) -> list[_Hit]:
        try:
            loaded = await self._loading.load(scope, store, embedding)
        except BadSlab as fault:
            raise SearchFault(_BAD.format(store.id)) from fault
        sought = store_index.Search(
            queries=queries,
            limit=search.limit,
            threshold=search.ranking.score_threshold,
            documents=await self._allowed(search.filter, loaded.entries),
            fuse=_fuse(search.ranking),
        )

        async def fetch(places: Sequence[tuple[str, int]]) -> Sequence[bytes | None]:
            found: list[bytes | None] = []
            for start in range(0, len(places), _FETCHED):
                some = places[start : start + _FETCHED]
                found += await scope.documents.vectors(some, size=2 * embedding.dimensions)
                await asyncio.sleep(0)
            return found

        return [
            _Hit(store_id=store.id, entry=entry, found=found)
            for found in await loaded.index.find(sought, fetch)
            if (entry := loaded.entries.get(found.document))
        ]

    async def _allowed(self, wanted: Filter | None, entries: Entries) -> Collection[str] | None:
        """Return the documents that may be found: there may be ten thousand to look at, which a thread does."""
        return None if wanted is None else await self._workers.run(_matching, wanted, entries)


def _matching(wanted: Filter, entries: Entries) -> Collection[str]:
    return {document for document, entry in entries.items() if matches(wanted, entry.attributes)}


def _fuse(asked: Ranking) -> Fuse:
    def fuse(found: Evidence) -> Scores:
        if asked.ranker == "none":
            return fusion.by_vectors(found.similarities)
        if asked.embedding_weight is None or asked.text_weight is None:
            return fusion.by_both(found.similarities, found.words, ceiling=found.ceiling, vectors=found.vectors)
        weights = {"embedding_weight": asked.embedding_weight, "text_weight": asked.text_weight}
        return fusion.by_ranks(found.similarities, found.words, **weights)

    return fuse


async def _best(scope: Scope, hits: Sequence[_Hit], limit: int) -> list[_Hit]:
    """Return the best hits, one of each chunk: a file may be in several of the vector stores, cut alike or not."""
    cut = await _cuts(scope, hits)
    best: dict[tuple[str, Chunking | None, int, int], _Hit] = {}
    for hit in sorted(hits, key=lambda hit: hit.found.score, reverse=True):
        found = hit.found
        best.setdefault((hit.entry.file_id, cut.get(found.document), found.first_window, found.last_window), hit)
    return list(islice(best.values(), limit))


async def _cuts(scope: Scope, hits: Sequence[_Hit]) -> dict[str, Chunking]:
    """Tell how documents were cut, of those files alone that are here as several documents."""
    file_of = {hit.found.document: hit.entry.file_id for hit in hits}
    places = Counter(file_of.values())
    several = [document for document, file in file_of.items() if places[file] > 1]
    files = await asyncio.gather(*map(scope.vector_store_files.of_document, several))
    return {file.document: file.chunking for file in files if file}


async def _passages(scope: Scope, hits: Sequence[_Hit]) -> list[Passage]:
    """Return what was found with its text, but for what was taken out meanwhile."""
    names = await scope.files.names({hit.entry.file_id for hit in hits})
    texts = await asyncio.gather(*(_windows(scope, hit.found) for hit in hits))
    return [
        _passage(hit, names[hit.entry.file_id], windows)
        for hit, windows in zip(hits, texts, strict=True)
        if windows and hit.entry.file_id in names
    ]


async def _windows(scope: Scope, found: Found) -> list[Window]:
    return await scope.documents.windows(found.document, first=found.first_window, last=found.last_window)


def _passage(hit: _Hit, name: str, windows: Sequence[Window]) -> Passage:
    return Passage(
        store_id=hit.store_id,
        file_id=hit.entry.file_id,
        file_name=name,
        score=hit.found.score,
        text="".join(window.text for window in windows),
        attributes=hit.entry.attributes,
        pages=_pages(windows),
    )


def _pages(windows: Sequence[Window]) -> tuple[tuple[int, int], ...]:
    """Tell where in the windows' joined text a page begins."""
    pages: list[tuple[int, int]] = []
    offset = 0
    for window in windows:
        if window.page is not None and (not pages or pages[-1][1] != window.page):
            pages.append((offset, window.page))
        offset += len(window.text)
    return tuple(pages)
