// Azure's form of files.
import assert from "node:assert/strict";
import { AzureOpenAI, NotFoundError, toFile } from "openai";

const { files } = new AzureOpenAI({ apiVersion: "2024-05-01-preview" });
const file = await files.create({ file: await toFile(Buffer.from("Some notes."), "notes.txt"), purpose: "assistants" });
assert.deepEqual([file.filename, file.bytes, file.purpose], ["notes.txt", 11, "assistants"]);
assert.equal((await files.retrieve(file.id)).id, file.id);
const listed = [];
for await (const each of files.list({ purpose: "assistants" })) listed.push(each.id);
assert.ok(listed.includes(file.id));
assert.equal(await (await files.content(file.id)).text(), "Some notes.");
assert.equal((await files.delete(file.id)).deleted, true);
await assert.rejects(files.retrieve(file.id), NotFoundError);
