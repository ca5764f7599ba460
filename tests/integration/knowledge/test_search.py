"""From files to passages, with real parts but for the model: words, pages, filters, several vector stores."""

import asyncio
import struct
from pathlib import Path

import pytest
import structlog.testing
from msgspec import structs

from documents.pdf import pdf
from knowledge.books import Books, names
from retinue.core.attributes import Comparison
from retinue.core.search import Ranking, Search
from retinue.core.vector_store import Chunking, FileDraft, Slab, Window
from retinue.knowledge import SearchFault
from retinue.knowledge.index import indexes
from retinue.knowledge.service import KnowledgeService
from retinue.knowledge.words import pack_texts
from retinue.store.documents import Documents

PAGES = [
    "The warranty of the boiler lasts five years.",
    "The boiler is cleaned every spring, with vinegar.",
    "Spare valves are ordered from the depot in Turin.",
]


def prose(topic: str, sentences: int = 40) -> str:
    return " ".join(f"Sentence {n} speaks of {topic} at some length, as sentences do." for n in range(sentences))


async def test_a_text_that_went_in_comes_out(books: Books) -> None:
    shelf = await books.shelf()
    file = await books.add(shelf, "notes.txt", "The capital of Peru is Lima.\n")
    await books.add(shelf, "other.txt", "Whales are mammals, and sing.\n")
    (first, *_) = await books.ask("What is the capital of Peru?")
    assert (first.file_id, first.file_name, first.store_id) == (file, "notes.txt", shelf)
    assert first.text == "The capital of Peru is Lima.\n"
    assert 0.3 < first.score <= 1


async def test_a_passage_tells_on_which_pages_it_stands(books: Books) -> None:
    shelf = await books.shelf()
    await books.add(shelf, "boiler.pdf", pdf(PAGES), chunking=Chunking(size=800, overlap=0))
    (passage,) = await books.ask("Where are spare valves ordered?")
    assert [page for _, page in passage.pages] == [1, 2, 3]
    assert [passage.text[offset:].lstrip()[:10] for offset, _ in passage.pages] == [page[:10] for page in PAGES]


async def test_a_chunk_is_found_once_and_for_its_best_query(books: Books) -> None:
    shelf = await books.shelf()
    await books.add(shelf, "fish.txt", prose("fish"))
    await books.add(shelf, "birds.txt", prose("birds"))
    both = await books.ask("What is said of fish?", "What is said of birds?", limit=50)
    assert len({(passage.file_id, passage.text) for passage in both}) == len(both)
    alone = await books.ask("What is said of fish?")
    assert both[0].score >= alone[0].score
    assert set(names(both[:4])) == {"fish.txt", "birds.txt"}


async def test_several_vector_stores_are_one_ranking(books: Books) -> None:
    for shelf, topic in (("vs_1", "fish"), ("vs_2", "birds"), ("vs_3", "ferns")):
        await books.add(await books.shelf(shelf), f"{topic}.txt", prose(topic))
    found = await books.ask("fish", "ferns", shelves=("vs_1", "vs_3"), limit=50)
    assert set(names(found)) == {"fish.txt", "ferns.txt"}
    assert [passage.score for passage in found] == sorted((passage.score for passage in found), reverse=True)
    assert len(await books.ask("fish", shelves=("vs_1", "vs_2", "vs_3"), limit=3)) == 3


async def test_a_file_that_is_in_two_vector_stores_pushes_no_other_passage_out(books: Books) -> None:
    first, second = await books.shelf("vs_1"), await books.shelf("vs_2")
    file = await books.add(first, "fish.txt", prose("fish"))
    alone = await books.ask("fish", limit=50)
    await books.knowledge.ingest(books.scope, await books.attach(second, file))
    both = await books.ask("fish", shelves=(first, second), limit=len(alone))
    assert len(alone) > 3
    assert [passage.text for passage in both] == [passage.text for passage in alone]


