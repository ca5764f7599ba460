"""From an attached file to what is stored of it: whole and once, whatever happens in between."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from knowledge.hashed import HashedEmbedder
from knowledge.library import Library, names
from retinue.core.errors import StoreFull
from retinue.core.vector_store import Chunking, Embedding, FileBatch, FileDraft, Slab, Window
from retinue.knowledge import IngestFault, NoKnowledge, SearchFault
from retinue.knowledge.reading.base import Batch
from retinue.knowledge.reading.reader import Reader

LINES = "".join(f"Line {n} tells of the number {n} and of nothing else.\n" for n in range(3_000))


async def text_of(library: Library, document: str) -> str:
    """All that is stored of a document's text."""
    windows: list[Window] = []
    while more := await library.scope.documents.windows(document, first=len(windows)):
        windows += more
    assert [window.number for window in windows] == list(range(len(windows)))
    return "".join(window.text for window in windows)


async def slabs_of(library: Library, document: str) -> list[Slab]:
    """All slabs of a document, which have to follow one another."""
    slabs: list[Slab] = []
    while more := await library.scope.documents.slabs(document, after=slabs[-1].first if slabs else -1):
        slabs += more
    assert [slab.first for slab in slabs] == [sum(each.count for each in slabs[:n]) for n in range(len(slabs))]
    return slabs


async def check_whole(library: Library, document: str, text: str = LINES) -> None:
    """The document is completed, and every window of it is stored once, with a vector."""
    file = await library.file(document)
    assert file.status == "completed"
    assert await text_of(library, document) == text
    slabs = await slabs_of(library, document)
    assert sum(slab.count for slab in slabs) == file.windows
    assert all(len(slab.vectors) == slab.count * 2 * 64 for slab in slabs)
    searched = sum(len(slab.vectors) + len(slab.terms) for slab in slabs)
    assert file.usage_bytes == searched + len(text.encode())


class Stopping(HashedEmbedder):
    """A model that gets so many batches, and then is no more: as a process that is killed."""

    def __init__(self, batches: int) -> None:
        super().__init__()
        self.batches = batches

    async def embed(self, texts: Any) -> list[bytes]:
        if not self.batches:
            raise KeyError("the process is gone")
        self.batches -= 1
        return await super().embed(texts)


async def attached(library: Library, content: str = LINES, **options: Any) -> str:
    shelf = await library.shelf()
    return await library.attach(shelf, await library.upload("lines.txt", content), **options)


async def test_a_file_is_stored_whole_with_what_it_takes(library: Library) -> None:
    document = await attached(library)
    await library.knowledge.ingest(library.scope, document)
    await check_whole(library, document)
    store = await library.scope.vector_stores.get("vs_1")
    assert store.embedding == Embedding(model="hashed", dimensions=64)
    assert (store.counts.completed, store.usage_bytes) == (1, (await library.file(document)).usage_bytes)


@pytest.mark.parametrize("batches", [0, 1, 3])
async def test_after_a_crash_an_ingest_goes_on_where_it_was(library: Library, batches: int) -> None:
    document = await attached(library)
    with pytest.raises(KeyError):
        await library.service(Stopping(batches)).ingest(library.scope, document)
    stored = await library.scope.documents.stored(document)
    assert bool(stored) == bool(batches)
    await library.knowledge.ingest(library.scope, document)
    await check_whole(library, document)
    assert len(library.embedder.embedded) == (await library.file(document)).windows - stored


async def test_a_document_that_is_done_is_not_done_again(library: Library) -> None:
    document = await attached(library)
    for _ in range(2):
        await library.knowledge.ingest(library.scope, document)
    await check_whole(library, document)
    assert len(library.embedder.embedded) == (await library.file(document)).windows


async def test_two_workers_on_one_document_store_every_window_once(library: Library) -> None:
    document = await attached(library)
    both = [library.service(HashedEmbedder()) for _ in range(2)]
    await asyncio.gather(*(each.ingest(library.scope, document) for each in both))
    await check_whole(library, document)


class Meanwhile(HashedEmbedder):
    """A model during whose first work something else happens."""

    def __init__(self, happens: Any) -> None:
        super().__init__()
        self.happens = happens

    async def embed(self, texts: Any) -> list[bytes]:
        if self.happens:
            happens, self.happens = self.happens, None
            await happens()
        return await super().embed(texts)


