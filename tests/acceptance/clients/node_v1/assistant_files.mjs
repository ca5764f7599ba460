// Assistants v1: the lists of files that assistants and messages have, and lengths of its time.
import assert from "node:assert/strict";
import OpenAI, { toFile } from "openai";

const client = new OpenAI();
const { assistants, threads } = client.beta;
const upload = async (name) =>
  (await client.files.create({ file: await toFile(Buffer.from(name), name), purpose: "assistants" })).id;
const [first, second, third] = [await upload("1.txt"), await upload("2.txt"), await upload("3.txt")];

// An assistant's
const assistant = await assistants.create({
  model: "gpt-4-1106-preview",
  tools: [{ type: "retrieval" }],
  file_ids: [second, first],
});
assert.deepEqual(assistant.file_ids, [second, first]);
assert.deepEqual(assistant.tools, [{ type: "retrieval" }]);
assert.ok(!("tool_resources" in assistant));
const held = await assistants.files.create(assistant.id, { file_id: third });
assert.deepEqual([held.id, held.object, held.assistant_id], [third, "assistant.file", assistant.id]);
assert.deepEqual((await assistants.retrieve(assistant.id)).file_ids, [second, first, third]);
assert.deepEqual(await assistants.files.retrieve(assistant.id, third), held);
const listed = [];
for await (const file of assistants.files.list(assistant.id, { limit: 1 })) listed.push(file.id);
assert.deepEqual(listed.toSorted(), [first, second, third].toSorted());
assert.equal((await assistants.files.del(assistant.id, third)).object, "assistant.file.deleted");
assert.deepEqual((await assistants.update(assistant.id, { name: "Named" })).file_ids, [second, first]);
assert.deepEqual((await assistants.update(assistant.id, { file_ids: [third] })).file_ids, [third]);

// A message's
const thread = await threads.create({ messages: [{ role: "user", content: "say hello", file_ids: [first] }] });
assert.deepEqual((await threads.messages.list(thread.id)).data[0].file_ids, [first]);
const message = await threads.messages.create(thread.id, { role: "user", content: "and this", file_ids: [second] });
assert.deepEqual(message.file_ids, [second]);
assert.ok(!("attachments" in message));
const [only] = (await threads.messages.files.list(thread.id, message.id)).data;
assert.deepEqual([only.id, only.object, only.message_id], [second, "thread.message.file", message.id]);
assert.deepEqual(await threads.messages.files.retrieve(thread.id, message.id, second), only);

// A run's
const run = await threads.runs.createAndPoll(thread.id, { assistant_id: assistant.id }, { pollIntervalMs: 50 });
assert.deepEqual(run.file_ids, [third]);
assert.deepEqual(run.tools, [{ type: "retrieval" }]);

// Too many, too long. Each is asked when its turn comes: a refusal that nobody awaits yet would end the program.
const many = await Promise.all(Array.from({ length: 21 }, (_, number) => upload(`${number} of many.txt`)));
for (const [request, param] of [
  [() => assistants.create({ model: "gpt-4", tools: [{ type: "retrieval" }], file_ids: many }), "file_ids"],
  [() => threads.messages.create(thread.id, { role: "user", content: "x", file_ids: many.slice(10) }), "file_ids"],
  [() => assistants.create({ model: "gpt-4", instructions: "i".repeat(32_769) }), "instructions"],
  [() => threads.messages.create(thread.id, { role: "user", content: "c".repeat(32_769) }), "content"],
]) {
  await assert.rejects(request(), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError, String(error));
    assert.equal(error.param, param);
    return true;
  });
}
