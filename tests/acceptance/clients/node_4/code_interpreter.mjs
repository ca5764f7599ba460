// npm's 4.x: a CSV is plotted while one listens, and changed while one waits; files as either generation names them.
import assert from "node:assert/strict";
import OpenAI, { toFile } from "openai";

const client = new OpenAI();
const { beta } = client;
const { threads } = beta;
const isV1 = "files" in threads.messages;
const CSV = "month,price,quantity\nJan,2.5,10\nFeb,3.0,12\nMar,2.0,30\n";
const tool = { type: "code_interpreter" };
const upload = async (name) =>
  (await client.files.create({ file: await toFile(Buffer.from(CSV), name), purpose: "assistants" })).id;
const bytes = async (id) => Buffer.from(await (await client.files.content(id)).arrayBuffer());

const file_ids = [await upload("sales.csv")];
const files = isV1 ? { file_ids } : { tool_resources: { code_interpreter: { file_ids } } };
const assistant = await beta.assistants.create({ model: "gpt-4o", tools: [tool], ...files });

// A chart, streamed
let thread = await threads.create({ messages: [{ role: "user", content: "Plot price against month in sales.csv." }] });
const told = [];
let code = "";
const shown = [];
const stream = threads.runs
  .stream(thread.id, { assistant_id: assistant.id })
  .on("toolCallCreated", (call) => told.push(`call created ${call.type}`))
  .on("toolCallDelta", (delta) => (code += delta.code_interpreter.input ?? ""))
  .on("toolCallDone", (call) => told.push(`call done ${call.type}`))
  .on("imageFileDone", (image) => shown.push(image.file_id));
let run = await stream.finalRun();
assert.equal(run.status, "completed");
assert.deepEqual(told, ["call created code_interpreter", "call done code_interpreter"]);
const [step] = (await threads.runs.steps.list(thread.id, run.id, { order: "asc" })).data;
const [call] = step.step_details.tool_calls;
assert.equal(call.code_interpreter.input, code);
assert.match(code, /sales\.csv/);
const chart = call.code_interpreter.outputs.find((output) => output.type === "image").image.file_id;
assert.deepEqual(shown, [chart]);
let [answer] = (await threads.messages.list(thread.id)).data;
assert.deepEqual(answer.content.map((part) => part.type), ["image_file", "text"]);
assert.equal((await bytes(chart)).subarray(1, 4).toString(), "PNG");

// A file that comes with its message, changed, polled
const content = "Add a column total = price * quantity to more.csv and give me the file back.";
const more = await upload("more.csv");
const brought = isV1 ? { file_ids: [more] } : { attachments: [{ file_id: more, tools: [tool] }] };
thread = await threads.create({ messages: [{ role: "user", content, ...brought }] });
run = await threads.runs.createAndPoll(thread.id, { assistant_id: assistant.id }, { pollIntervalMs: 50 });
assert.equal(run.status, "completed");
[answer] = (await threads.messages.list(thread.id)).data;
const { text } = answer.content.find((part) => part.type === "text");
const [link] = text.annotations;
assert.equal(link.type, "file_path");
assert.equal(text.value.slice(link.start_index, link.end_index), link.text);
assert.equal((await bytes(link.file_path.file_id)).toString().split("\n")[0].trim(), "month,price,quantity,total");
const made = isV1 ? answer.file_ids : answer.attachments.map((attached) => attached.file_id);
assert.deepEqual(made, [link.file_path.file_id]);

// There is nothing to cancel any more
await assert.rejects(threads.runs.cancel(thread.id, run.id), (error) => {
  assert.match(error.message, /Cannot cancel run with status 'completed'\./);
  return error instanceof OpenAI.BadRequestError;
});
