// npm's 4.x: files, from their upload to their end.
import assert from "node:assert/strict";
import OpenAI, { toFile } from "openai";

const { files } = new OpenAI();
const file = await files.create({ file: await toFile(Buffer.from("Some notes."), "notes.txt"), purpose: "assistants" });
assert.ok(file.id.startsWith("file-"), file.id);
assert.deepEqual([file.object, file.filename, file.bytes, file.purpose], ["file", "notes.txt", 11, "assistants"]);
assert.equal((await files.retrieve(file.id)).filename, "notes.txt");
const listed = [];
for await (const each of files.list({ purpose: "assistants" })) listed.push(each.id);
assert.ok(listed.includes(file.id));
assert.equal(await (await files.content(file.id)).text(), "Some notes.");
assert.equal((await files.waitForProcessing(file.id)).status, "processed");
assert.equal((await files.del(file.id)).deleted, true);
await assert.rejects(files.retrieve(file.id), (error) => {
  assert.ok(error instanceof OpenAI.NotFoundError, String(error));
  assert.ok(error.message.includes(`No such File object: ${file.id}`), error.message);
  return true;
});
