// Vector stores: made, filled file by file and in batches, listed, changed, searched, deleted.
import assert from "node:assert/strict";
import OpenAI, { NotFoundError, toFile } from "openai";

const client = new OpenAI();
const { files, vectorStores } = client;
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

const days = { anchor: "last_active_at", days: 3 };
const store = await vectorStores.create({ name: "Harbour", expires_after: days, metadata: { of: "port" } });
assert.deepEqual([store.object, store.name, store.status], ["vector_store", "Harbour", "completed"]);
assert.equal(store.expires_at - store.last_active_at, 3 * 24 * 3600);
assert.deepEqual(await vectorStores.retrieve(store.id), store);
assert.equal((await vectorStores.update(store.id, { name: "Port" })).name, "Port");
const other = await vectorStores.create({ file_ids: [await upload("a.txt", CATS)] });
const listed = await all(vectorStores.list({ limit: 1 }));
assert.ok(listed.indexOf(other.id) < listed.indexOf(store.id));

// Files, one by one
const of = { vector_store_id: store.id };
const cats = await vectorStores.files.uploadAndPoll(store.id, await named("cats.txt", CATS));
assert.deepEqual([cats.status, cats.last_error, cats.vector_store_id], ["completed", null, store.id]);
const attributes = { tons: 5 };
const started = await vectorStores.files.create(store.id, { file_id: await upload("ships.txt", SHIPS), attributes });
assert.equal(started.status, "in_progress");
const ships = await vectorStores.files.poll(store.id, started.id);
assert.deepEqual([ships.status, ships.attributes], ["completed", attributes]);
const blank = await vectorStores.files.createAndPoll(store.id, { file_id: await upload("blank.txt", " \n") });
assert.deepEqual([blank.status, blank.last_error.code], ["failed", "invalid_file"]);
assert.deepEqual(await all(vectorStores.files.list(store.id, { order: "asc", limit: 2 })), [cats.id, ships.id, blank.id]);
assert.deepEqual(await all(vectorStores.files.list(store.id, { filter: "failed" })), [blank.id]);
assert.equal((await vectorStores.files.delete(blank.id, of)).deleted, true);
await assert.rejects(vectorStores.files.retrieve(blank.id, of), NotFoundError);

// Files in batches
const batch = await vectorStores.fileBatches.uploadAndPoll(store.id, {
  files: [await named("more.txt", CATS + SHIPS), await named("again.txt", SHIPS + CATS)],
  fileIds: [cats.id],
});
assert.deepEqual([batch.status, batch.file_counts.completed, batch.file_counts.total], ["completed", 3, 3]);
assert.deepEqual(await vectorStores.fileBatches.retrieve(batch.id, of), batch);
const inside = await all(vectorStores.fileBatches.listFiles(batch.id, of));
const names = await Promise.all(inside.map(async (id) => (await files.retrieve(id)).filename));
assert.deepEqual(names.sort(), ["again.txt", "cats.txt", "more.txt"]);
const file_ids = await Promise.all([0, 1, 2, 3, 4].map((n) => upload(`${n}.txt`, SHIPS.repeat(500))));
const many = await vectorStores.fileBatches.create(other.id, { file_ids });
const ended = await vectorStores.fileBatches.cancel(many.id, { vector_store_id: other.id });
const { cancelled, completed, in_progress } = ended.file_counts; // some may have been read; none is read after it
assert.deepEqual([in_progress, cancelled + completed], [0, 5]);
assert.equal(ended.status, cancelled ? "cancelled" : "completed");

// Searches, attributes, content
const query = "What do freighters from Valparaiso carry?";
const [best] = (await vectorStores.search(store.id, { query, max_num_results: 1 })).data;
assert.ok(best.content[0].text.includes("copper") && best.score > 0 && best.score <= 1);
const updated = await vectorStores.files.update(cats.id, { ...of, attributes: { animal: true } });
assert.deepEqual(updated.attributes, { animal: true });
const filters = { type: "eq", key: "animal", value: true };
const [only] = (await vectorStores.search(store.id, { query: ["cats", "lighthouse"], filters })).data;
assert.deepEqual([only.filename, only.attributes], ["cats.txt", { animal: true }]);
let content = "";
for await (const part of vectorStores.files.content(cats.id, of)) content += part.text;
assert.equal(content, CATS);

const gone = await vectorStores.delete(store.id);
assert.deepEqual([gone.object, gone.deleted], ["vector_store.deleted", true]);
await assert.rejects(vectorStores.retrieve(store.id), NotFoundError);
assert.equal((await files.retrieve(cats.id)).id, cats.id);
