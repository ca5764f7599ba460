"""Vector stores: made, filled file by file and in batches, listed, changed, searched, deleted."""

import asyncio

from openai import AsyncOpenAI, NotFoundError, OpenAI

client = OpenAI()
stores = getattr(client, "vector_stores", None) or client.beta.vector_stores
has_searches = hasattr(stores, "search")  # older libraries have neither these nor attributes nor content

CATS = b"The cats of the harbour are fed at dawn by the keeper of the lighthouse."
SHIPS = b"Freighters from Valparaiso carry copper and anchor beyond the third buoy."
STATIC = {"type": "static", "static": {"max_chunk_size_tokens": 200, "chunk_overlap_tokens": 100}}


def upload(name, content):
    return client.files.create(file=(name, content), purpose="assistants").id


def expect_not_found(read, message):
    try:
        read()
        raise SystemExit("what was deleted could be read")
    except NotFoundError as error:
        assert message in str(error), error


# Stores

store = stores.create(name="Harbour", expires_after={"anchor": "last_active_at", "days": 3}, metadata={"of": "port"})
assert store.id.startswith("vs_"), store
assert (store.object, store.name, store.status) == ("vector_store", "Harbour", "completed"), store
assert (store.file_counts.total, store.usage_bytes, store.metadata) == (0, 0, {"of": "port"}), store
assert (store.expires_after.days, store.expires_at - store.last_active_at) == (3, 3 * 24 * 3600), store
assert stores.retrieve(store.id).id == store.id
changed = stores.update(store.id, name="Port", metadata={"of": "harbour"}, expires_after=None)
assert (changed.name, changed.metadata, changed.expires_at) == ("Port", {"of": "harbour"}, None), changed
others = [stores.create(file_ids=[upload("a.txt", CATS)]).id for _ in range(2)]
listed = [each.id for each in stores.list(limit=1)]
assert listed.index(others[1]) < listed.index(others[0]) < listed.index(store.id), listed
assert stores.list(order="asc", after=store.id, limit=1).data[0].id == others[0]

# Files, one by one

cats = stores.files.upload_and_poll(vector_store_id=store.id, file=("cats.txt", CATS))
assert (cats.object, cats.status, cats.last_error) == ("vector_store.file", "completed", None), cats
assert (cats.vector_store_id, cats.usage_bytes > 0) == (store.id, True), cats
started = stores.files.create(
    store.id, file_id=upload("ships.txt", SHIPS), extra_body={"chunking_strategy": STATIC, "attributes": {"tons": 5}}
)
assert (started.status, started.chunking_strategy.to_dict()) == ("in_progress", STATIC), started
ships = stores.files.poll(started.id, vector_store_id=store.id)
assert (ships.status, ships.to_dict()["attributes"]) == ("completed", {"tons": 5}), ships
assert stores.files.retrieve(ships.id, vector_store_id=store.id) == ships
blank = stores.files.create_and_poll(vector_store_id=store.id, file_id=upload("blank.txt", b" \n"))
assert (blank.status, blank.last_error.code) == ("failed", "invalid_file"), blank
assert [file.id for file in stores.files.list(store.id, order="asc", limit=2)] == [cats.id, ships.id, blank.id]
assert [file.id for file in stores.files.list(store.id, filter="failed")] == [blank.id]
gone = stores.files.delete(blank.id, vector_store_id=store.id)
assert (gone.id, gone.object, gone.deleted) == (blank.id, "vector_store.file.deleted", True), gone
expect_not_found(lambda: stores.files.retrieve(blank.id, vector_store_id=store.id), blank.id)
assert client.files.retrieve(blank.id).id == blank.id, "it has left the store alone"
assert stores.retrieve(store.id).file_counts.completed == 2, stores.retrieve(store.id)

# Files in batches

batch = stores.file_batches.upload_and_poll(
    store.id, files=[("more.txt", CATS + SHIPS), ("again.txt", SHIPS + CATS)], file_ids=[cats.id]
)
assert (batch.object, batch.vector_store_id) == ("vector_store.files_batch", store.id), batch
assert (batch.status, batch.file_counts.completed, batch.file_counts.total) == ("completed", 3, 3), batch
assert stores.file_batches.retrieve(batch.id, vector_store_id=store.id) == batch
inside = [file.id for file in stores.file_batches.list_files(batch.id, vector_store_id=store.id, filter="completed")]
names = {client.files.retrieve(file).filename for file in inside}
assert names == {"more.txt", "again.txt", "cats.txt"}, names


async def asynchronous():
    later = AsyncOpenAI()
    of = getattr(later, "vector_stores", None) or later.beta.vector_stores
    return await of.file_batches.upload_and_poll(others[0], files=[("b.txt", SHIPS), ("c.txt", SHIPS + SHIPS)])


batch = asyncio.run(asynchronous())
assert (batch.status, batch.file_counts.completed) == ("completed", 2), batch

many = stores.file_batches.create(others[1], file_ids=[upload(f"{n}.txt", SHIPS * 500) for n in range(5)])
ended = stores.file_batches.cancel(many.id, vector_store_id=others[1])
counts = ended.file_counts  # some may have been read by now; none is read after it
assert (counts.in_progress, counts.completed + counts.cancelled, counts.total) == (0, 5, 5), ended
assert ended.status == ("cancelled" if counts.cancelled else "completed"), ended
assert stores.file_batches.retrieve(many.id, vector_store_id=others[1]) == ended

# Searches, attributes, content

if has_searches:
    found = stores.search(store.id, query="What do freighters from Valparaiso carry?", max_num_results=1)
    (best,) = found.data
    assert found.to_dict()["search_query"] == ["What do freighters from Valparaiso carry?"], found
    assert "copper" in best.content[0].text, best
    assert 0 < best.score <= 1, best
    updated = stores.files.update(cats.id, vector_store_id=store.id, attributes={"animal": True, "legs": 4})
    assert updated.attributes == {"animal": True, "legs": 4}, updated
    only = {"type": "and", "filters": [{"type": "eq", "key": "animal", "value": True}]}
    (best,) = stores.search(store.id, query=["cats", "lighthouse"], filters=only, rewrite_query=True)
    assert (best.filename, best.file_id, best.attributes) == ("cats.txt", cats.id, updated.attributes), best
    content = stores.files.content(cats.id, vector_store_id=store.id)
    assert "".join(part.text for part in content) == CATS.decode(), content

# The end of it all

gone = stores.delete(store.id)
assert (gone.id, gone.object, gone.deleted) == (store.id, "vector_store.deleted", True), gone
expect_not_found(lambda: stores.retrieve(store.id), store.id)
expect_not_found(lambda: stores.files.list(store.id), store.id)
assert client.files.retrieve(cats.id).id == cats.id, "a store's files outlive it"
