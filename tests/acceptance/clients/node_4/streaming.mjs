// npm's 4.x: AssistantStream under its two names, its events and final values; tool outputs; stream: true.
import assert from "node:assert/strict";
import OpenAI from "openai";

const { beta } = new OpenAI();
const { threads } = beta;
const HELLO = "Hello! This is a reply that comes in several pieces.";
const assistant = await beta.assistants.create({
  model: "gpt-4o",
  tools: [{ type: "function", function: { name: "get_weather", parameters: { type: "object", properties: {} } } }],
});

function recorded(stream) {
  const seen = { calls: [], text: "", names: [], arguments: {} };
  stream
    .on("event", (event) => seen.names.push(event.event))
    .on("runStepCreated", (step) => seen.calls.push(`step created ${step.type}`))
    .on("runStepDone", (step) => seen.calls.push(`step done ${step.type}`))
    .on("messageCreated", () => seen.calls.push("message created"))
    .on("messageDone", (message) => seen.calls.push(`message done ${message.status}`))
    .on("textCreated", () => seen.calls.push("text created"))
    .on("textDelta", (delta, snapshot) => {
      seen.text += delta.value ?? "";
      assert.equal(snapshot.value, seen.text);
    })
    .on("textDone", (text) => {
      assert.equal(text.value, seen.text);
      seen.calls.push("text done");
    })
    // 4.36 keeps the first of several calls in its snapshots alone, so what is said of calls is put together by hand
    .on("toolCallDelta", ({ index, function: { arguments: piece } }) => {
      seen.arguments[index] = (seen.arguments[index] ?? "") + piece;
    });
  return seen;
}

const MESSAGE_CALLS = [
  "step created message_creation",
  "message created",
  "text created",
  "text done",
  "message done completed",
  "step done message_creation",
];

// A plain run
let thread = await threads.create({ messages: [{ role: "user", content: "say hello" }] });
let stream = threads.runs.stream(thread.id, { assistant_id: assistant.id });
let seen = recorded(stream);
let run = await stream.finalRun();
assert.equal(run.status, "completed");
assert.equal(seen.text, HELLO);
assert.deepEqual(seen.calls, MESSAGE_CALLS);
assert.deepEqual(await threads.runs.retrieve(thread.id, run.id), run);
assert.deepEqual((await stream.finalMessages()).map((message) => message.content[0].text.value), [HELLO]);
assert.deepEqual((await stream.finalRunSteps()).map((step) => step.type), ["message_creation"]);

// Two calls at once, then their outputs
stream = threads.createAndRunStream({
  assistant_id: assistant.id,
  thread: { messages: [{ role: "user", content: "weather in Paris and Rome" }] },
});
seen = recorded(stream);
run = await stream.finalRun();
assert.equal(run.status, "requires_action");
assert.equal(seen.names[0], "thread.created");
assert.deepEqual(seen.calls, ["step created tool_calls"]);
const calls = run.required_action.submit_tool_outputs.tool_calls;
assert.deepEqual(calls.map((call) => call.function.name), ["get_weather", "get_weather"]);
assert.deepEqual(Object.values(seen.arguments), calls.map((call) => call.function.arguments));

stream = threads.runs.submitToolOutputsStream(run.thread_id, run.id, {
  tool_outputs: calls.map((call) => ({ tool_call_id: call.id, output: "sun" })),
});
seen = recorded(stream);
run = await stream.finalRun();
assert.equal(run.status, "completed");
assert.equal(seen.names[0], "thread.run.step.completed");
assert.deepEqual(seen.calls, ["step done tool_calls", ...MESSAGE_CALLS]);
assert.equal(seen.text.split("sun").length, 3, seen.text);

// The events themselves
thread = await threads.create({ messages: [{ role: "user", content: "say hello" }] });
const names = [];
let text = "";
for await (const event of await threads.runs.create(thread.id, { assistant_id: assistant.id, stream: true })) {
  names.push(event.event);
  if (event.event === "thread.message.delta") text += event.data.delta.content[0].text.value;
}
assert.equal(text, HELLO);
assert.equal(names[0], "thread.run.created");
assert.equal(names.at(-1), "thread.run.completed");

// The helper's first name
thread = await threads.create({ messages: [{ role: "user", content: "say hello" }] });
stream = threads.runs.createAndStream(thread.id, { assistant_id: assistant.id });
seen = recorded(stream);
await stream.done();
assert.equal(seen.text, HELLO);

// A run that breaks off still ends the stream with a final run
thread = await threads.create({ messages: [{ role: "user", content: "fail in the middle" }] });
stream = threads.runs.stream(thread.id, { assistant_id: assistant.id });
seen = recorded(stream);
run = await stream.finalRun();
assert.equal(run.status, "failed");
assert.equal(run.last_error.code, "server_error");
assert.deepEqual(seen.calls.slice(-3), ["text done", "message done incomplete", "step done message_creation"]);

// Cancel while it streams
thread = await threads.create({ messages: [{ role: "user", content: "count slowly" }] });
stream = threads.runs.stream(thread.id, { assistant_id: assistant.id });
stream.once("textDelta", () => threads.runs.cancel(thread.id, stream.currentRun().id));
run = await stream.finalRun();
assert.equal(run.status, "cancelled");