async def test_a_file_that_two_vector_stores_have_in_other_chunks_is_found_as_both(books: Books) -> None:
    first, second = await books.shelf("vs_1"), await books.shelf("vs_2")
    file = await books.add(first, "fish.txt", prose("fish"), chunking=Chunking(size=100, overlap=0))
    document = await books.attach(second, file, chunking=Chunking(size=200, overlap=0))
    await books.knowledge.ingest(books.scope, document)
    alone = [await books.ask("fish", shelves=(shelf,), limit=50) for shelf in (first, second)]
    both = await books.ask("fish", shelves=(first, second), limit=100)
    assert len(both) == len(alone[0]) + len(alone[1])


async def test_only_files_whose_attributes_pass_are_found(books: Books) -> None:
    shelf = await books.shelf()
    for year in (2020, 2021, 2022):
        await books.add(shelf, f"{year}.txt", prose(f"year {year}"), attributes={"year": year})
    found = await books.ask("sentence", filter=Comparison(operator="gte", key="year", value=2021), limit=50)
    assert set(names(found)) == {"2021.txt", "2022.txt"}
    assert {passage.attributes["year"] for passage in found} == {2021, 2022}


async def test_attributes_that_change_count_from_the_next_search_on(books: Books) -> None:
    shelf = await books.shelf()
    file = await books.add(shelf, "a.txt", "Lima is in Peru.", attributes={"kind": "old"})
    new = Comparison(operator="eq", key="kind", value="new")
    assert await books.ask("Lima", filter=new) == []
    await books.scope.vector_store_files.set_attributes(shelf, file, {"kind": "new"})
    assert names(await books.ask("Lima", filter=new)) == ["a.txt"]


async def test_a_file_that_was_added_is_found_and_one_that_was_taken_out_is_not(books: Books) -> None:
    shelf = await books.shelf()
    first = await books.add(shelf, "first.txt", "Lima is in Peru.")
    assert names(await books.ask("Lima")) == ["first.txt"]
    await books.add(shelf, "second.txt", "Lima has ten million people.")
    assert set(names(await books.ask("Lima"))) == {"first.txt", "second.txt"}
    await books.scope.vector_store_files.detach(shelf, first)
    assert names(await books.ask("Lima")) == ["second.txt"]


async def test_a_file_that_another_one_replaced_between_two_searches_is_not_found(books: Books) -> None:
    shelf = await books.shelf()
    first = await books.add(shelf, "first.txt", "Lima is in Peru.")
    assert names(await books.ask("Lima")) == ["first.txt"]
    await books.scope.vector_store_files.detach(shelf, first)
    await books.add(shelf, "second.txt", "Lima has ten million people.")
    assert names(await books.ask("Lima")) == ["second.txt"]


async def test_a_vector_store_of_more_files_than_are_read_at_a_time_is_found_whole(books: Books) -> None:
    shelf = await books.shelf()
    for n in range(140):
        await books.add(shelf, f"{n}.txt", f"Harbour {n} is in Peru.")
    assert len(await books.ask("harbour", limit=200)) == 140


async def test_a_deleted_file_vanishes_from_a_search_that_is_under_way(books: Books) -> None:
    """Its caller read the vector store before the file was deleted."""
    shelf = await books.shelf()
    file = await books.add(shelf, "first.txt", "Lima is in Peru.")
    before = await books.scope.vector_stores.get(shelf)
    assert names(await books.ask("Lima")) == ["first.txt"]
    await books.scope.files.delete(file)
    assert await books.knowledge.search(books.scope, [before], Search(queries=("Lima",), limit=10)) == []


@pytest.mark.parametrize("pages", [0, 1])
async def test_a_file_that_is_taken_out_while_it_is_loaded_is_left_out(
    books: Books, monkeypatch: pytest.MonkeyPatch, pages: int
) -> None:
    """Of what its store was read to hold, a part is cleared before it is read."""
    shelf = await books.shelf()
    await books.add(shelf, "small.txt", "Lima is in Peru.")
    file = await books.add(shelf, "large.txt", prose("Lima", 4_000))
    document = (await books.scope.vector_store_files.get(shelf, file)).document
    slabs, left = Documents.slabs, pages

    async def slabs_of_a_document_that_goes(documents: Documents, asked: str, **which: int) -> list[Slab]:
        nonlocal left
        if asked == document:
            if left == 0:
                await books.scope.vector_store_files.detach(shelf, file)
                await documents.clear(document)
            left -= 1
        return await slabs(documents, asked, **which)

    monkeypatch.setattr(Documents, "slabs", slabs_of_a_document_that_goes)
    assert names(await books.ask("Where is Lima?")) == ["small.txt"]
    assert left < 0
    assert names(await books.ask("Where is Lima?")) == ["small.txt"]


