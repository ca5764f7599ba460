// Functions that the server runs itself: programs that know nothing of that go on, streaming or waiting.
import assert from "node:assert/strict";
import OpenAI from "openai";

const { beta } = new OpenAI();
const { threads } = beta;
const assistant = await beta.assistants.create({
  model: "gpt-4o",
  tools: ["get_weather", "get_stamp"].map((name) => ({ type: "function", function: { name } })),
});
const asking = async (content) => (await threads.create({ messages: [{ role: "user", content }] })).id;

function recorded(stream) {
  const seen = { told: [], text: "" };
  stream
    .on("runStepDone", (step) => seen.told.push(`step done ${step.type} ${step.status}`))
    .on("messageCreated", () => seen.told.push("message created"))
    .on("messageDone", (message) => seen.told.push(`message done ${message.status}`))
    .on("textDelta", (delta, snapshot) => {
      seen.text += delta.value ?? "";
      assert.equal(snapshot.value, seen.text);
    });
  return seen;
}

async function outputsOf(run) {
  const outputs = [];
  for await (const step of threads.runs.steps.list(run.id, { thread_id: run.thread_id, order: "asc" })) {
    if (step.type !== "tool_calls") continue;
    outputs.push(...step.step_details.tool_calls.map((call) => call.function.output));
  }
  return outputs;
}

const MESSAGE = ["message created", "message done completed", "step done message_creation completed"];

// The server's calls alone: nobody is asked, and the stream tells it all
let stream = threads.runs.stream(await asking("weather in Paris and Rome"), { assistant_id: assistant.id });
let seen = recorded(stream);
let run = await stream.finalRun();
assert.equal(run.status, "completed");
assert.deepEqual(seen.told, ["step done tool_calls completed", ...MESSAGE]);
assert.equal(seen.text, "The tools said: Paris: sun\nRome: sun");
const [called] = await stream.finalRunSteps();
assert.deepEqual(called.step_details.tool_calls.map((call) => call.function.output), ["Paris: sun", "Rome: sun"]);
assert.deepEqual(await outputsOf(run), ["Paris: sun", "Rome: sun"]);
assert.equal(run.usage.total_tokens, 65);

// A mixed turn: the client is asked for its own call, when the server's is done
stream = threads.runs.stream(await asking("weather and a stamp"), { assistant_id: assistant.id });
run = await stream.finalRun();
assert.equal(run.status, "requires_action");
const [asked, ...others] = run.required_action.submit_tool_outputs.tool_calls;
assert.deepEqual(others, []);
assert.equal(asked.function.name, "get_stamp");
assert.deepEqual(await outputsOf(run), ["Oslo: sun", null]);
const tool_outputs = [{ tool_call_id: asked.id, output: "a blue one" }];
stream = threads.runs.submitToolOutputsStream(run.id, { thread_id: run.thread_id, tool_outputs });
seen = recorded(stream);
run = await stream.finalRun();
assert.equal(run.status, "completed");
assert.deepEqual(seen.told, ["step done tool_calls completed", ...MESSAGE]);
assert.deepEqual(await outputsOf(run), ["Oslo: sun", "a blue one"]);
assert.match(seen.text, /a blue one/);

// The helpers that wait
run = await threads.createAndRunPoll(
  { assistant_id: assistant.id, thread: { messages: [{ role: "user", content: "weather in Paris and Rome" }] } },
  { pollIntervalMs: 50 },
);
assert.equal(run.status, "completed");
assert.deepEqual(await outputsOf(run), ["Paris: sun", "Rome: sun"]);
assert.equal(run.tools[0].function.description, "Tell the weather in a city.");
