// Make, read, change, list and delete every kind of object; walk long lists.
import assert from "node:assert/strict";
import OpenAI from "openai";

const { beta, models } = new OpenAI();

const names = [];
for await (const model of models.list()) names.push(model.id);
assert.ok(names.length > 0);
assert.equal((await models.retrieve(names[0])).id, names[0]);

const tool = {
  type: "function",
  function: { name: "get_weather", description: "Of a city.", parameters: { type: "object", properties: {} } },
};
const assistant = await beta.assistants.create({
  model: "gpt-4o",
  name: "Tutor",
  description: "Teaches.",
  instructions: "You teach.",
  tools: [tool],
  metadata: { team: "blue" },
  temperature: 0.25,
  top_p: 0.5,
});
assert.equal(assistant.object, "assistant");
assert.equal(assistant.name, "Tutor");
assert.equal(assistant.description, "Teaches.");
assert.equal(assistant.instructions, "You teach.");
assert.equal(assistant.tools[0].function.name, "get_weather");
assert.deepEqual(assistant.metadata, { team: "blue" });
assert.equal(assistant.temperature, 0.25);
assert.equal(assistant.top_p, 0.5);
assert.deepEqual(await beta.assistants.retrieve(assistant.id), assistant);
const changed = await beta.assistants.update(assistant.id, { name: null, metadata: { team: "red" } });
assert.equal(changed.name, null);
assert.deepEqual(changed.metadata, { team: "red" });
assert.equal(changed.instructions, "You teach.");

const newest = await beta.assistants.list({ limit: 1 });
assert.deepEqual(newest.data, [changed]);

const thread = await beta.threads.create({
  messages: Array.from({ length: 120 }, (_, number) => ({ role: "user", content: `message ${number}` })),
  metadata: { a: "b" },
});
assert.deepEqual(await beta.threads.retrieve(thread.id), thread);
assert.deepEqual((await beta.threads.update(thread.id, { metadata: { a: "c" } })).metadata, { a: "c" });

const seen = [];
for await (const message of beta.threads.messages.list(thread.id, { order: "asc", limit: 50 })) {
  seen.push(message.content[0].text.value);
}
assert.deepEqual(seen, Array.from({ length: 120 }, (_, number) => `message ${number}`));
const page = await beta.threads.messages.list(thread.id);
assert.equal(page.data.length, 20);
assert.ok(page.hasNextPage());
assert.equal((await page.getNextPage()).data[0].content[0].text.value, "message 99");

const message = await beta.threads.messages.create(thread.id, { role: "user", content: "one more 🧵" });
assert.equal(message.content[0].text.value, "one more 🧵");
assert.deepEqual(await beta.threads.messages.retrieve(message.id, { thread_id: thread.id }), message);
const marked = await beta.threads.messages.update(message.id, { thread_id: thread.id, metadata: { seen: "yes" } });
assert.deepEqual(marked.metadata, { seen: "yes" });
const gone = await beta.threads.messages.delete(message.id, { thread_id: thread.id });
assert.deepEqual(gone, { id: message.id, object: "thread.message.deleted", deleted: true });

assert.equal((await beta.threads.delete(thread.id)).object, "thread.deleted");
assert.equal((await beta.assistants.delete(assistant.id)).object, "assistant.deleted");
await assert.rejects(beta.assistants.retrieve(assistant.id), OpenAI.NotFoundError);
