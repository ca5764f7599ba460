"""Azure's form of vector stores."""

from openai import AzureOpenAI, NotFoundError

client = AzureOpenAI(api_version="2024-05-01-preview")
stores = client.vector_stores
CATS = b"The cats of the harbour are fed at dawn by the keeper of the lighthouse."
SHIPS = b"Freighters from Valparaiso carry copper and anchor beyond the third buoy."

store = stores.create(name="Harbour")
assert stores.retrieve(store.id) == store
assert stores.update(store.id, name="Port").name == "Port"
assert stores.list(limit=1).data[0].id == store.id

# Files and batches

cats = stores.files.upload_and_poll(vector_store_id=store.id, file=("cats.txt", CATS))
assert (cats.status, cats.last_error) == ("completed", None), cats
assert stores.files.retrieve(cats.id, vector_store_id=store.id) == cats
updated = stores.files.update(cats.id, vector_store_id=store.id, attributes={"animal": True})
assert updated.attributes == {"animal": True}, updated
batch = stores.file_batches.upload_and_poll(store.id, files=[("ships.txt", SHIPS)])
assert (batch.status, batch.file_counts.completed) == ("completed", 1), batch
assert stores.file_batches.retrieve(batch.id, vector_store_id=store.id) == batch
(ships,) = stores.file_batches.list_files(batch.id, vector_store_id=store.id)
assert [file.id for file in stores.files.list(store.id)] == [ships.id, cats.id]
assert stores.file_batches.cancel(batch.id, vector_store_id=store.id) == batch, "its file has been read"

# Searches and content

only = {"type": "eq", "key": "animal", "value": True}
(best,) = stores.search(store.id, query="Who feeds the cats?", filters=only)
assert (best.filename, best.content[0].text) == ("cats.txt", CATS.decode()), best
content = stores.files.content(ships.id, vector_store_id=store.id)
assert "".join(part.text for part in content) == SHIPS.decode(), content

# The end of it all

assert stores.files.delete(cats.id, vector_store_id=store.id).deleted
assert stores.delete(store.id).deleted
try:
    stores.retrieve(store.id)
    raise SystemExit("a deleted vector store could be read")
except NotFoundError as error:
    assert store.id in str(error), error
