// npm's last 4.x: vector stores, their files and batches, searches.
import assert from "node:assert/strict";
import OpenAI, { toFile } from "openai";

const { files, vectorStores } = new OpenAI();
const CATS = "The cats of the harbour are fed at dawn by the keeper of the lighthouse.";
const SHIPS = "Freighters from Valparaiso carry copper and anchor beyond the third buoy.";

const named = (name, content) => toFile(Buffer.from(content), name);
const upload = async (name, content) =>
  (await files.create({ file: await named(name, content), purpose: "assistants" })).id;
const all = async (pages) => {
  const found = [];
  for await (const each of pages) found.push(each.id);
  return found;
};

const store = await vectorStores.create({ name: "Harbour" });
assert.deepEqual([store.object, store.name, store.status], ["vector_store", "Harbour", "completed"]);
assert.deepEqual(await vectorStores.retrieve(store.id), store);
assert.equal((await vectorStores.update(store.id, { name: "Port" })).name, "Port");
assert.ok((await all(vectorStores.list({ limit: 1 }))).includes(store.id));

const cats = await vectorStores.files.uploadAndPoll(store.id, await named("cats.txt", CATS));
assert.deepEqual([cats.status, cats.last_error], ["completed", null]);
const attributes = { tons: 5 };
const started = await vectorStores.files.create(store.id, { file_id: await upload("ships.txt", SHIPS), attributes });
const ships = await vectorStores.files.poll(store.id, started.id);
assert.deepEqual([ships.status, ships.attributes], ["completed", attributes]);
assert.deepEqual(await vectorStores.files.retrieve(store.id, ships.id), ships);
assert.deepEqual(await all(vectorStores.files.list(store.id, { order: "asc", limit: 1 })), [cats.id, ships.id]);

const batch = await vectorStores.fileBatches.uploadAndPoll(store.id, {
  files: [await named("more.txt", CATS + SHIPS), await named("again.txt", SHIPS + CATS)],
});
assert.deepEqual([batch.status, batch.file_counts.completed], ["completed", 2]);
assert.deepEqual(await vectorStores.fileBatches.retrieve(store.id, batch.id), batch);
assert.equal((await all(vectorStores.fileBatches.listFiles(store.id, batch.id, { limit: 1 }))).length, 2);
const file_ids = await Promise.all([0, 1, 2, 3, 4].map((n) => upload(`${n}.txt`, SHIPS.repeat(500))));
const many = await vectorStores.fileBatches.create(store.id, { file_ids });
const ended = await vectorStores.fileBatches.cancel(store.id, many.id);
const { cancelled, completed, in_progress } = ended.file_counts; // some may have been read; none is read after it
assert.deepEqual([in_progress, cancelled + completed], [0, 5]);
assert.equal(ended.status, cancelled ? "cancelled" : "completed");

const updated = await vectorStores.files.update(store.id, cats.id, { attributes: { animal: true } });
assert.deepEqual(updated.attributes, { animal: true });
const filters = { type: "eq", key: "animal", value: true };
const [best] = (await vectorStores.search(store.id, { query: "Who feeds the cats?", filters })).data;
assert.deepEqual([best.filename, best.attributes], ["cats.txt", { animal: true }]);
let content = "";
for await (const part of vectorStores.files.content(store.id, cats.id)) content += part.text;
assert.equal(content, CATS);

assert.equal((await vectorStores.files.del(store.id, ships.id)).deleted, true);
await assert.rejects(vectorStores.files.retrieve(store.id, ships.id), OpenAI.NotFoundError);
assert.equal((await vectorStores.del(store.id)).deleted, true);
await assert.rejects(vectorStores.retrieve(store.id), OpenAI.NotFoundError);
