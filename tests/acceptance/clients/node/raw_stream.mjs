// `stream: true`: the events themselves, without a helper.
import assert from "node:assert/strict";
import OpenAI from "openai";

const { beta } = new OpenAI();
const { threads } = beta;
const assistant = await beta.assistants.create({
  model: "gpt-4o",
  tools: [{ type: "function", function: { name: "get_weather", parameters: { type: "object", properties: {} } } }],
});

let thread = await threads.create({ messages: [{ role: "user", content: "say hello" }] });
let text = "";
let names = [];
for await (const event of await threads.runs.create(thread.id, { assistant_id: assistant.id, stream: true })) {
  names.push(event.event);
  if (event.event === "thread.message.delta") text += event.data.delta.content[0].text.value;
  if (event.event === "thread.message.completed") assert.equal(event.data.content[0].text.value, text);
  if (event.event === "thread.run.completed") assert.equal(event.data.usage.total_tokens, 19);
}
assert.equal(text, "Hello! This is a reply that comes in several pieces.");
assert.deepEqual(names.filter((name) => name !== "thread.message.delta"), [
  "thread.run.created",
  "thread.run.queued",
  "thread.run.in_progress",
  "thread.run.step.created",
  "thread.run.step.in_progress",
  "thread.message.created",
  "thread.message.in_progress",
  "thread.message.completed",
  "thread.run.step.completed",
  "thread.run.completed",
]);

// A thread made on the way
names = [];
let run;
let threadId;
for await (const event of await threads.createAndRun({
  assistant_id: assistant.id,
  thread: { messages: [{ role: "user", content: "weather in Oslo" }] },
  stream: true,
})) {
  names.push(event.event);
  if (event.event === "thread.created") threadId = event.data.id;
  if (event.event === "thread.run.requires_action") run = event.data;
}
assert.equal(names[0], "thread.created");
assert.equal(names.at(-1), "thread.run.requires_action");
assert.equal(run.thread_id, threadId);

// Outputs, streamed
const calls = run.required_action.submit_tool_outputs.tool_calls;
assert.equal(calls.length, 1);
names = [];
for await (const event of await threads.runs.submitToolOutputs(run.id, {
  thread_id: run.thread_id,
  tool_outputs: [{ tool_call_id: calls[0].id, output: "snow" }],
  stream: true,
})) {
  names.push(event.event);
  if (event.event === "thread.run.step.completed" && event.data.type === "tool_calls") {
    assert.equal(event.data.step_details.tool_calls[0].function.output, "snow");
  }
}
assert.equal(names[0], "thread.run.step.completed");
assert.equal(names.at(-1), "thread.run.completed");
const said = (await threads.messages.list(run.thread_id)).data[0].content[0].text.value;
assert.ok(said.includes("snow"), said);

// A reader that leaves stops nothing
thread = await threads.create({ messages: [{ role: "user", content: "say hello" }] });
let left;
for await (const event of await threads.runs.create(thread.id, { assistant_id: assistant.id, stream: true })) {
  left = event.data.id;
  break;
}
run = await threads.runs.poll(left, { thread_id: thread.id }, { pollIntervalMs: 50 });
assert.equal(run.status, "completed");
