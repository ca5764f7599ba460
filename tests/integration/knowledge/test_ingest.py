"""From an attached file to what is stored of it: whole and once, whatever happens in between."""

import asyncio
import sys
import tempfile
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from knowledge.books import Books, names
from knowledge.hashed import HashedEmbedder
from knowledge.reading.readings import pid_of
from retinue.core.errors import StoreFull
from retinue.core.vector_store import Chunking, Embedding, FileBatch, FileDraft, Slab, Window
from retinue.knowledge import IngestFault, NoKnowledge, SearchFault
from retinue.knowledge.reading.base import Batch
from retinue.knowledge.reading.reader import Reader

LARGE = 500_000  # tokens: with that bound LINES are feared to have more, and are read through first
LINES = "".join(f"Line {n} tells of the number {n} and of nothing else.\n" for n in range(3_000))


async def text_of(books: Books, document: str) -> str:
    """All that is stored of a document's text."""
    windows: list[Window] = []
    while more := await books.scope.documents.windows(document, first=len(windows)):
        windows += more
    assert [window.number for window in windows] == list(range(len(windows)))
    return "".join(window.text for window in windows)


async def slabs_of(books: Books, document: str) -> list[Slab]:
    """All slabs of a document, which have to follow one another."""
    slabs: list[Slab] = []
    while more := await books.scope.documents.slabs(document, after=slabs[-1].first if slabs else -1):
        slabs += more
    assert [slab.first for slab in slabs] == [sum(each.count for each in slabs[:n]) for n in range(len(slabs))]
    return slabs


async def check_whole(books: Books, document: str, text: str = LINES) -> None:
    """The document is completed, and every window of it is stored once, with a vector."""
    file = await books.file(document)
    assert file.status == "completed"
    assert await text_of(books, document) == text
    slabs = await slabs_of(books, document)
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


async def attached(books: Books, content: str = LINES, **options: Any) -> str:
    shelf = await books.shelf()
    return await books.attach(shelf, await books.upload("lines.txt", content), **options)


async def test_a_file_is_stored_whole_with_what_it_takes(books: Books) -> None:
    document = await attached(books)
    await books.knowledge.ingest(books.scope, document)
    await check_whole(books, document)
    store = await books.scope.vector_stores.get("vs_1")
    assert store.embedding == Embedding(model="hashed", dimensions=64)
    assert (store.counts.completed, store.usage_bytes) == (1, (await books.file(document)).usage_bytes)


@pytest.mark.parametrize("batches", [0, 1, 3])
async def test_after_a_crash_an_ingest_goes_on_where_it_was(books: Books, batches: int) -> None:
    document = await attached(books)
    with pytest.raises(KeyError):
        await books.service(Stopping(batches)).ingest(books.scope, document)
    stored = await books.scope.documents.stored(document)
    assert bool(stored) == bool(batches)
    await books.knowledge.ingest(books.scope, document)
    await check_whole(books, document)
    assert len(books.embedder.embedded) == (await books.file(document)).windows - stored


async def test_of_a_large_file_it_is_known_while_it_is_read_how_much_it_will_be(books: Books) -> None:
    books.reader = Reader(most_tokens=LARGE)
    books.knowledge = books.service(books.embedder)
    document = await attached(books)
    with pytest.raises(KeyError):
        await books.service(Stopping(2)).ingest(books.scope, document)
    under_way, stored = await books.file(document), await books.scope.documents.stored(document)
    assert under_way.status == "in_progress"
    await books.knowledge.ingest(books.scope, document)
    await check_whole(books, document)
    assert 0 < stored < under_way.windows == (await books.file(document)).windows


async def test_a_document_that_is_done_is_not_done_again(books: Books) -> None:
    document = await attached(books)
    for _ in range(2):
        await books.knowledge.ingest(books.scope, document)
    await check_whole(books, document)
    assert len(books.embedder.embedded) == (await books.file(document)).windows


async def test_two_workers_on_one_document_store_every_window_once(books: Books) -> None:
    document = await attached(books)
    both = [books.service(HashedEmbedder()) for _ in range(2)]
    await asyncio.gather(*(each.ingest(books.scope, document) for each in both))
    await check_whole(books, document)


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


@pytest.mark.parametrize("batches", [1, 3])
async def test_a_worker_goes_on_behind_one_that_stored_windows_first_and_is_no_more(books: Books, batches: int) -> None:
    document = await attached(books)

    async def other() -> None:
        with pytest.raises(KeyError):
            await theirs.ingest(books.scope, document)
        await books.reader.close()

    ours, books.reader = books.service(Meanwhile(other)), Reader()
    theirs = books.service(Stopping(batches))
    await ours.ingest(books.scope, document)
    await check_whole(books, document)


