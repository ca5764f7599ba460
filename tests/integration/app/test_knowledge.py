"""Which knowledge a server has, and that it is loaded when it is first needed."""

import contextlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog.testing
from knowledge.books import Books
from msgspec import structs

from retinue.app.knowledge import KnowledgeOnDemand
from retinue.blobs.memory import MemoryBlobs
from retinue.core.search import Search
from retinue.core.vector_store import Embedding
from retinue.knowledge import IngestFault, SearchFault
from retinue.models.openai import OpenAICompatible
from retinue.models.provider.provider import Provider
from retinue.models.rehearsal import Rehearsal
from retinue.models.routing.router import Router
from retinue.settings import Settings
from retinue.store import Store
from retinue.store.sqlite import SQLite
from retinue.testing import FakeProvider

MODEL = "text-embedding-3-small"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(SQLite.open(tmp_path / "retinue.db", synchronous="normal"))
    yield opened
    await opened.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path)


async def books_with(store: Store, settings: Settings, *providers: Provider) -> tuple[Books, Router]:
    router = Router(providers, Rehearsal())
    books = Books(store, settings.data / "unused")
    books.knowledge = KnowledgeOnDemand(settings, books.blobs, router)
    return books, router


def test_a_server_that_starts_loads_nothing_of_what_documents_take() -> None:
    heavy = ("numpy", "numkong", "onnxruntime", "tokenizers", "pypdfium2", "kreuzberg", "Stemmer")
    code = f"import sys, retinue.app.serve, retinue.app.embedded; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_without_the_extra_files_fail_with_the_command_that_installs_it(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "onnxruntime" else find_spec(name))
    books, _ = await books_with(store, settings)
    shelf = await books.shelf()
    document = await books.attach(shelf, await books.upload("a.txt", "Lima is in Peru."))
    await books.knowledge.ingest(books.scope, document)
    error = (await books.file(document)).error
    assert error is not None
    assert 'pip install "retinue[documents]"' in error.message
    with pytest.raises(SearchFault, match="documents"):
        await books.ask("Lima")


async def test_a_model_that_no_provider_has_is_never_played_by_the_built_in_one(
    store: Store, settings: Settings
) -> None:
    books, _ = await books_with(store, structs.replace(settings, embedding_model=MODEL))
    shelf = await books.shelf()
    document = await books.attach(shelf, await books.upload("a.txt", "Lima is in Peru."))
    await books.knowledge.ingest(books.scope, document)
    error = (await books.file(document)).error
    assert error is not None
    assert error.message.startswith(f"Documents are to be embedded with {MODEL}, and no provider is set")
    assert (await books.scope.vector_stores.get(shelf)).embedding is None


async def test_files_are_embedded_and_searched_by_a_providers_model(store: Store, settings: Settings) -> None:
    async with FakeProvider() as fake:
        provider = Provider(OpenAICompatible(fake.base_url, "key", name="fake", label="fake"))
        books, router = await books_with(
            store, structs.replace(settings, embedding_model=MODEL, embedding_dimensions=128), provider
        )
        shelf = await books.shelf()
        await books.add(shelf, "peru.txt", "The capital of Peru is Lima.\n")
        await books.add(shelf, "whales.txt", "Whales are mammals that sing.\n")
        found = await books.ask("What is the capital of Peru?")
        assert found[0].file_name == "peru.txt"
        stored = await books.scope.vector_stores.get(shelf)
        assert stored.embedding == Embedding(model=MODEL, dimensions=128)
        await books.close()
        await router.close()


@contextlib.contextmanager
def room_for_files(count: int) -> Iterator[None]:
    """Whatever is open can be used, and so many files more can be opened, or fewer."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    first_free = os.dup(0)
    os.close(first_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (first_free + count, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("room", [0, 6])  # with 6, loading might end halfway
async def test_with_too_many_files_open_to_load_it_a_document_waits_and_says_why(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    books, _ = await books_with(store, settings)
    shelf = await books.shelf()
    document = await books.attach(shelf, await books.upload("a.txt", "Lima is in Peru."))
    assert (await books.file(document)).status == "in_progress"  # the database has its own files open now
    monkeypatch.delitem(sys.modules, "retinue.knowledge.service", raising=False)
    with room_for_files(room), structlog.testing.capture_logs() as logs:
        with pytest.raises(IngestFault, match="Too many open files"):
            await books.knowledge.ingest(books.scope, document)
        with pytest.raises(SearchFault, match="Too many open files"):
            await books.ask("Lima")
    assert {line["event"] for line in logs} == {"knowledge_not_loaded"}
    waiting = await books.file(document)
    assert waiting.status == "in_progress"
    assert waiting.error is not None
    assert "Too many open files" in waiting.error.message
    await books.knowledge.ingest(books.scope, document)
    assert (await books.file(document)).status == "completed"
    await books.close()


async def test_closing_what_was_never_needed_loads_nothing(settings: Settings, store: Store) -> None:
    knowledge = KnowledgeOnDemand(settings, MemoryBlobs(), Router([], Rehearsal()))
    await knowledge.forget(store.scoped("default"), "vs_1")
    await knowledge.close()
    assert knowledge._loaded is None


async def test_searching_no_vector_store_finds_nothing(settings: Settings, store: Store) -> None:
    knowledge = KnowledgeOnDemand(settings, MemoryBlobs(), Router([], Rehearsal()))
    assert await knowledge.search(store.scoped("default"), [], Search(queries=("x",), limit=5)) == []
    await knowledge.close()
