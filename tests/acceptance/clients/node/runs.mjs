// What a run can be told: overrides, more messages, limits; and how it ends when something goes wrong.
import assert from "node:assert/strict";
import OpenAI from "openai";

const { beta } = new OpenAI();
const { threads } = beta;
const assistant = await beta.assistants.create({
  model: "gpt-4o",
  instructions: "The assistant's own.",
  tools: [{ type: "function", function: { name: "get_weather", parameters: { type: "object", properties: {} } } }],
  temperature: 0.1,
  top_p: 0.2,
});

async function threadWith(...texts) {
  return (await threads.create({ messages: texts.map((text) => ({ role: "user", content: text })) })).id;
}
const finished = (threadId, settings = {}) =>
  threads.runs.createAndPoll(threadId, { assistant_id: assistant.id, ...settings }, { pollIntervalMs: 50 });
const newest = async (threadId) => (await threads.messages.list(threadId)).data[0];

// The assistant's values and the contract's defaults
let threadId = await threadWith("who are you?");
let run = await finished(threadId);
assert.equal(run.status, "completed");
assert.deepEqual([run.model, run.instructions, run.temperature, run.top_p], ["gpt-4o", "The assistant's own.", 0.1, 0.2]);
assert.deepEqual([run.tool_choice, run.response_format, run.parallel_tool_calls], ["auto", "auto", true]);
assert.deepEqual(run.truncation_strategy, { type: "auto", last_messages: null });
assert.equal((await newest(threadId)).content[0].text.value, "The assistant's own.");

// For one run
threadId = await threadWith("who are you?");
run = await finished(threadId, {
  model: "gpt-4",
  instructions: "For this run.",
  additional_instructions: "And more.",
  tools: [],
  temperature: 0.9,
  top_p: 0.8,
  metadata: { of: "run" },
  parallel_tool_calls: false,
  tool_choice: "none",
  response_format: { type: "text" },
  max_prompt_tokens: 5000,
  max_completion_tokens: 4000,
  truncation_strategy: { type: "last_messages", last_messages: 3 },
});
assert.equal(run.status, "completed");
assert.ok(run.instructions.includes("For this run.") && run.instructions.includes("And more."), run.instructions);
assert.deepEqual([run.model, run.tools, run.temperature, run.top_p], ["gpt-4", [], 0.9, 0.8]);
assert.deepEqual([run.metadata, run.parallel_tool_calls, run.tool_choice], [{ of: "run" }, false, "none"]);
assert.deepEqual(run.response_format, { type: "text" });
assert.deepEqual([run.max_prompt_tokens, run.max_completion_tokens], [5000, 4000]);
assert.deepEqual(run.truncation_strategy, { type: "last_messages", last_messages: 3 });
assert.equal((await newest(threadId)).content[0].text.value, "The one of this run.");
assert.deepEqual(await beta.assistants.retrieve(assistant.id), assistant);
const marked = await threads.runs.update(run.id, { thread_id: threadId, metadata: { of: "later" } });
assert.deepEqual(marked.metadata, { of: "later" });

// More messages on the way
threadId = await threadWith("say hello");
await finished(threadId, {
  additional_messages: [
    { role: "assistant", content: "Hello." },
    { role: "user", content: "echo this", metadata: { added: "yes" } },
  ],
});
const listed = (await threads.messages.list(threadId, { order: "asc" })).data;
assert.deepEqual(
  listed.map((message) => message.content[0].text.value),
  ["say hello", "Hello.", "echo this", "You said: echo this"],
);
assert.deepEqual(listed[2].metadata, { added: "yes" });

// A named tool
threadId = await threadWith("weather in Oslo");
run = await finished(threadId, { tool_choice: { type: "function", function: { name: "get_weather" } } });
assert.equal(run.tool_choice.function.name, "get_weather");
assert.equal(run.status, "requires_action");

// Too many tokens
threadId = await threadWith("ramble");
run = await finished(threadId, { max_completion_tokens: 16 });
assert.equal(run.status, "incomplete");
assert.equal(run.incomplete_details.reason, "max_completion_tokens");
assert.ok(run.usage.completion_tokens <= 16);
const message = await newest(threadId);
assert.equal(message.status, "incomplete");
assert.equal(message.incomplete_details.reason, "max_tokens");

// Faults of the model
for (const [text, code] of [
  ["fail with 429", "rate_limit_exceeded"],
  ["fail with 500", "server_error"],
  ["fail unreachable", "server_error"],
]) {
  run = await finished(await threadWith(text));
  assert.equal(run.status, "failed");
  assert.equal(run.last_error.code, code);
  assert.notEqual(run.failed_at, null);
}
threadId = await threadWith("fail in the middle");
run = await finished(threadId);
assert.equal(run.status, "failed");
const broken = await newest(threadId);
assert.equal(broken.incomplete_details.reason, "run_failed");
assert.ok("This answer breaks off somewhere in the middle.".startsWith(broken.content[0].text.value));
const [step] = (await threads.runs.steps.list(run.id, { thread_id: threadId })).data;
assert.equal(step.status, "failed");
assert.equal(step.last_error.code, "server_error");

// After a failed run the thread goes on
await threads.messages.create(threadId, { role: "user", content: "say hello" });
assert.equal((await finished(threadId)).status, "completed");
