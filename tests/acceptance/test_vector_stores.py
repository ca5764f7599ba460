"""Vector stores by plain HTTP and by the official client: every operation, every refusal, and where else they show."""

from typing import Any

import pytest
from openai import OpenAI

from acceptance.reading import settled
from acceptance.server import Server
from acceptance.wire import (
    ASSISTANT,
    ASSISTANTS,
    BATCH,
    BATCH_FILES,
    BATCHES,
    CANCEL_BATCH,
    FILE,
    MESSAGES,
    RUNS,
    SEARCH,
    STORE,
    STORE_CONTENT,
    STORE_FILE,
    STORE_FILES,
    STORES,
    THREAD,
    THREAD_AND_RUN,
    THREADS,
    Wire,
)

NOWHERE = "vs_000000000000000000000000"
NO_FILE = "file-000000000000000000000000"
CATS = b"The cats of the harbour are fed at dawn by the keeper of the lighthouse. " * 3
SHIPS = b"Freighters from Valparaiso carry copper and anchor beyond the third buoy. " * 3
SIZES = {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 0}


@pytest.fixture
def client(server: Server) -> OpenAI:
    return OpenAI(base_url=f"http://127.0.0.1:{server.port}/v1", api_key="sk-anything", max_retries=0)


def store_of(thread: dict[str, Any]) -> str:
    [store] = thread["tool_resources"]["file_search"]["vector_store_ids"]
    return str(store)


def attached(file: str, *tools: str) -> dict[str, Any]:
    given = [{"type": tool} for tool in tools or ("file_search",)]
    return {"role": "user", "content": "Read this.", "attachments": [{"file_id": file, "tools": given}]}


# Stores


def test_an_empty_store_has_every_field_and_is_completed_at_once(wire: Wire) -> None:
    made = wire.post(STORES)
    assert made["id"].startswith("vs_")
    assert (made["name"], made["status"], made["usage_bytes"], made["metadata"]) == ("", "completed", 0, {})
    assert made["file_counts"] == {"in_progress": 0, "completed": 0, "failed": 0, "cancelled": 0, "total": 0}
    assert (made["expires_at"], made["last_active_at"]) == (None, made["created_at"])
    assert wire.get(STORE, vector_store_id=made["id"]) == made
    assert wire.get(STORES, {"limit": 1})["data"] == [made]


def test_a_store_is_modified_field_by_field_and_null_clears(wire: Wire) -> None:
    days = {"anchor": "last_active_at", "days": 3}
    made = wire.post(STORES, {"name": "Docs", "description": "All.", "expires_after": days, "metadata": {"a": "b"}})
    assert made["expires_at"] == made["created_at"] + 3 * 86_400
    renamed = wire.post(STORE, {"name": "Papers"}, vector_store_id=made["id"])
    assert renamed == {**made, "name": "Papers"}
    nulls = dict.fromkeys(("name", "description", "expires_after", "metadata"))
    cleared = wire.post(STORE, nulls, vector_store_id=made["id"])
    assert (cleared["name"], cleared["description"], cleared["metadata"]) == ("", None, {})
    assert (cleared["expires_at"], "expires_after" in cleared) == (None, False)