async def test_a_vector_store_that_lacks_windows_of_a_file_is_told_in_a_sentence(books: Books) -> None:
    shelf = await books.shelf()
    file = await books.add(shelf, "notes.txt", prose("Lima", 4_000))
    await books.scope.documents.clear((await books.scope.vector_store_files.get(shelf, file)).document)
    with pytest.raises(SearchFault, match="damaged"):
        await books.ask("Where is Lima?")


@pytest.mark.parametrize(
    ("there", "terms"), [(1, pack_texts(["Lima"])), (2, b"no words at all")], ids=["no last windows", "torn words"]
)
async def test_a_file_of_which_not_all_can_be_read_is_never_searched_in_part(
    books: Books, there: int, terms: bytes
) -> None:
    shelf = await books.shelf()
    await books.add(shelf, "whole.txt", "Lima is in Peru.")
    document = await books.attach(shelf, await books.upload("part.txt", "Lima"))
    windows = [Window(number=number, text="Lima") for number in range(there)]
    slab = Slab(first=0, count=there, vectors=bytes(there * 2 * 64), terms=terms)
    assert await books.scope.documents.add(document, windows, slab)
    await books.scope.vector_store_files.settle(document, windows=2)
    with pytest.raises(SearchFault, match="damaged"):
        await books.ask("Where is Lima?")


