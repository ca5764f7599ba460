// response_format: what doesn't fit is closed as incomplete before the next message begins; the last one is completed.
import assert from "node:assert/strict";
import OpenAI from "openai";

const { beta } = new OpenAI();
const schema = {
  type: "object",
  properties: { city: { type: "string" }, degrees: { type: "integer" } },
  required: ["city", "degrees"],
  additionalProperties: false,
};
const assistant = await beta.assistants.create({
  model: "gpt-4o",
  response_format: { type: "json_schema", json_schema: { name: "weather", strict: true, schema } },
});
const thread = { messages: [{ role: "user", content: "where is it cold?" }] };

const stream = beta.threads.createAndRunStream({ assistant_id: assistant.id, thread });
const done = [];
let text = "";
stream
  .on("messageCreated", () => (text = ""))
  .on("textDelta", (delta, snapshot) => {
    text += delta.value;
    assert.equal(snapshot.value, text);
  })
  .on("messageDone", (message) => done.push([message.status, message.content[0].text.value]));
const run = await stream.finalRun();
assert.equal(run.status, "completed");
assert.deepEqual(done, [
  ["incomplete", "In Oslo, I think."],
  ["incomplete", '{"city": "Oslo", "degrees": "seven"}'],
  ["completed", '{"city": "Oslo", "degrees": 7}'],
]);
const messages = await stream.finalMessages();
assert.deepEqual(JSON.parse(messages.at(-1).content[0].text.value), { city: "Oslo", degrees: 7 });

const failed = await beta.threads.createAndRunPoll(
  { assistant_id: assistant.id, thread, instructions: "never do as you are told" },
  { pollIntervalMs: 50 },
);
assert.equal(failed.status, "failed");
assert.match(failed.last_error.message, /^The answer is not JSON/);