def test_a_deleted_store_is_gone_and_its_files_stay(wire: Wire) -> None:
    file = wire.upload(CATS, "cats.txt")["id"]
    store = wire.post(STORES, {"file_ids": [file]})["id"]
    gone = wire.delete(STORE, vector_store_id=store)
    assert gone == {"id": store, "object": "vector_store.deleted", "deleted": True}
    assert wire.refused(404, "GET", STORE, vector_store_id=store)["message"] == (
        f"No vector store found with id '{store}'."
    )
    assert wire.get(FILE, file_id=file)["id"] == file


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"file_ids": ["file-1"] * 501}, "file_ids"),
        ({"expires_after": {"anchor": "created_at", "days": 1}}, "expires_after.anchor"),
        ({"expires_after": {"anchor": "last_active_at", "days": 366}}, "expires_after.days"),
        ({"chunking_strategy": {"type": "static"}}, "chunking_strategy.static"),
        ({"chunking_strategy": {"type": "auto", "static": SIZES}}, "chunking_strategy.static"),
        (
            {"chunking_strategy": {"type": "static", "static": {**SIZES, "chunk_overlap_tokens": 51}}},
            "chunking_strategy.static.chunk_overlap_tokens",
        ),
        ({"metadata": {"a": 1}}, "metadata.a"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_a_bad_store_is_refused_by_the_name_of_the_field(wire: Wire, body: dict[str, Any], param: str) -> None:
    assert wire.refused(400, "POST", STORES, body)["param"] == param


def test_a_store_of_a_file_that_is_not_there_is_not_made(wire: Wire) -> None:
    before = wire.get(STORES)["data"]
    assert wire.refused(404, "POST", STORES, {"file_ids": [NO_FILE]})["message"] == f"No such File object: {NO_FILE}"
    assert wire.get(STORES)["data"] == before


# Files


def test_a_file_is_read_searched_shown_and_taken_out(wire: Wire) -> None:
    file = wire.upload(CATS, "cats.txt")["id"]
    store = wire.post(STORES)["id"]
    ids = {"vector_store_id": store, "file_id": file}
    sizes = {"max_chunk_size_tokens": 200, "chunk_overlap_tokens": 100}
    chunking = {"type": "static", "static": sizes}
    made = wire.post(
        STORE_FILES, {"file_id": file, "attributes": {"n": 5, "ok": True}, "chunking_strategy": chunking}, **ids
    )
    assert (made["chunking_strategy"], made["attributes"]) == (chunking, {"n": 5, "ok": True})
    assert (made["status"], made["usage_bytes"], made["last_error"]) == ("in_progress", 0, None)
    assert set(made["retinue"]["windows"]) == {"stored", "total"}
    counts = settled(wire, store)["file_counts"]
    assert (counts["completed"], counts["total"]) == (1, 1)
    read = wire.get(STORE_FILE, **ids)
    assert (read["status"], read["usage_bytes"] > 0, "retinue" in read) == ("completed", True, False)
    assert wire.get(STORE, vector_store_id=store)["usage_bytes"] == read["usage_bytes"]
    content = wire.get(STORE_CONTENT, **ids)
    assert "".join(piece["text"] for piece in content["data"]).strip() == CATS.decode().strip()
    assert (content["has_more"], content["next_page"]) == (False, None)
    assert wire.post(STORE_FILE, {"attributes": None}, **ids)["attributes"] == {}
    gone = wire.delete(STORE_FILE, **ids)
    assert gone == {"id": file, "object": "vector_store.file.deleted", "deleted": True}
    error = wire.refused(404, "GET", STORE_FILE, **ids)
    assert error["message"] == f"No vector store file found with id '{file}'."
    assert wire.get(STORE, vector_store_id=store)["file_counts"]["total"] == 0
    assert wire.get(STORE, vector_store_id=store)["usage_bytes"] == 0


def test_a_long_text_is_read_back_whole(wire: Wire) -> None:
    text = "".join(f"Line {number} is one of many.\n" for number in range(1_500))
    store, file = wire.post(STORES)["id"], wire.upload(text.encode(), "long.txt")["id"]
    sizes = {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 50}
    wire.post(
        STORE_FILES,
        {"file_id": file, "chunking_strategy": {"type": "static", "static": sizes}},
        vector_store_id=store,
    )
    settled(wire, store)
    content = wire.get(STORE_CONTENT, vector_store_id=store, file_id=file)
    assert len(content["data"]) > 128
    assert "".join(piece["text"] for piece in content["data"]) == text
    assert not content["has_more"]


def test_a_list_of_files_is_narrowed_to_a_status_and_paged(wire: Wire) -> None:
    files = [wire.upload(CATS + str(n).encode(), f"{n}.txt")["id"] for n in range(3)]
    store = wire.post(STORES, {"file_ids": files})["id"]
    settled(wire, store)
    of = {"vector_store_id": store}
    assert [
        file["id"] for file in wire.get(STORE_FILES, {"filter": "completed", "order": "asc"}, **of)["data"]
    ] == files
    assert wire.get(STORE_FILES, {"filter": "failed"}, **of)["data"] == []
    page = wire.get(STORE_FILES, {"limit": 2, "order": "asc"}, **of)
    assert page["has_more"]
    wire.delete(STORE_FILE, file_id=page["last_id"], **of)
    rest = wire.get(STORE_FILES, {"limit": 2, "order": "asc", "after": page["last_id"]}, **of)
    assert [file["id"] for file in rest["data"]] == files[2:]
    assert wire.refused(400, "GET", STORE_FILES, None, {"filter": "done"}, **of)["param"] == "filter"


def test_a_deleted_file_leaves_every_store(wire: Wire) -> None:
    file = wire.upload(SHIPS, "ships.txt")["id"]
    stores = [wire.post(STORES, {"file_ids": [file]})["id"] for _ in range(2)]
    wire.delete(FILE, file_id=file)
    assert [wire.get(STORE, vector_store_id=store)["file_counts"]["total"] for store in stores] == [0, 0]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "file_id"),
        ({"file_id": "file-1", "attributes": {"a": [1]}}, "attributes"),
        ({"file_id": "file-1", "attributes": {"a": "x" * 513}}, "attributes.a"),
        ({"file_id": "file-1", "attributes": {str(n): 1 for n in range(17)}}, "attributes"),
        ({"file_id": "file-1", "attributes": {"a": 1 << 60}}, "attributes"),
    ],
)
def test_a_bad_file_is_refused_by_the_name_of_the_field(wire: Wire, body: dict[str, Any], param: str) -> None:
    store = wire.post(STORES)["id"]
    assert wire.refused(400, "POST", STORE_FILES, body, vector_store_id=store)["param"].startswith(param)


