// Stop a run: while it streams, while it waits for outputs, after its end.
import assert from "node:assert/strict";
import OpenAI from "openai";

const { beta } = new OpenAI();
const { threads } = beta;
const pace = { pollIntervalMs: 50 };
const assistant = await beta.assistants.create({
  model: "gpt-4o",
  tools: [{ type: "function", function: { name: "get_weather", parameters: { type: "object", properties: {} } } }],
});

// During a stream: the text so far is kept
const thread = await threads.create({ messages: [{ role: "user", content: "count slowly" }] });
const stream = threads.runs.stream(thread.id, { assistant_id: assistant.id });
const names = [];
let deltas = 0;
for await (const event of stream) {
  names.push(event.event);
  if (event.event === "thread.message.delta" && ++deltas === 5) {
    const answer = await threads.runs.cancel(stream.currentRun().id, { thread_id: thread.id });
    assert.equal(answer.status, "cancelling");
    assert.equal(answer.cancelled_at, null);
    assert.equal(answer.expires_at, answer.created_at + 600);
  }
}
const passing = ["thread.message.delta", "thread.run.cancelling"];
assert.deepEqual(names.filter((name) => !passing.includes(name)).slice(-3), [
  "thread.message.incomplete",
  "thread.run.step.cancelled",
  "thread.run.cancelled",
]);
assert.equal(names.filter((name) => name === "thread.run.cancelling").length, 1);
let run = await threads.runs.retrieve(stream.currentRun().id, { thread_id: thread.id });
assert.equal(run.status, "cancelled");
assert.notEqual(run.cancelled_at, null);
assert.equal(run.expires_at, null);
const [message] = (await threads.messages.list(thread.id)).data;
assert.equal(message.status, "incomplete");
assert.equal(message.incomplete_details.reason, "run_cancelled");
assert.ok(message.content[0].text.value.startsWith("one more word, "));
const [step] = (await threads.runs.steps.list(run.id, { thread_id: thread.id })).data;
assert.equal(step.status, "cancelled");
assert.notEqual(step.cancelled_at, null);

// The thread is free again
await threads.messages.create(thread.id, { role: "user", content: "say hello" });
const again = await threads.runs.createAndPoll(thread.id, { assistant_id: assistant.id }, pace);
assert.equal(again.status, "completed");

// While it waits for outputs
run = await threads.createAndRunPoll(
  { assistant_id: assistant.id, thread: { messages: [{ role: "user", content: "weather in Oslo" }] } },
  pace,
);
assert.equal(run.status, "requires_action");
await threads.runs.cancel(run.id, { thread_id: run.thread_id });
run = await threads.runs.poll(run.id, { thread_id: run.thread_id }, pace);
assert.equal(run.status, "cancelled");
assert.equal(run.required_action, null);
await assert.rejects(
  threads.runs.submitToolOutputs(run.id, {
    thread_id: run.thread_id,
    tool_outputs: [{ tool_call_id: "call_x", output: "" }],
  }),
  (error) =>
    error instanceof OpenAI.BadRequestError &&
    error.message.includes('Runs in status "cancelled" do not accept tool outputs.'),
);

// After its end
await assert.rejects(
  threads.runs.cancel(again.id, { thread_id: thread.id }),
  (error) =>
    error instanceof OpenAI.BadRequestError &&
    error.message.includes("Cannot cancel run with status 'completed'."),
);