async def test_others_have_their_turn_after_every_read_of_a_large_file(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    await books.add(await books.shelf(), "large.txt", prose("Lima", 10_000))
    slabs, turns, seen = Documents.slabs, 0, list[int]()

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def noted(documents: Documents, asked: str, **which: int) -> list[Slab]:
        seen.append(turns)
        return await slabs(documents, asked, **which)

    monkeypatch.setattr(Documents, "slabs", noted)
    beside = asyncio.create_task(others())
    await books.ask("Where is Lima?")
    beside.cancel()
    assert len(seen) > 2
    assert len(set(seen)) == len(seen)


async def test_a_threshold_leaves_out_what_scores_less(books: Books) -> None:
    shelf = await books.shelf()
    await books.add(shelf, "fish.txt", prose("fish"))
    await books.add(shelf, "tax.txt", "Value added tax is due in March.")
    found = await books.ask("When is value added tax due?", ranking=Ranking(score_threshold=0.5), limit=50)
    assert names(found) == ["tax.txt"]


@pytest.mark.parametrize(
    "ranking",
    [
        Ranking(ranker="none"),
        Ranking(embedding_weight=1.0, text_weight=1.0),
        Ranking(embedding_weight=0.0, text_weight=1.0),
    ],
)
async def test_every_way_of_ranking_finds_the_file_with_scores_from_0_to_1(books: Books, ranking: Ranking) -> None:
    shelf = await books.shelf()
    await books.add(shelf, "fish.txt", prose("fish"))
    await books.add(shelf, "tax.txt", "Value added tax is due in March.")
    found = await books.ask("When is value added tax due?", ranking=ranking, limit=50)
    assert found[0].file_name == "tax.txt"
    assert all(0 <= passage.score <= 1 for passage in found)


async def test_the_same_words_of_another_project_are_never_found_and_change_no_score(books: Books) -> None:
    shelf = await books.shelf()
    await books.add(shelf, "ours.txt", prose("salaries") + " The salary of Ann is 4000.")
    await books.add(shelf, "more.txt", prose("weather"))
    before = await books.ask("salary of Ann", limit=50)
    theirs = books.of_project("theirs")
    for n in range(5):
        await theirs.add(await theirs.shelf() if n == 0 else shelf, f"{n}.txt", "The salary of Ann is 9000. " * 20)
    after = await books.ask("salary of Ann", limit=50)
    assert after == before
    assert set(names(await theirs.ask("salary of Ann", limit=50))) == {f"{n}.txt" for n in range(5)}


async def test_the_same_words_in_another_vector_store_change_no_score(books: Books) -> None:
    shelf, other = await books.shelf(), await books.shelf("vs_2")
    await books.add(shelf, "ours.txt", prose("salaries"))
    before = await books.ask("salaries", limit=50)
    await books.add(other, "other.txt", prose("salaries") * 3)
    both = await books.ask("salaries", shelves=(shelf, other), limit=50)
    assert [passage for passage in both if passage.store_id == shelf] == before


async def test_vector_stores_that_are_empty_or_expired_find_nothing(books: Books) -> None:
    shelf = await books.shelf()
    assert await books.ask("anything") == []
    await books.add(shelf, "a.txt", "Lima is in Peru.")
    await books.scope.vector_stores.change(shelf, lambda store: structs.replace(store, expired=True))
    assert await books.ask("Lima") == []


async def test_a_model_that_fails_is_told_in_a_sentence(books: Books) -> None:
    await books.add(await books.shelf(), "a.txt", "Lima is in Peru.")
    books.embedder.failures = 1
    with pytest.raises(SearchFault, match="does not answer"):
        await books.ask("Lima")


async def test_five_queries_in_two_vector_stores_with_fifty_results_each_are_served(books: Books) -> None:
    for shelf in (await books.shelf(), await books.shelf("vs_2")):
        for n in range(3):
            await books.add(shelf, f"{n}.txt", prose(f"topic {n}", 400))
    queries = [f"what of topic {n}" for n in range(5)]
    found = await books.ask(*queries, shelves=("vs_1", "vs_2"), limit=50)
    assert len(found) == 50


async def test_a_vector_store_that_left_memory_is_loaded_again(books: Books) -> None:
    shelf = await books.shelf()
    await books.add(shelf, "a.txt", "Lima is in Peru.")
    assert names(await books.ask("Lima")) == ["a.txt"]
    await books.knowledge.forget(books.scope, shelf)
    assert names(await books.ask("Lima")) == ["a.txt"]


async def test_an_index_file_that_is_damaged_while_it_is_searched_is_made_anew(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexes, "SAVED_FROM", 1)
    shelf = await books.shelf()
    for topic in ("whales", "boilers"):
        await books.add(shelf, f"{topic}.txt", prose(topic))
    expected = await books.ask("whales")
    postings = await saved_postings(books)
    whole = postings.read_bytes()
    (count,) = struct.unpack_from("<I", whole, 24)
    with postings.open("r+b") as file:  # not a new one: the one that is mapped
        file.write(whole[: -3 * count].ljust(len(whole), b"\xff"))  # rows that are not there
    with structlog.testing.capture_logs() as logs:
        assert await books.ask("whales") == expected
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["index_damaged"]
    assert (await saved_postings(books)).read_bytes() == whole
    assert await books.ask("whales") == expected


async def saved_postings(books: Books) -> Path:
    assert isinstance(books.knowledge, KnowledgeService)
    await books.knowledge._indexes.saved()
    (postings,) = books.folder.rglob("*.postings")
    return postings


async def test_a_file_that_is_put_in_again_with_other_chunks_is_found_as_those(books: Books) -> None:
    shelf = await books.shelf()
    file = await books.add(shelf, "fish.txt", prose("fish"), chunking=Chunking(size=100, overlap=0))
    small = await books.ask("fish", limit=50)
    draft = FileDraft(file_id=file, chunking=Chunking(size=800, overlap=400))
    (attached,) = await books.scope.vector_store_files.attach(shelf, [draft], at=1.0)
    await books.knowledge.ingest(books.scope, attached.document)
    large = await books.ask("fish", limit=50)
    assert max(len(passage.text) for passage in large) > 2 * max(len(passage.text) for passage in small)
