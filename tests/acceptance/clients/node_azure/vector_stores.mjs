// Azure's form of vector stores.
import assert from "node:assert/strict";
import { AzureOpenAI, NotFoundError, toFile } from "openai";

const { files, vectorStores } = new AzureOpenAI({ apiVersion: "2024-05-01-preview" });
const CATS = "The cats of the harbour are fed at dawn by the keeper of the lighthouse.";
const SHIPS = "Freighters from Valparaiso carry copper and anchor beyond the third buoy.";
const named = (name, content) => toFile(Buffer.from(content), name);

const store = await vectorStores.create({ name: "Harbour" });
assert.deepEqual(await vectorStores.retrieve(store.id), store);
assert.equal((await vectorStores.update(store.id, { name: "Port" })).name, "Port");
assert.equal((await vectorStores.list({ limit: 1 })).data[0].id, store.id);

const of = { vector_store_id: store.id };
const cats = await vectorStores.files.uploadAndPoll(store.id, await named("cats.txt", CATS));
assert.deepEqual([cats.status, cats.last_error], ["completed", null]);
assert.deepEqual(await vectorStores.files.retrieve(cats.id, of), cats);
const updated = await vectorStores.files.update(cats.id, { ...of, attributes: { animal: true } });
assert.deepEqual(updated.attributes, { animal: true });

const batch = await vectorStores.fileBatches.uploadAndPoll(store.id, { files: [await named("ships.txt", SHIPS)] });
assert.deepEqual([batch.status, batch.file_counts.completed], ["completed", 1]);
assert.deepEqual(await vectorStores.fileBatches.retrieve(batch.id, of), batch);
const [ships] = (await vectorStores.fileBatches.listFiles(batch.id, of)).data;
assert.deepEqual((await vectorStores.files.list(store.id)).data.map((file) => file.id), [ships.id, cats.id]);
assert.deepEqual(await vectorStores.fileBatches.cancel(batch.id, of), batch); // its file has been read

const filters = { type: "eq", key: "animal", value: true };
const [best] = (await vectorStores.search(store.id, { query: "Who feeds the cats?", filters })).data;
assert.deepEqual([best.filename, best.content[0].text], ["cats.txt", CATS]);
let content = "";
for await (const part of vectorStores.files.content(ships.id, of)) content += part.text;
assert.equal(content, SHIPS);

assert.equal((await vectorStores.files.delete(cats.id, of)).deleted, true);
await assert.rejects(vectorStores.files.retrieve(cats.id, of), NotFoundError);
assert.equal((await vectorStores.delete(store.id)).deleted, true);
await assert.rejects(vectorStores.retrieve(store.id), NotFoundError);
