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
await refused(
  new OpenAI({ maxRetries: 0, defaultHeaders: { Authorization: null } }).beta.assistants.list(),
  OpenAI.AuthenticationError,
  "",
  { code: "invalid_api_key" },
);
