// npm's 4.x, ids one after the other: make, read, change, list and delete every kind of object.
import assert from "node:assert/strict";
import OpenAI from "openai";

const { beta, models } = new OpenAI();
const { assistants, threads } = beta;

const names = [];
for await (const model of models.list()) names.push(model.id);
assert.ok(names.length > 0);
assert.equal((await models.retrieve(names[0])).id, names[0]);

// Assistants
const tool = {
  type: "function",
  function: { name: "get_weather", description: "Of a city.", parameters: { type: "object", properties: {} } },
};
const assistant = await assistants.create({
  model: "gpt-4-turbo",
  name: "Tutor",
  description: "Teaches.",
  instructions: "You teach. Ünïcödé 🎓",
  tools: [tool, { type: "code_interpreter" }],
  metadata: { team: "blue" },
});
assert.equal(assistant.object, "assistant");
assert.deepEqual(
  [assistant.name, assistant.description, assistant.instructions],
  ["Tutor", "Teaches.", "You teach. Ünïcödé 🎓"],
);
assert.deepEqual(assistant.tools.map((each) => each.type), ["function", "code_interpreter"]);
assert.equal(assistant.tools[0].function.name, "get_weather");
assert.deepEqual(assistant.metadata, { team: "blue" });
assert.deepEqual(await assistants.retrieve(assistant.id), assistant);
const changed = await assistants.update(assistant.id, { name: null, metadata: { team: "red" } });
assert.deepEqual([changed.name, changed.metadata, changed.instructions], [null, { team: "red" }, assistant.instructions]);
assert.deepEqual((await assistants.list({ limit: 1 })).data, [changed]);

// Threads
const thread = await threads.create({
  messages: Array.from({ length: 120 }, (_, number) => ({ role: "user", content: `message ${number}` })),
  metadata: { a: "b" },
});
assert.deepEqual(await threads.retrieve(thread.id), thread);
assert.deepEqual((await threads.update(thread.id, { metadata: { a: "c" } })).metadata, { a: "c" });

// Messages, and long lists of them
const seen = [];
for await (const message of threads.messages.list(thread.id, { order: "asc", limit: 50 })) {
  seen.push(message.content[0].text.value);
}
assert.deepEqual(seen, Array.from({ length: 120 }, (_, number) => `message ${number}`));
const page = await threads.messages.list(thread.id);
assert.equal(page.data.length, 20);
assert.ok(page.hasNextPage());
assert.equal((await page.getNextPage()).data[0].content[0].text.value, "message 99");
const message = await threads.messages.create(thread.id, { role: "user", content: "one more 🧵" });
assert.equal(message.content[0].text.value, "one more 🧵");
assert.deepEqual(await threads.messages.retrieve(thread.id, message.id), message);
const marked = await threads.messages.update(thread.id, message.id, { metadata: { seen: "yes" } });
assert.deepEqual(marked.metadata, { seen: "yes" });

// Runs
const run = await threads.runs.createAndPoll(thread.id, { assistant_id: assistant.id }, { pollIntervalMs: 50 });
assert.equal(run.status, "completed");
assert.deepEqual((await threads.runs.update(thread.id, run.id, { metadata: { a: "d" } })).metadata, { a: "d" });
assert.deepEqual((await threads.runs.list(thread.id)).data.map((each) => each.id), [run.id]);

assert.equal((await threads.del(thread.id)).object, "thread.deleted");
assert.equal((await assistants.del(assistant.id)).object, "assistant.deleted");
await assert.rejects(assistants.retrieve(assistant.id), OpenAI.NotFoundError);
await assert.rejects(threads.messages.list(thread.id), OpenAI.NotFoundError);
