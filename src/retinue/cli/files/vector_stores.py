"""Vector stores as commands name them: by their id or their name, and the one that is meant where none is named."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import quote

from msgspec import Struct

from retinue.cli.client.api import Api
from retinue.cli.client.objects import Page
from retinue.cli.files.objects import StoredFile, VectorStore
from retinue.core.errors import InvalidRequest

DEFAULT_NAME = "documents"
"""What the store is called that is made where there is none yet."""

_PATH = "/v1/vector_stores"
_PAGE = 100
_SHOWN = 10  # stores in a sentence

T = TypeVar("T", VectorStore, StoredFile)


class NoDocuments(InvalidRequest):
    """There is no vector store at all; the message, if any, is what was looked for."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message)


class ToFill(Struct, frozen=True):
    """A vector store that gets files."""

    store: VectorStore
    is_new: bool = False
    """Whether it was made for them just now."""


def path_of(store: VectorStore, *rest: str) -> str:
    """Return the path of a store, or of something in it."""
    return "/".join([_PATH, *(quote(part, safe="") for part in (store.id, *rest))])


def vector_stores(api: Api) -> AsyncIterator[VectorStore]:
    """Yield the project's vector stores, the oldest first."""
    return _all(api, _PATH, VectorStore)


def files_in(api: Api, store: VectorStore) -> AsyncIterator[StoredFile]:
    """Yield the files of a store, the oldest first."""
    return _all(api, path_of(store, "files"), StoredFile)


async def make_store(api: Api, name: str, **said: object) -> VectorStore:
    """Make a vector store."""
    return await api.post(_PATH, VectorStore, name=name, **said)


def check_named(name: str | None) -> None:
    """Raise InvalidRequest for an empty name: what a thread brought along is called so, and nobody means that."""
    if name is not None and not name.strip():
        raise InvalidRequest("--store is empty: name a vector store, by its id or its name.")


async def store_named(api: Api, name: str | None, *, filled: bool = False) -> VectorStore | None:
    """Return the store of this id or name, the only one for None; None where there is none at all to be meant.

    One that was made for a thread, an assistant or the files of `retinue chat` is meant only where it is named, and no
    other is called the same; of those that hold nothing, none where `filled` is asked for and one other holds files.
    Raises InvalidRequest where it isn't clear which is meant, or there is none of that name.
    """
    check_named(name)
    stores = [store async for store in vector_stores(api)]
    if name is None:
        kept = [store for store in stores if store.by_itself]
        if filled and len(kept) > 1:
            kept = [store for store in kept if store.file_counts.total] or kept
        if len(kept) > 1:
            raise InvalidRequest(f"There are {len(kept)} vector stores. Name one with --store: {_listed(kept)}.")
        return kept[0] if kept else None
    called = [store for store in stores if store.name == name]
    found = [store for store in stores if store.id == name] or [store for store in called if store.by_itself] or called
    if not found:
        none = f"No vector store has the id or the name {name[:200]!r}."
        raise InvalidRequest(f"{none} There are: {_listed(stores)}.") if stores else NoDocuments(none)
    if len(found) > 1:
        raise InvalidRequest(
            f"{len(found)} vector stores are called {name[:200]!r}: say which by its id: {_told_apart(found)}."
        )
    return found[0]


async def store_to_fill(api: Api, name: str | None) -> ToFill:
    """Return the store that is meant, as `store_named`, or a new one of that name; an id has to be there.

    The name of one that was made for something else, and goes with it, is free.
    """
    check_named(name)
    is_there = (
        name is None
        or name.startswith("vs_")
        or name in [store.name async for store in vector_stores(api) if store.by_itself]
    )
    found = await store_named(api, name) if is_there else None
    return ToFill(found) if found else ToFill(await make_store(api, name or DEFAULT_NAME), is_new=True)


async def store_to_read(api: Api, name: str | None, *, filled: bool = False) -> VectorStore:
    """Return the store that is meant, as `store_named`; raises InvalidRequest where there is none."""
    store = await store_named(api, name, filled=filled)
    if store is None:
        raise NoDocuments
    return store


async def _all(api: Api, path: str, type_: type[T]) -> AsyncIterator[T]:
    after = ""
    while True:
        page = await api.get(f"{path}?limit={_PAGE}&order=asc{after}", Page[type_])  # type: ignore[valid-type]
        for one in page.data:
            yield one
        if not page.has_more:
            return
        after = f"&after={quote(page.last_id or '', safe='')}"


def _listed(stores: list[VectorStore]) -> str:
    more = f" and {len(stores) - _SHOWN} more" if len(stores) > _SHOWN else ""
    return ", ".join(store.title for store in stores[:_SHOWN]) + more


def _told_apart(stores: list[VectorStore]) -> str:
    return ", ".join(f"{store.id} ({_about(store)})" for store in stores[:_SHOWN])


def _about(store: VectorStore) -> str:
    made = datetime.fromtimestamp(store.created_at, UTC).strftime("%Y-%m-%d %H:%M")
    count = store.file_counts.total
    return f"{count:,} file{'' if count == 1 else 's'}, made {made} UTC"
