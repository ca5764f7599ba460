// Messages with pictures: the parts come back as they were sent, and a run goes over them.
import assert from "node:assert/strict";
import OpenAI from "openai";

const { beta } = new OpenAI();
const { threads } = beta;
const assistant = await beta.assistants.create({ model: "gpt-4o", instructions: "Look." });
const thread = await threads.create();
const message = await threads.messages.create(thread.id, {
  role: "user",
  content: [
    { type: "text", text: "say hello to this picture" },
    { type: "image_url", image_url: { url: "https://example.com/cat.png", detail: "low" } },
    { type: "text", text: "and to this" },
    { type: "image_url", image_url: { url: "https://example.com/dog.png" } },
  ],
});
assert.deepEqual(message.content, [
  { type: "text", text: { value: "say hello to this picture", annotations: [] } },
  { type: "image_url", image_url: { url: "https://example.com/cat.png", detail: "low" } },
  { type: "text", text: { value: "and to this", annotations: [] } },
  { type: "image_url", image_url: { url: "https://example.com/dog.png", detail: "auto" } },
]);
assert.deepEqual(await threads.messages.retrieve(message.id, { thread_id: thread.id }), message);

const run = await threads.runs.createAndPoll(thread.id, { assistant_id: assistant.id }, { pollIntervalMs: 50 });
assert.equal(run.status, "completed");
assert.equal((await threads.messages.list(thread.id)).data.length, 2);

for (const [content, param] of [
  [[{ type: "image_url", image_url: {} }], "content[0].image_url.url"],
  [[{ type: "text", text: "a" }, { type: "video" }], "content[1].type"],
  [[], "content"],
]) {
  await assert.rejects(threads.messages.create(thread.id, { role: "user", content }), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError, String(error));
    assert.equal(error.param, param);
    return true;
  });
}
assert.equal((await threads.messages.list(thread.id)).data.length, 2);
