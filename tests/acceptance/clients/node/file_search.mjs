// Questions about one's own files: what a stream's events add up to is what is stored, sources and all.
import assert from "node:assert/strict";
import OpenAI, { toFile } from "openai";

const client = new OpenAI();
const { beta } = client;
const { threads } = beta;
const HOLIDAYS = "Everybody has 27 days of holiday a year. Up to five days may be taken along into the next one.";

const store = await client.vectorStores.create({ name: "Handbook" });
const file = await client.vectorStores.files.uploadAndPoll(store.id, await toFile(Buffer.from(HOLIDAYS), "holidays.txt"));
assert.equal(file.status, "completed");
const assistant = await beta.assistants.create({
  model: "gpt-4o",
  tools: [{ type: "file_search" }],
  tool_resources: { file_search: { vector_store_ids: [store.id] } },
});

const content = "How many days of holiday does everybody have a year?";
const thread = await threads.create({ messages: [{ role: "user", content }] });
const told = [];
let text = "";
const stream = threads.runs
  .stream(thread.id, { assistant_id: assistant.id })
  .on("toolCallCreated", (call) => told.push(`call created ${call.type}`))
  .on("toolCallDone", (call) => told.push(`call done ${call.type}`))
  .on("textDelta", (delta, snapshot) => {
    text += delta.value ?? "";
    assert.equal(snapshot.value, text);
  });
const run = await stream.finalRun();
assert.equal(run.status, "completed");
assert.deepEqual(told, ["call created file_search", "call done file_search"]);

const [summed] = await stream.finalMessages();
const [stored] = (await threads.messages.list(thread.id, { run_id: run.id })).data;
assert.equal(stored.content[0].text.value, text);
assert.deepEqual(summed.content, stored.content);
const [citation] = stored.content[0].text.annotations;
assert.equal(text.slice(citation.start_index, citation.end_index), citation.text);
assert.equal(citation.file_citation.file_id, file.id);

const include = ["step_details.tool_calls[*].file_search.results[*].content"];
const [step] = (await threads.runs.steps.list(run.id, { thread_id: thread.id, order: "asc", include })).data;
const [call] = step.step_details.tool_calls;
assert.deepEqual(call.file_search.results[0].content, [{ type: "text", text: HOLIDAYS }]);
