// npm's last 4.x: what came with Assistants v2: pictures by address, messages that go, formats of answers.
import assert from "node:assert/strict";
import OpenAI from "openai";

const { assistants, threads } = new OpenAI().beta;

const assistant = await assistants.create({
  model: "gpt-4o",
  temperature: 0.25,
  top_p: 0.5,
  response_format: { type: "json_object" },
  tools: [{ type: "file_search" }],
});
assert.deepEqual([assistant.temperature, assistant.top_p], [0.25, 0.5]);
assert.deepEqual(assistant.response_format, { type: "json_object" });
assert.equal(assistant.tools[0].type, "file_search");

const thread = await threads.create({ messages: [{ role: "assistant", content: "Said before." }] });
const message = await threads.messages.create(thread.id, {
  role: "user",
  content: [
    { type: "text", text: "say hello" },
    { type: "image_url", image_url: { url: "https://example.com/cat.png", detail: "low" } },
  ],
});
assert.deepEqual(message.content[1].image_url, { url: "https://example.com/cat.png", detail: "low" });
assert.deepEqual(message.attachments, []);
const gone = await threads.messages.del(thread.id, message.id);
assert.deepEqual(gone, { id: message.id, object: "thread.message.deleted", deleted: true });
assert.equal((await threads.messages.list(thread.id)).data.length, 1);
