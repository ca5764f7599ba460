// Azure's form of Assistants v2, by npm's AzureOpenAI.
import assert from "node:assert/strict";
import { AzureOpenAI, NotFoundError } from "openai";

const client = new AzureOpenAI({ apiVersion: "2024-05-01-preview" });
const { assistants, threads } = client.beta;
const HELLO = "Hello! This is a reply that comes in several pieces.";
const pace = { pollIntervalMs: 50 };

const names = [];
for await (const model of client.models.list()) names.push(model.id);
assert.equal((await client.models.retrieve(names[0])).id, names[0]);

const assistant = await assistants.create({
  model: "my-deployment",
  instructions: "You teach.",
  tools: [{ type: "function", function: { name: "get_weather", parameters: { type: "object", properties: {} } } }],
});
assert.equal(assistant.model, "my-deployment");
assert.deepEqual(await assistants.retrieve(assistant.id), assistant);
const changed = await assistants.update(assistant.id, { name: "Coach" });
assert.equal(changed.name, "Coach");
assert.deepEqual((await assistants.list({ limit: 1 })).data, [changed]);

const thread = await threads.create({ messages: [{ role: "user", content: "say hello" }] });
assert.deepEqual(await threads.retrieve(thread.id), thread);
assert.deepEqual((await threads.update(thread.id, { metadata: { a: "b" } })).metadata, { a: "b" });
const message = await threads.messages.create(thread.id, { role: "user", content: "say hello again" });
assert.deepEqual(await threads.messages.retrieve(message.id, { thread_id: thread.id }), message);
const marked = await threads.messages.update(message.id, { thread_id: thread.id, metadata: { seen: "yes" } });
assert.deepEqual(marked.metadata, { seen: "yes" });
assert.equal((await threads.messages.delete(message.id, { thread_id: thread.id })).deleted, true);

let run = await threads.runs.createAndPoll(thread.id, { assistant_id: assistant.id }, pace);
assert.equal(run.status, "completed");
assert.equal((await threads.messages.list(thread.id)).data[0].content[0].text.value, HELLO);
const again = await threads.runs.update(run.id, { thread_id: thread.id, metadata: { try: "2" } });
assert.deepEqual(again.metadata, { try: "2" });
assert.deepEqual((await threads.runs.list(thread.id)).data.map((each) => each.id), [run.id]);
const [step] = (await threads.runs.steps.list(run.id, { thread_id: thread.id })).data;
assert.deepEqual(await threads.runs.steps.retrieve(step.id, { thread_id: thread.id, run_id: run.id }), step);

await threads.messages.create(thread.id, { role: "user", content: "say hello" });
let stream = threads.runs.stream(thread.id, { assistant_id: assistant.id });
assert.equal((await stream.finalMessages())[0].content[0].text.value, HELLO);

stream = threads.createAndRunStream({
  assistant_id: assistant.id,
  thread: { messages: [{ role: "user", content: "weather in Paris and Rome" }] },
});
run = await stream.finalRun();
assert.equal(run.status, "requires_action");
const outputs = (of) =>
  of.required_action.submit_tool_outputs.tool_calls.map((call) => ({ tool_call_id: call.id, output: "sun" }));
stream = threads.runs.submitToolOutputsStream(run.id, { thread_id: run.thread_id, tool_outputs: outputs(run) });
assert.equal((await stream.finalRun()).status, "completed");

const oslo = { messages: [{ role: "user", content: "weather in Oslo" }] };
run = await threads.createAndRunPoll({ assistant_id: assistant.id, thread: oslo }, pace);
run = await threads.runs.submitToolOutputsAndPoll(
  run.id,
  { thread_id: run.thread_id, tool_outputs: outputs(run) },
  pace,
);
assert.equal(run.status, "completed");
run = await threads.createAndRunPoll({ assistant_id: assistant.id, thread: oslo }, pace);
await threads.runs.cancel(run.id, { thread_id: run.thread_id });
run = await threads.runs.poll(run.id, { thread_id: run.thread_id }, pace);
assert.equal(run.status, "cancelled");

assert.equal((await threads.delete(thread.id)).deleted, true);
assert.equal((await assistants.delete(assistant.id)).deleted, true);
await assert.rejects(assistants.retrieve(assistant.id), NotFoundError);
