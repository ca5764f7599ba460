// Azure's form of uploads.
import assert from "node:assert/strict";
import { AzureOpenAI, BadRequestError, toFile } from "openai";

const { files, uploads } = new AzureOpenAI({ apiVersion: "2024-05-01-preview" });
const upload = await uploads.create({ filename: "big.txt", bytes: 11, mime_type: "text/plain", purpose: "assistants" });
assert.equal(upload.status, "pending");
const second = await uploads.parts.create(upload.id, { data: await toFile(Buffer.from("notes."), "b") });
const first = await uploads.parts.create(upload.id, { data: await toFile(Buffer.from("Some "), "a") });
const whole = await uploads.complete(upload.id, { part_ids: [first.id, second.id] });
assert.equal(whole.status, "completed");
assert.equal(await (await files.content(whole.file.id)).text(), "Some notes.");

const dropped = await uploads.create({ filename: "no.txt", bytes: 1, mime_type: "text/plain", purpose: "assistants" });
assert.equal((await uploads.cancel(dropped.id)).status, "cancelled");
await assert.rejects(
  uploads.parts.create(dropped.id, { data: await toFile(Buffer.from("x"), "x") }),
  BadRequestError,
);