@pytest.mark.parametrize("what", ["taken out", "cancelled", "file deleted", "store deleted"])
async def test_what_nobody_wants_any_more_stops_early_and_leaves_nothing(library: Library, what: str) -> None:
    document = await attached(library)
    file, scope = (await library.file(document)).file_id, library.scope

    async def happens() -> None:
        match what:
            case "taken out":
                await scope.vector_store_files.detach("vs_1", file)
            case "cancelled":
                batch = await scope.file_batches.get("vs_1", "batch")
                await scope.file_batches.cancel("vs_1", batch.id)
            case "file deleted":
                await scope.files.delete(file)
            case "store deleted":
                await scope.vector_stores.delete("vs_1")

    if what == "cancelled":
        document = await in_batch(library, file)
    embedder = Meanwhile(happens)
    await library.service(embedder).ingest(scope, document)
    assert await scope.documents.stored(document) == 0
    assert len(embedder.embedded) < 100


async def in_batch(library: Library, file: str) -> str:
    batch = FileBatch(id="batch", store_id="vs_1", created_at=1.0)
    await library.scope.vector_store_files.detach("vs_1", file)
    await library.scope.file_batches.insert(batch, [FileDraft(file_id=file)])
    return (await library.scope.vector_store_files.get("vs_1", file)).document


async def test_a_file_that_can_not_be_read_fails_with_its_reason_and_the_next_is_unharmed(library: Library) -> None:
    shelf = await library.shelf()
    bad = await library.attach(shelf, await library.upload("bad.pdf", b"%PDF-1.7\nnothing more"))
    good = await library.attach(shelf, await library.upload("good.txt", LINES))
    for document in (bad, good):
        await library.knowledge.ingest(library.scope, document)
    failed = await library.file(bad)
    assert failed.status == "failed"
    assert failed.error is not None
    assert failed.error.code in ("invalid_file", "unsupported_file")
    await check_whole(library, good)


async def test_a_model_that_does_not_answer_may_be_asked_again(library: Library) -> None:
    document = await attached(library)
    library.embedder.failures = 1
    with pytest.raises(IngestFault, match="does not answer"):
        await library.knowledge.ingest(library.scope, document)
    waiting = await library.file(document)
    assert (waiting.status, waiting.error and waiting.error.message) == ("in_progress", "The model does not answer.")
    await library.knowledge.ingest(library.scope, document)
    await check_whole(library, document)
    assert (await library.file(document)).error is None


async def test_a_file_for_which_no_process_comes_up_may_be_read_later(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = await attached(library)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "/nowhere")
        with pytest.raises(IngestFault, match="does not start"):
            await library.knowledge.ingest(library.scope, document)
    assert (await library.file(document)).status == "in_progress"
    await library.knowledge.ingest(library.scope, document)
    await check_whole(library, document)