@pytest.mark.parametrize("what", ["taken out", "cancelled", "file deleted", "store deleted"])
async def test_what_nobody_wants_any_more_stops_early_and_leaves_nothing(books: Books, what: str) -> None:
    document = await attached(books)
    file, scope = (await books.file(document)).file_id, books.scope

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
        document = await in_batch(books, file)
    embedder = Meanwhile(happens)
    await books.service(embedder).ingest(scope, document)
    assert await scope.documents.stored(document) == 0
    assert len(embedder.embedded) < 100


async def in_batch(books: Books, file: str) -> str:
    batch = FileBatch(id="batch", store_id="vs_1", created_at=1.0)
    await books.scope.vector_store_files.detach("vs_1", file)
    await books.scope.file_batches.insert(batch, [FileDraft(file_id=file)])
    return (await books.scope.vector_store_files.get("vs_1", file)).document


async def test_a_file_that_can_not_be_read_fails_with_its_reason_and_the_next_is_unharmed(books: Books) -> None:
    shelf = await books.shelf()
    bad = await books.attach(shelf, await books.upload("bad.pdf", b"%PDF-1.7\nnothing more"))
    good = await books.attach(shelf, await books.upload("good.txt", LINES))
    for document in (bad, good):
        await books.knowledge.ingest(books.scope, document)
    failed = await books.file(bad)
    assert failed.status == "failed"
    assert failed.error is not None
    assert failed.error.code in ("invalid_file", "unsupported_file")
    await check_whole(books, good)


async def test_a_model_that_does_not_answer_may_be_asked_again(books: Books) -> None:
    document = await attached(books)
    books.embedder.failures = 1
    with pytest.raises(IngestFault, match="does not answer"):
        await books.knowledge.ingest(books.scope, document)
    waiting = await books.file(document)
    assert (waiting.status, waiting.error and waiting.error.message) == ("in_progress", "The model does not answer.")
    await books.knowledge.ingest(books.scope, document)
    await check_whole(books, document)
    assert (await books.file(document)).error is None


async def test_a_file_for_which_no_process_comes_up_may_be_read_later(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = await attached(books)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "/nowhere")
        with pytest.raises(IngestFault, match="does not start"):
            await books.knowledge.ingest(books.scope, document)
    assert (await books.file(document)).status == "in_progress"
    await books.knowledge.ingest(books.scope, document)
    await check_whole(books, document)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no process can bound another")
async def test_a_file_that_the_system_does_not_let_be_read_may_be_read_later(books: Books) -> None:
    import resource  # there is none on Windows

    await books.knowledge.ingest(books.scope, await attached(books))
    document = await books.attach("vs_1", await books.upload("more.txt", "Whales sing.\n"))
    resource.prlimit(pid_of(books.reader), resource.RLIMIT_NOFILE, (3, 3))
    with pytest.raises(IngestFault, match="Too many open files"):
        await books.knowledge.ingest(books.scope, document)
    waiting = await books.file(document)
    assert waiting.status == "in_progress"
    assert "Too many open files" in (waiting.error.message if waiting.error else "")
    await books.knowledge.ingest(books.scope, document)
    await check_whole(books, document, "Whales sing.\n")


async def test_a_folder_that_the_system_does_not_open_is_no_fault_of_the_file(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = await attached(books)
    with monkeypatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(books.folder / "none"))
        with pytest.raises(IngestFault, match="No such file or directory"):
            await books.knowledge.ingest(books.scope, document)
    assert (await books.file(document)).status == "in_progress"
    await books.knowledge.ingest(books.scope, document)
    await check_whole(books, document)


