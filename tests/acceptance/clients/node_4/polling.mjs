// npm's 4.x: the helpers that wait, tool outputs, steps, usage, overrides, cancel.
import assert from "node:assert/strict";
import OpenAI from "openai";

const { beta } = new OpenAI();
const { threads } = beta;
const assistant = await beta.assistants.create({
  model: "gpt-4o",
  instructions: "The assistant's own.",
  tools: [{ type: "function", function: { name: "get_weather", parameters: { type: "object", properties: {} } } }],
});
const pace = { pollIntervalMs: 50 };

const thread = await threads.create({ messages: [{ role: "user", content: "say hello" }] });
let run = await threads.runs.createAndPoll(thread.id, { assistant_id: assistant.id }, pace);
assert.equal(run.status, "completed");
assert.equal(run.usage.total_tokens, 19);
const reply = (await threads.messages.list(thread.id)).data[0];
assert.equal(reply.role, "assistant");
assert.equal(reply.content[0].text.value, "Hello! This is a reply that comes in several pieces.");

const weather = { messages: [{ role: "user", content: "weather in Paris and Rome" }] };
run = await threads.createAndRunPoll({ assistant_id: assistant.id, thread: weather }, pace);
assert.equal(run.status, "requires_action");
let calls = run.required_action.submit_tool_outputs.tool_calls;
assert.deepEqual(calls.map((call) => JSON.parse(call.function.arguments)), [{ city: "Paris" }, { city: "Rome" }]);
run = await threads.runs.submitToolOutputsAndPoll(
  run.thread_id,
  run.id,
  { tool_outputs: calls.map((call, place) => ({ tool_call_id: call.id, output: `${10 + place} degrees` })) },
  pace,
);
assert.equal(run.status, "completed");
assert.equal(run.usage.total_tokens, 65);
const steps = [];
for await (const step of threads.runs.steps.list(run.thread_id, run.id, { order: "asc" })) steps.push(step);
assert.deepEqual(steps.map((step) => step.type), ["tool_calls", "message_creation"]);
assert.deepEqual(
  steps[0].step_details.tool_calls.map((call) => call.function.output),
  ["10 degrees", "11 degrees"],
);
assert.deepEqual(await threads.runs.steps.retrieve(run.thread_id, run.id, steps[1].id), steps[1]);

// By hand
run = await threads.createAndRun({ assistant_id: assistant.id, thread: weather });
while (["queued", "in_progress"].includes(run.status)) run = await threads.runs.retrieve(run.thread_id, run.id);
calls = run.required_action.submit_tool_outputs.tool_calls;
run = await threads.runs.submitToolOutputs(run.thread_id, run.id, {
  tool_outputs: calls.map((call) => ({ tool_call_id: call.id, output: "fog" })),
});
run = await threads.runs.poll(run.thread_id, run.id, pace);
assert.equal(run.status, "completed");

// For one run
const asked = await threads.create({ messages: [{ role: "user", content: "who are you?" }] });
run = await threads.runs.createAndPoll(
  asked.id,
  {
    assistant_id: assistant.id,
    model: "gpt-4",
    instructions: "For this run.",
    additional_instructions: "And more.",
    tools: [],
    temperature: 0.9,
    tool_choice: "none",
    max_prompt_tokens: 5000,
    truncation_strategy: { type: "last_messages", last_messages: 3 },
  },
  pace,
);
assert.equal(run.status, "completed");
assert.deepEqual([run.model, run.tools, run.temperature, run.tool_choice], ["gpt-4", [], 0.9, "none"]);
assert.equal((await threads.messages.list(asked.id)).data[0].content[0].text.value, "The one of this run.");

// A token limit ends the helper's waiting in both generations, each by its own word
const long = { messages: [{ role: "user", content: "ramble" }] };
run = await threads.createAndRunPoll({ assistant_id: assistant.id, thread: long, max_completion_tokens: 16 }, pace);
assert.equal(run.status, "file_ids" in run ? "completed" : "incomplete");
assert.equal(run.incomplete_details.reason, "max_completion_tokens");

// Cancelled
run = await threads.createAndRunPoll(
  { assistant_id: assistant.id, thread: { messages: [{ role: "user", content: "weather in Oslo" }] } },
  pace,
);
await threads.runs.cancel(run.thread_id, run.id);
run = await threads.runs.poll(run.thread_id, run.id, pace);
assert.equal(run.status, "cancelled");

// A model that fails
run = await threads.createAndRunPoll(
  { assistant_id: assistant.id, thread: { messages: [{ role: "user", content: "fail with 429" }] } },
  pace,
);
assert.equal(run.status, "failed");
assert.equal(run.last_error.code, "rate_limit_exceeded");
