// The helpers that wait, tool outputs, steps, usage, cancel.
import assert from "node:assert/strict";
import OpenAI from "openai";

const { beta } = new OpenAI();
const { threads } = beta;
const assistant = await beta.assistants.create({
  model: "gpt-4o",
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

run = await threads.createAndRunPoll(
  { assistant_id: assistant.id, thread: { messages: [{ role: "user", content: "weather in Paris and Rome" }] } },
  pace,
);
assert.equal(run.status, "requires_action");
const calls = run.required_action.submit_tool_outputs.tool_calls;
assert.deepEqual(calls.map((call) => JSON.parse(call.function.arguments)), [{ city: "Paris" }, { city: "Rome" }]);
run = await threads.runs.submitToolOutputsAndPoll(
  run.id,
  {
    thread_id: run.thread_id,
    tool_outputs: calls.map((call, place) => ({ tool_call_id: call.id, output: `${10 + place} degrees` })),
  },
  pace,
);
assert.equal(run.status, "completed");
assert.equal(run.usage.total_tokens, 65);
const steps = [];
for await (const step of threads.runs.steps.list(run.id, { thread_id: run.thread_id, order: "asc" })) steps.push(step);
assert.deepEqual(steps.map((step) => step.type), ["tool_calls", "message_creation"]);
assert.deepEqual(
  steps[0].step_details.tool_calls.map((call) => call.function.output),
  ["10 degrees", "11 degrees"],
);
const found = await threads.runs.steps.retrieve(steps[1].id, { thread_id: run.thread_id, run_id: run.id });
assert.deepEqual(found, steps[1]);

run = await threads.createAndRunPoll(
  { assistant_id: assistant.id, thread: { messages: [{ role: "user", content: "weather in Oslo" }] } },
  pace,
);
await threads.runs.cancel(run.id, { thread_id: run.thread_id });
run = await threads.runs.poll(run.id, { thread_id: run.thread_id }, pace);
assert.equal(run.status, "cancelled");