async def test_a_full_disk_is_raised_and_nothing_is_half_stored(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    document = await attached(books)
    add, calls = books.scope.documents.add, iter(range(100))

    async def full(*args: Any) -> bool:
        if next(calls) == 1:
            raise StoreFull("The disk is full.")
        return await add(*args)

    monkeypatch.setattr(books.scope.documents, "add", full)
    with pytest.raises(StoreFull):
        await books.knowledge.ingest(books.scope, document)
    await books.knowledge.ingest(books.scope, document)
    await check_whole(books, document)


async def test_a_file_whose_bytes_are_gone_fails_with_a_sentence(books: Books) -> None:
    document = await attached(books)
    file = await books.scope.files.get((await books.file(document)).file_id)
    await books.blobs.delete(file.blob)
    await books.knowledge.ingest(books.scope, document)
    error = (await books.file(document)).error
    assert error is not None
    assert "Upload the file again" in error.message


class NeverReads(Reader):
    """A reader that must not be asked."""

    async def read(self, *_: Any, **__: Any) -> AsyncGenerator[Batch, None]:
        raise AssertionError("the file was read again")
        yield


async def test_the_same_file_in_another_vector_store_is_copied(books: Books) -> None:
    first = await attached(books)
    await books.knowledge.ingest(books.scope, first)
    second = await books.attach(await books.shelf("vs_2"), (await books.file(first)).file_id)
    books.reader = NeverReads()
    await books.service(books.embedder).ingest(books.scope, second)
    await check_whole(books, second)
    assert await slabs_of(books, second) == await slabs_of(books, first)
    assert names(await books.ask("the number 77", shelves=["vs_2"], limit=1)) == ["lines.txt"]


async def test_a_file_that_is_cut_otherwise_is_read_again(books: Books) -> None:
    first = await attached(books)
    await books.knowledge.ingest(books.scope, first)
    other = Chunking(size=400, overlap=0)
    second = await books.attach(await books.shelf("vs_2"), (await books.file(first)).file_id, other)
    await books.knowledge.ingest(books.scope, second)
    await check_whole(books, second)
    assert (await books.file(second)).windows != (await books.file(first)).windows


async def test_what_another_project_has_read_is_never_copied(books: Books) -> None:
    first = await attached(books)
    await books.knowledge.ingest(books.scope, first)
    theirs = books.of_project("theirs")
    await theirs.shelf()
    ours = (await books.file(first)).file_id
    same = await theirs.scope.files.get(await theirs.upload("lines.txt", LINES))
    await theirs.scope.files.delete(same.id)
    await theirs.scope.files.insert(structs.replace(same, id=ours))
    second = await theirs.attach("vs_1", ours)
    books.embedder.embedded.clear()
    await books.knowledge.ingest(theirs.scope, second)
    assert len(books.embedder.embedded) == (await theirs.file(second)).windows


async def test_a_copy_that_was_broken_off_is_gone_on_with(books: Books) -> None:
    first = await attached(books, LINES * 2)
    await books.knowledge.ingest(books.scope, first)
    second = await books.attach(await books.shelf("vs_2"), (await books.file(first)).file_id)
    assert await books.scope.documents.copy(first, second)
    assert 0 < await books.scope.documents.stored(second) < (await books.file(first)).windows
    await books.knowledge.ingest(books.scope, second)
    await check_whole(books, second, LINES * 2)


async def test_a_vector_store_keeps_the_model_of_its_first_document(books: Books) -> None:
    first = await attached(books)
    await books.knowledge.ingest(books.scope, first)
    new = HashedEmbedder("new", 32)
    knowledge = books.service(new, books.embedder)
    second = await books.attach("vs_1", await books.upload("more.txt", "Whales sing.\n"))
    await knowledge.ingest(books.scope, second)
    await check_whole(books, second, "Whales sing.\n")
    assert new.embedded == []
    books.knowledge = knowledge
    assert names(await books.ask("whales sing", limit=1)) == ["more.txt"]


async def test_a_model_that_is_not_here_any_more_is_told_and_no_other_stands_in(books: Books) -> None:
    first = await attached(books)
    await books.knowledge.ingest(books.scope, first)
    new = HashedEmbedder("new", 64)
    books.knowledge = books.service(new)
    second = await books.attach("vs_1", await books.upload("more.txt", "Whales sing.\n"))
    await books.knowledge.ingest(books.scope, second)
    error = (await books.file(second)).error
    assert error is not None
    assert "vectors of hashed with 64 dimensions" in error.message
    with pytest.raises(SearchFault, match="embeds with new"):
        await books.ask("whales")
    assert new.embedded == []


async def test_two_models_at_once_leave_a_vector_store_with_one(books: Books) -> None:
    """The settings were changed between two documents that are read side by side."""
    first = await attached(books)
    second = await books.attach("vs_1", await books.upload("more.txt", "Whales sing.\n"))
    other = HashedEmbedder("new", 64)
    old, new = books.service(books.embedder, other), books.service(other, books.embedder)
    await asyncio.gather(old.ingest(books.scope, first), new.ingest(books.scope, second))
    assert bool(books.embedder.embedded) != bool(other.embedded)
    for document in (first, second):
        assert (await books.file(document)).status == "completed"


async def test_without_the_extra_a_file_fails_and_names_the_command(books: Books) -> None:
    document = await attached(books)
    await NoKnowledge().ingest(books.scope, document)
    error = (await books.file(document)).error
    assert error is not None
    assert 'pip install "retinue[documents]"' in error.message


async def test_an_index_that_was_saved_is_read_and_brought_up_to_date(books: Books, tmp_path: Path) -> None:
    """Its files are taken for the same, though the process that knew their attributes is gone."""
    shelf = await books.shelf()
    text = "".join(f"Line {n} tells of the number {n} and of nothing else.\n" for n in range(6_000))
    old = await books.add(shelf, "long.txt", text, attributes={"kind": "long"}, chunking=Chunking(size=20, overlap=0))
    await books.ask("line")
    await books.knowledge.close()
    assert any((tmp_path / "indexes").iterdir())
    books.reader = Reader()
    books.knowledge = books.service(books.embedder)
    await books.add(shelf, "new.txt", "Whales sing.\n")
    assert names(await books.ask("whales sing", limit=1)) == ["new.txt"]
    assert (await books.ask("number 5999", limit=1))[0].attributes == {"kind": "long"}
    await books.scope.vector_store_files.detach(shelf, old)
    assert set(names(await books.ask("number 5999 whales", limit=50))) == {"new.txt"}
