// Runs that outlive their time: while they wait for outputs, and while the model still talks.
import assert from "node:assert/strict";
import OpenAI from "openai";

const { beta } = new OpenAI();
const { threads } = beta;
const assistant = await beta.assistants.create({
  model: "gpt-4o",
  tools: [{ type: "function", function: { name: "get_weather", parameters: { type: "object", properties: {} } } }],
});

let run = await threads.createAndRunPoll(
  { assistant_id: assistant.id, thread: { messages: [{ role: "user", content: "weather in Oslo" }] } },
  { pollIntervalMs: 50 },
);
const calls = run.required_action?.submit_tool_outputs.tool_calls ?? [];
while (run.status !== "expired") {
  assert.equal(run.status, "requires_action");
  run = await threads.runs.retrieve(run.id, { thread_id: run.thread_id });
}
assert.equal(run.expires_at, null);
assert.equal(run.required_action, null);
const [step] = (await threads.runs.steps.list(run.id, { thread_id: run.thread_id })).data;
assert.equal(step.status, "expired");
assert.notEqual(step.expired_at, null);
await assert.rejects(
  threads.runs.submitToolOutputs(run.id, {
    thread_id: run.thread_id,
    tool_outputs: calls.map((call) => ({ tool_call_id: call.id, output: "late" })),
  }),
  (error) =>
    error instanceof OpenAI.BadRequestError &&
    error.message.includes('Runs in status "expired" do not accept tool outputs.'),
);
await threads.messages.create(run.thread_id, { role: "user", content: "the thread is free again" });

const thread = await threads.create({ messages: [{ role: "user", content: "count slowly" }] });
const names = [];
const stream = threads.runs.stream(thread.id, { assistant_id: assistant.id });
stream.on("event", (event) => names.push(event.event));
run = await stream.finalRun();
assert.equal(run.status, "expired");
assert.deepEqual(names.filter((name) => name !== "thread.message.delta").slice(-3), [
  "thread.message.incomplete",
  "thread.run.step.expired",
  "thread.run.expired",
]);
const [message] = (await threads.messages.list(thread.id)).data;
assert.equal(message.incomplete_details.reason, "run_expired");