# Batches


def test_a_batch_counts_its_files_and_lists_them(wire: Wire) -> None:
    files = [wire.upload(CATS + str(n).encode(), f"{n}.txt")["id"] for n in range(2)]
    store = wire.post(STORES)["id"]
    made = wire.post(BATCHES, {"file_ids": files, "attributes": {"of": "all"}}, vector_store_id=store)
    ids = {"vector_store_id": store, "batch_id": made["id"]}
    assert (made["file_counts"]["total"], made["status"]) == (2, "in_progress")
    settled(wire, store)
    done = wire.get(BATCH, **ids)
    assert (done["status"], done["file_counts"]["completed"]) == ("completed", 2)
    listed = wire.get(BATCH_FILES, {"filter": "completed", "order": "asc"}, **ids)["data"]
    assert [(file["id"], file["attributes"]) for file in listed] == [(file, {"of": "all"}) for file in files]
    again = wire.post(BATCHES, {"files": [{"file_id": files[0]}]}, vector_store_id=store)
    assert (again["status"], again["file_counts"]["completed"]) == ("completed", 1)
    wire.post(STORE_FILES, {"file_id": files[0], "attributes": {}}, vector_store_id=store)
    listed = wire.get(BATCH_FILES, {"order": "asc"}, **ids)["data"]
    assert [file["attributes"] for file in listed] == [{}, {"of": "all"}]
    assert wire.get(BATCH, **ids)["file_counts"] == done["file_counts"]
    assert wire.post(CANCEL_BATCH, None, **ids)["status"] == "completed"


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "file_ids"),
        ({"file_ids": []}, "file_ids"),
        ({"file_ids": ["file-1"], "files": [{"file_id": "file-1"}]}, "files"),
        ({"file_ids": ["file-1"] * 2_001}, "file_ids"),
        ({"files": [{"file_id": "file-1", "chunking_strategy": {"type": "static"}}]}, "files[0].chunking_strategy"),
    ],
)
def test_a_bad_batch_is_refused_by_the_name_of_the_field(wire: Wire, body: dict[str, Any], param: str) -> None:
    store = wire.post(STORES)["id"]
    assert wire.refused(400, "POST", BATCHES, body, vector_store_id=store)["param"].startswith(param)


def test_a_batch_is_of_its_store_alone(wire: Wire) -> None:
    file = wire.upload(CATS, "cats.txt")["id"]
    mine, other = wire.post(STORES)["id"], wire.post(STORES)["id"]
    batch = wire.post(BATCHES, {"file_ids": [file]}, vector_store_id=mine)["id"]
    error = wire.refused(404, "GET", BATCH, vector_store_id=other, batch_id=batch)
    assert error["message"] == f"No file batch found with id '{batch}'."


# Searches


def searched(wire: Wire, store: str, **body: Any) -> Any:
    return wire.post(SEARCH, {"query": "cats", **body}, vector_store_id=store)


def test_a_search_finds_the_passage_with_its_file_and_attributes(wire: Wire) -> None:
    store = wire.post(STORES)["id"]
    for name, text in (("cats.txt", CATS), ("ships.txt", SHIPS)):
        file = wire.upload(text, name)["id"]
        wire.post(STORE_FILES, {"file_id": file, "attributes": {"about": name[:-4]}}, vector_store_id=store)
    settled(wire, store)
    found = searched(wire, store, query="Who feeds the cats?", max_num_results=1)
    [best] = found["data"]
    assert (best["filename"], best["attributes"], 0 < best["score"] <= 1) == ("cats.txt", {"about": "cats"}, True)
    assert "lighthouse" in best["content"][0]["text"]
    assert (found["search_query"], found["has_more"], found["next_page"]) == (["Who feeds the cats?"], False, None)
    both = {"type": "and", "filters": [{"type": "eq", "key": "about", "value": "ships"}]}
    assert {each["filename"] for each in searched(wire, store, filters=both)["data"]} <= {"ships.txt"}
    assert searched(wire, store, ranking_options={"ranker": "default-2024-11-15", "score_threshold": 1})["data"] == []


