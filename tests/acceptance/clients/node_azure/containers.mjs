// Azure's form of containers.
import assert from "node:assert/strict";
import { AzureOpenAI, NotFoundError, toFile } from "openai";

const { containers, files } = new AzureOpenAI({ apiVersion: "2024-05-01-preview" });
const made = await containers.create({ name: "Work", expires_after: { anchor: "last_active_at", minutes: 5 } });
assert.equal(made.status, "running");
assert.equal((await containers.retrieve(made.id)).id, made.id);
assert.equal((await containers.list({ limit: 1 })).data[0].id, made.id);

const uploaded = await containers.files.create(made.id, { file: await toFile(Buffer.from("Text."), "a.txt") });
assert.equal(uploaded.path, "/mnt/data/a.txt");
assert.equal((await containers.files.retrieve(uploaded.id, { container_id: made.id })).bytes, 5);
const content = await containers.files.content.retrieve(uploaded.id, { container_id: made.id });
assert.equal(await content.text(), "Text.");

const stored = await files.create({ file: await toFile(Buffer.from("Notes."), "notes.txt"), purpose: "assistants" });
const named = await containers.files.create(made.id, { file_id: stored.id });
const paths = [];
for await (const file of containers.files.list(made.id, { limit: 1 })) paths.push(file.path);
assert.deepEqual(paths, [named.path, uploaded.path]);

await containers.files.delete(uploaded.id, { container_id: made.id });
await assert.rejects(containers.files.retrieve(uploaded.id, { container_id: made.id }), NotFoundError);
await containers.delete(made.id);
await assert.rejects(containers.retrieve(made.id), NotFoundError);
