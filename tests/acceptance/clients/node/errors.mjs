// What goes wrong, by class, with the texts that programs match.
import assert from "node:assert/strict";
import OpenAI from "openai";

const client = new OpenAI({ maxRetries: 0 });
const { beta } = client;

async function refused(request, kind, message, { param, code } = {}) {
  await assert.rejects(request, (error) => {
    assert.ok(error instanceof kind, `${error.constructor.name}: ${error.message}`);
    assert.ok(error.message.includes(message), error.message);
    if (param !== undefined) assert.equal(error.param, param);
    if (code !== undefined) assert.equal(error.code, code);
    assert.ok(error.requestID, "no request id");
    return true;
  });
}

await refused(beta.assistants.retrieve("asst_none"), OpenAI.NotFoundError, "No assistant found with id 'asst_none'.");
await refused(beta.threads.retrieve("1234"), OpenAI.BadRequestError, "Expected an ID that begins with 'thread'.", {
  param: "thread_id",
  code: "invalid_value",
});
await refused(beta.assistants.update("asst_none", {}), OpenAI.NotFoundError, "No assistant found with id 'asst_none'.");
await refused(beta.assistants.delete("asst_none"), OpenAI.NotFoundError, "No assistant found with id 'asst_none'.");
await refused(beta.threads.retrieve("thread_none"), OpenAI.NotFoundError, "No thread found with id 'thread_none'.");
await refused(beta.threads.delete("thread_none"), OpenAI.NotFoundError, "No thread found with id 'thread_none'.");
const thread = await beta.threads.create({ messages: [{ role: "user", content: "say hello" }] });
await refused(
  beta.threads.messages.retrieve("msg_none", { thread_id: thread.id }),
  OpenAI.NotFoundError,
  "No message found with id 'msg_none'.",
);
await refused(
  beta.threads.runs.retrieve("run_none", { thread_id: thread.id }),
  OpenAI.NotFoundError,
  "No run found with id 'run_none'.",
);
for (const stream of [false, true]) {
  await refused(
    beta.threads.runs.create(thread.id, { assistant_id: "asst_none", stream }),
    OpenAI.NotFoundError,
    "No assistant found with id 'asst_none'.",
  );
}
await refused(
  beta.threads.create({ metadata: Object.fromEntries(Array.from({ length: 17 }, (_, key) => [`key ${key}`, ""])) }),
  OpenAI.BadRequestError,
  "Invalid 'metadata': too many properties. Expected an object with at most 16 properties, but got an object with " +
    "17 properties instead.",
  { param: "metadata", code: "object_above_max_properties" },
);
await refused(
  beta.threads.messages.create(thread.id, { role: "user", content: "x".repeat(256_001) }),
  OpenAI.BadRequestError,
  "Expected a string with maximum length 256000, but got a string with length 256001 instead.",
  { param: "content", code: "string_above_max_length" },
);
await refused(
  beta.assistants.create({ model: "gpt-4o", tools: [{ type: "function", function: {} }] }),
  OpenAI.BadRequestError,
  "tools[0].function.name",
  { param: "tools[0].function.name" },
);
await refused(
  beta.assistants.create({ model: "gpt-4o", temperature: 2.5 }),
  OpenAI.BadRequestError,
  "'temperature'",
  { param: "temperature" },
);
await refused(
  beta.threads.messages.create(thread.id, { role: "system", content: "x" }),
  OpenAI.BadRequestError,
  "'system'",
  { param: "role" },
);
await refused(
  beta.assistants.create({ model: "gpt-4o", metadata: { modified: true } }),
  OpenAI.BadRequestError,
  "Invalid type for 'metadata.modified': expected a string, but got a boolean instead.",
  { param: "metadata.modified", code: "invalid_type" },
);

const assistant = await beta.assistants.create({
  model: "gpt-4o",
  tools: [{ type: "function", function: { name: "get_weather", parameters: { type: "object", properties: {} } } }],
});
const run = await beta.threads.createAndRunPoll(
  { assistant_id: assistant.id, thread: { messages: [{ role: "user", content: "weather in Paris and Rome" }] } },
  { pollIntervalMs: 50 },
);
const [first, second] = run.required_action.submit_tool_outputs.tool_calls;
await refused(
  beta.threads.runs.create(run.thread_id, { assistant_id: assistant.id }),
  OpenAI.BadRequestError,
  `Thread ${run.thread_id} already has an active run ${run.id}.`,
);
await refused(
  beta.threads.messages.create(run.thread_id, { role: "user", content: "more" }),
  OpenAI.BadRequestError,
  `Can't add messages to ${run.thread_id} while a run ${run.id} is active.`,
);
await refused(
  beta.threads.runs.submitToolOutputs(run.id, {
    thread_id: run.thread_id,
    tool_outputs: [{ tool_call_id: first.id, output: "x" }],
  }),
  OpenAI.BadRequestError,
  `Expected tool outputs for call_ids ['${first.id}', '${second.id}'], got ['${first.id}']`,
);
const done = await beta.threads.runs.submitToolOutputsAndPoll(
  run.id,
  {
    thread_id: run.thread_id,
    tool_outputs: [first, second].map((call) => ({ tool_call_id: call.id, output: "x" })),
  },
  { pollIntervalMs: 50 },
);
assert.equal(done.status, "completed");
await refused(
  beta.threads.runs.submitToolOutputs(run.id, {
    thread_id: run.thread_id,
    tool_outputs: [{ tool_call_id: first.id, output: "x" }],
  }),
  OpenAI.BadRequestError,
  'Runs in status "completed" do not accept tool outputs.',
);
await refused(
  beta.threads.runs.steps.retrieve("step_none", { thread_id: run.thread_id, run_id: run.id }),
  OpenAI.NotFoundError,
  "No run step found with id 'step_none'.",
);
await refused(
  beta.threads.create().then((empty) => beta.threads.runs.create(empty.id, { assistant_id: assistant.id })),
  OpenAI.BadRequestError,
  "Run creation requires a Thread with a user message or an assistant with instructions.",
  { code: "invalid_thread" },
);
await refused(
  new OpenAI({ maxRetries: 0, defaultHeaders: { Authorization: null } }).beta.assistants.list(),
  OpenAI.AuthenticationError,
  "",
  { code: "invalid_api_key" },
);