def test_a_query_is_rewritten_where_that_is_asked(wire: Wire) -> None:
    store = wire.post(STORES)["id"]
    asked = "Could you please tell me who feeds the cats?"
    assert searched(wire, store, query=asked, rewrite_query=True)["search_query"] == ["feeds cats"]
    assert searched(wire, store, query=[asked], rewrite_query=False)["search_query"] == [asked]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"query": ""}, "query"),
        ({"query": []}, "query"),
        ({"query": "x" * 4_097}, "query"),
        ({"max_num_results": 51}, "max_num_results"),
        ({"ranking_options": {"ranker": "best"}}, "ranking_options.ranker"),
        ({"filters": {"type": "eq", "key": "a"}}, "filters.value"),
        ({"filters": {"type": "eq", "key": "a", "value": ["b"]}}, "filters.value"),
        ({"filters": {"type": "in", "key": "a", "value": "b"}}, "filters.value"),
        ({"filters": {"type": "and"}}, "filters.filters"),
        ({"filters": {"type": "or", "key": "a", "filters": []}}, "filters.key"),
        ({"filters": {"type": "and", "filters": [{"type": "like"}]}}, "filters.filters[0].type"),
    ],
)
def test_a_bad_search_is_refused_by_the_name_of_the_field(wire: Wire, body: dict[str, Any], param: str) -> None:
    store = wire.post(STORES)["id"]
    assert wire.refused(400, "POST", SEARCH, {"query": "a", **body}, vector_store_id=store)["param"] == param


def test_filters_without_end_are_refused(wire: Wire) -> None:
    store = wire.post(STORES)["id"]
    deep: dict[str, Any] = {"type": "eq", "key": "a", "value": "b"}
    wide = {"type": "or", "filters": [{"type": "and", "filters": [deep] * 60}] * 2}
    for _ in range(8):
        deep = {"type": "and", "filters": [deep]}
    for filters in (deep, wide):
        error = wire.refused(400, "POST", SEARCH, {"query": "a", "filters": filters}, vector_store_id=store)
        assert error["param"].startswith("filters")


# Assistants, threads, messages


def test_a_store_is_made_with_an_assistant_or_a_thread(wire: Wire) -> None:
    file = wire.upload(CATS, "cats.txt")["id"]
    made = {"file_search": {"vector_stores": [{"file_ids": [file], "metadata": {"a": "b"}}]}}
    assistant = wire.post(ASSISTANTS, {"model": "gpt-4o", "tools": [{"type": "file_search"}], "tool_resources": made})
    thread = wire.post(THREADS, {"tool_resources": made})
    for owner, days in ((assistant, None), (thread, 7)):
        store = wire.get(STORE, vector_store_id=store_of(owner))
        assert (store["metadata"], store["file_counts"]["total"]) == ({"a": "b"}, 1)
        assert store.get("expires_after", {}).get("days") == days
    wire.delete(THREAD, thread_id=thread["id"])
    wire.refused(404, "GET", STORE, vector_store_id=store_of(thread))
    wire.delete(ASSISTANT, assistant_id=assistant["id"])
    wire.get(STORE, vector_store_id=store_of(assistant))


@pytest.mark.parametrize(
    ("search", "status"),
    [
        ({"vector_store_ids": [NOWHERE]}, 404),
        ({"vector_store_ids": ["vs_1"], "vector_stores": [{}]}, 400),
        ({"vector_stores": [{}, {}]}, 400),
        ({"vector_stores": [{"file_ids": ["file-1"] * 10_001}]}, 400),
        ({"vector_stores": [{"file_ids": [NO_FILE]}]}, 404),
        ({"vector_stores": [{"chunking_strategy": {"type": "static"}}]}, 400),
    ],
)
def test_stores_that_can_not_be_are_refused(wire: Wire, search: dict[str, Any], status: int) -> None:
    resources = {"tool_resources": {"file_search": search}}
    wire.refused(status, "POST", ASSISTANTS, {"model": "gpt-4o", **resources})
    wire.refused(status, "POST", THREADS, resources)
    assistant = wire.post(ASSISTANTS, {"model": "gpt-4o", "instructions": "Hi."})["id"]
    wire.refused(status, "POST", THREAD_AND_RUN, {"assistant_id": assistant, "thread": resources})
    changed = 404 if status == 404 and "vector_store_ids" in search else 400
    wire.refused(changed, "POST", ASSISTANT, resources, assistant_id=assistant)
    wire.refused(changed, "POST", THREAD_AND_RUN, {"assistant_id": assistant, **resources})