async def test_a_full_disk_is_raised_and_nothing_is_half_stored(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = await attached(library)
    add, calls = library.scope.documents.add, iter(range(100))

    async def full(*args: Any) -> bool:
        if next(calls) == 1:
            raise StoreFull("The disk is full.")
        return await add(*args)

    monkeypatch.setattr(library.scope.documents, "add", full)
    with pytest.raises(StoreFull):
        await library.knowledge.ingest(library.scope, document)
    await library.knowledge.ingest(library.scope, document)
    await check_whole(library, document)


async def test_a_file_whose_bytes_are_gone_fails_with_a_sentence(library: Library) -> None:
    document = await attached(library)
    file = await library.scope.files.get((await library.file(document)).file_id)
    await library.blobs.delete(file.blob)
    await library.knowledge.ingest(library.scope, document)
    error = (await library.file(document)).error
    assert error is not None
    assert "Upload the file again" in error.message


class NeverReads(Reader):
    """A reader that must not be asked."""

    async def read(self, *_: Any, **__: Any) -> AsyncGenerator[Batch, None]:
        raise AssertionError("the file was read again")
        yield


async def test_the_same_file_in_another_vector_store_is_copied(library: Library) -> None:
    first = await attached(library)
    await library.knowledge.ingest(library.scope, first)
    second = await library.attach(await library.shelf("vs_2"), (await library.file(first)).file_id)
    library.reader = NeverReads()
    await library.service(library.embedder).ingest(library.scope, second)
    await check_whole(library, second)
    assert await slabs_of(library, second) == await slabs_of(library, first)
    assert names(await library.ask("the number 77", shelves=["vs_2"], limit=1)) == ["lines.txt"]


async def test_a_file_that_is_cut_otherwise_is_read_again(library: Library) -> None:
    first = await attached(library)
    await library.knowledge.ingest(library.scope, first)
    other = Chunking(size=400, overlap=0)
    second = await library.attach(await library.shelf("vs_2"), (await library.file(first)).file_id, other)
    await library.knowledge.ingest(library.scope, second)
    await check_whole(library, second)
    assert (await library.file(second)).windows != (await library.file(first)).windows


async def test_what_another_project_has_read_is_never_copied(library: Library) -> None:
    first = await attached(library)
    await library.knowledge.ingest(library.scope, first)
    theirs = library.of_project("theirs")
    await theirs.shelf()
    ours = (await library.file(first)).file_id
    same = await theirs.scope.files.get(await theirs.upload("lines.txt", LINES))
    await theirs.scope.files.delete(same.id)
    await theirs.scope.files.insert(structs.replace(same, id=ours))
    second = await theirs.attach("vs_1", ours)
    library.embedder.embedded.clear()
    await library.knowledge.ingest(theirs.scope, second)
    assert len(library.embedder.embedded) == (await theirs.file(second)).windows


async def test_a_copy_that_was_broken_off_is_gone_on_with(library: Library) -> None:
    first = await attached(library, LINES * 2)
    await library.knowledge.ingest(library.scope, first)
    second = await library.attach(await library.shelf("vs_2"), (await library.file(first)).file_id)
    assert await library.scope.documents.copy(first, second)
    assert 0 < await library.scope.documents.stored(second) < (await library.file(first)).windows
    await library.knowledge.ingest(library.scope, second)
    await check_whole(library, second, LINES * 2)


async def test_a_vector_store_keeps_the_model_of_its_first_document(library: Library) -> None:
    first = await attached(library)
    await library.knowledge.ingest(library.scope, first)
    new = HashedEmbedder("new", 32)
    knowledge = library.service(new, library.embedder)
    second = await library.attach("vs_1", await library.upload("more.txt", "Whales sing.\n"))
    await knowledge.ingest(library.scope, second)
    await check_whole(library, second, "Whales sing.\n")
    assert new.embedded == []
    library.knowledge = knowledge
    assert names(await library.ask("whales sing", limit=1)) == ["more.txt"]


async def test_a_model_that_is_not_here_any_more_is_told_and_no_other_stands_in(library: Library) -> None:
    first = await attached(library)
    await library.knowledge.ingest(library.scope, first)
    new = HashedEmbedder("new", 64)
    library.knowledge = library.service(new)
    second = await library.attach("vs_1", await library.upload("more.txt", "Whales sing.\n"))
    await library.knowledge.ingest(library.scope, second)
    error = (await library.file(second)).error
    assert error is not None
    assert "vectors of hashed with 64 dimensions" in error.message
    with pytest.raises(SearchFault, match="embeds with new"):
        await library.ask("whales")
    assert new.embedded == []


async def test_two_models_at_once_leave_a_vector_store_with_one(library: Library) -> None:
    """The settings were changed between two documents that are read side by side."""
    first = await attached(library)
    second = await library.attach("vs_1", await library.upload("more.txt", "Whales sing.\n"))
    other = HashedEmbedder("new", 64)
    old, new = library.service(library.embedder, other), library.service(other, library.embedder)
    await asyncio.gather(old.ingest(library.scope, first), new.ingest(library.scope, second))
    assert bool(library.embedder.embedded) != bool(other.embedded)
    for document in (first, second):
        assert (await library.file(document)).status == "completed"


async def test_without_the_extra_a_file_fails_and_names_the_command(library: Library) -> None:
    document = await attached(library)
    await NoKnowledge().ingest(library.scope, document)
    error = (await library.file(document)).error
    assert error is not None
    assert 'pip install "retinue[documents]"' in error.message


async def test_an_index_that_was_saved_is_read_and_brought_up_to_date(library: Library, tmp_path: Path) -> None:
    """Its files are taken for the same, though the process that knew their attributes is gone."""
    shelf = await library.shelf()
    text = "".join(f"Line {n} tells of the number {n} and of nothing else.\n" for n in range(6_000))
    old = await library.add(shelf, "long.txt", text, attributes={"kind": "long"}, chunking=Chunking(size=20, overlap=0))
    await library.ask("line")
    await library.knowledge.close()
    assert any((tmp_path / "indexes").iterdir())
    library.reader = Reader()
    library.knowledge = library.service(library.embedder)
    await library.add(shelf, "new.txt", "Whales sing.\n")
    assert names(await library.ask("whales sing", limit=1)) == ["new.txt"]
    assert (await library.ask("number 5999", limit=1))[0].attributes == {"kind": "long"}
    await library.scope.vector_store_files.detach(shelf, old)
    assert set(names(await library.ask("number 5999 whales", limit=50))) == {"new.txt"}
