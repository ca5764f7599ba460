// Upload files whole and in parts, list, download and delete them; give them to an assistant.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import OpenAI, { toFile } from "openai";

const client = new OpenAI();
const content = Buffer.alloc(256_000, Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)));

const made = await client.files.create({ file: await toFile(content, "näme 🧵.bin"), purpose: "assistants" });
assert.ok(made.id.startsWith("file-"), made.id);
assert.equal(made.object, "file");
assert.equal(made.bytes, content.length);
assert.equal(made.filename, "näme 🧵.bin");
assert.equal(made.status, "processed");
assert.deepEqual(await client.files.retrieve(made.id), made);
const answer = await client.files.content(made.id);
assert.deepEqual(Buffer.from(await answer.arrayBuffer()), content);

const folder = mkdtempSync(join(tmpdir(), "files-"));
const path = join(folder, 'say "hi".txt');
writeFileSync(path, "from a path");
const streamed = await client.files.create({ file: createReadStream(path), purpose: "vision" });
rmSync(folder, { recursive: true });
assert.equal(streamed.filename, 'say "hi".txt');
assert.equal(await (await client.files.content(streamed.id)).text(), "from a path");

const listed = [];
for await (const file of client.files.list({ limit: 2 })) {
  listed.push(file.id);
  if (listed.length === 5) break;
}
assert.deepEqual(listed.slice(0, 2), [streamed.id, made.id]);
const visions = (await client.files.list({ purpose: "vision" })).data.map((file) => file.id);
assert.ok(visions.includes(streamed.id) && !visions.includes(made.id));

const assistant = await client.beta.assistants.create({
  model: "gpt-4o",
  tools: [{ type: "code_interpreter" }],
  tool_resources: { code_interpreter: { file_ids: [made.id, streamed.id] } },
});
const remove = (id) => (client.files.delete ?? client.files.del).call(client.files, id);
assert.deepEqual(await remove(made.id), { id: made.id, object: "file", deleted: true });
const left = await client.beta.assistants.retrieve(assistant.id);
assert.deepEqual(left.tool_resources.code_interpreter.file_ids, [streamed.id]);
await assert.rejects(client.files.retrieve(made.id), (error) => {
  assert.ok(error instanceof OpenAI.NotFoundError);
  assert.ok(error.message.includes(`No such File object: ${made.id}`), error.message);
  return error.param === "id";
});

if (client.uploads) {
  const wanted = { filename: "parts.bin", purpose: "assistants", bytes: content.length, mime_type: "text/plain" };
  const upload = await client.uploads.create(wanted);
  const halves = [content.subarray(0, 100_000), content.subarray(100_000)];
  const parts = await Promise.all(
    halves.map(async (data) => client.uploads.parts.create(upload.id, { data: await toFile(data, "part") })),
  );
  const done = await client.uploads.complete(upload.id, {
    part_ids: parts.map((part) => part.id),
    md5: createHash("md5").update(content).digest("hex"),
  });
  assert.equal(done.status, "completed");
  assert.deepEqual(Buffer.from(await (await client.files.content(done.file.id)).arrayBuffer()), content);
  await assert.rejects(client.uploads.cancel(upload.id), OpenAI.BadRequestError);
}