def test_what_messages_bring_along_goes_into_one_store_of_the_thread(wire: Wire) -> None:
    first, second, third, mounted = [wire.upload(str(n).encode() * 9, f"{n}.txt")["id"] for n in range(4)]
    thread = wire.post(THREADS, {"messages": [attached(first)]})
    store, of = store_of(thread), {"thread_id": thread["id"]}
    assert wire.get(STORE, vector_store_id=store)["expires_after"] == {"anchor": "last_active_at", "days": 7}
    wire.post(MESSAGES, attached(second), **of)
    wire.post(MESSAGES, attached(mounted, "code_interpreter"), **of)
    assistant = wire.post(ASSISTANTS, {"model": "gpt-4o"})["id"]
    run = wire.post(RUNS, {"assistant_id": assistant, "additional_messages": [attached(third)]}, **of)
    assert run["status"] == "queued"
    assert store_of(wire.get(THREAD, **of)) == store
    files = wire.get(STORE_FILES, {"order": "asc"}, vector_store_id=store)["data"]
    assert [file["id"] for file in files] == [first, second, third]


def test_a_message_fills_the_store_that_its_thread_names_and_leaves_it_when_the_thread_goes(wire: Wire) -> None:
    file = wire.upload(CATS, "cats.txt")["id"]
    named = wire.post(STORES)["id"]
    thread = wire.post(THREADS, {"tool_resources": {"file_search": {"vector_store_ids": [named]}}})["id"]
    wire.post(MESSAGES, attached(file), thread_id=thread)
    wire.delete(THREAD, thread_id=thread)
    assert wire.get(STORE, vector_store_id=named)["file_counts"]["total"] == 1


def test_a_thread_that_is_made_with_its_run_has_its_store_at_once(wire: Wire) -> None:
    file = wire.upload(CATS, "cats.txt")["id"]
    assistant = wire.post(ASSISTANTS, {"model": "gpt-4o"})["id"]
    run = wire.post(THREAD_AND_RUN, {"assistant_id": assistant, "thread": {"messages": [attached(file)]}})
    store = store_of(wire.get(THREAD, thread_id=run["thread_id"]))
    assert wire.get(STORE_FILE, vector_store_id=store, file_id=file)["vector_store_id"] == store


# The official client


def test_the_official_clients_helpers_work_unchanged(client: OpenAI) -> None:
    store = client.vector_stores.create(name="Papers")
    file = client.vector_stores.files.upload_and_poll(vector_store_id=store.id, file=("cats.txt", CATS))
    assert (file.status, file.last_error) == ("completed", None)
    batch = client.vector_stores.file_batches.upload_and_poll(
        store.id, files=[("ships.txt", SHIPS), ("more.txt", CATS + SHIPS)]
    )
    assert (batch.status, batch.file_counts.completed) == ("completed", 2)
    assert len(list(client.vector_stores.files.list(store.id, limit=1))) == 3
    assert len(list(client.vector_stores.file_batches.list_files(batch.id, vector_store_id=store.id))) == 2
    found = client.vector_stores.search(store.id, query="copper from Valparaiso", max_num_results=3)
    assert {result.filename for result in found.data} >= {"ships.txt"}
    content = client.vector_stores.files.content(file.id, vector_store_id=store.id)
    assert "".join(piece.text or "" for piece in content.data).strip() == CATS.decode().strip()
    client.vector_stores.files.update(file.id, vector_store_id=store.id, attributes={"of": "cats"})
    assert client.vector_stores.files.retrieve(file.id, vector_store_id=store.id).attributes == {"of": "cats"}
    assert client.vector_stores.files.delete(file.id, vector_store_id=store.id).deleted
    assert client.vector_stores.update(store.id, name="Other").name == "Other"
    assert client.vector_stores.delete(store.id).deleted


def test_those_that_poll_are_told_when_to_look_again(wire: Wire) -> None:
    file = wire.upload(CATS * 100, "cats.txt")["id"]
    store = wire.post(STORES)["id"]
    answer = wire.call("POST", BATCHES, {"file_ids": [file]}, vector_store_id=store)
    assert 100 <= int(answer.headers["openai-poll-after-ms"]) <= 500
