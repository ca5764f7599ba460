// Chat completions and embeddings: whole, streamed, with tools, as JSON; errors by class.
import assert from "node:assert/strict";
import OpenAI from "openai";

const client = new OpenAI({ maxRetries: 0 });
const { completions } = client.chat;
const HELLO = "Hello! This is a reply that comes in several pieces.";
const tools = [
  {
    type: "function",
    function: {
      name: "get_weather",
      parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    },
  },
];
const model = "gpt-4o";
const said = (content) => [{ role: "user", content }];

const whole = await completions.create({ model, messages: said("say hello"), no_such_parameter: [1] });
assert.equal(whole.choices[0].message.content, HELLO);
assert.equal(whole.usage.total_tokens, 19);

let text = "";
let usage;
const options = { include_usage: true };
for await (const chunk of await completions.create({
  model,
  messages: said("say hello"),
  stream: true,
  stream_options: options,
})) {
  text += chunk.choices[0]?.delta.content ?? "";
  usage = chunk.usage ?? usage;
}
assert.equal(text, HELLO);
assert.equal(usage.total_tokens, 19);

// The tools loop
const messages = said("weather in Paris and Rome");
const asked = await completions.create({ model, messages, tools });
assert.equal(asked.choices[0].finish_reason, "tool_calls");
const { message } = asked.choices[0];
messages.push(message);
for (const call of message.tool_calls) {
  messages.push({ role: "tool", tool_call_id: call.id, content: `${JSON.parse(call.function.arguments).city}: sunny` });
}
const told = await completions.create({ model, messages, tools });
assert.match(told.choices[0].message.content, /Paris: sunny[^]*Rome: sunny/);

// The helper that puts a stream together
const helper = completions.stream ?? client.beta?.chat?.completions?.stream;
if (helper) {
  const on = completions.stream ? completions : client.beta.chat.completions;
  const final = await on
    .stream({ model, messages: said("weather in Paris and Rome"), tools, stream: true })
    .finalChatCompletion();
  const cities = final.choices[0].message.tool_calls.map((call) => JSON.parse(call.function.arguments).city);
  assert.deepEqual(cities, ["Paris", "Rome"]);
}

// JSON
const schema = { type: "object", properties: { answer: { type: "integer" } }, required: ["answer"] };
const json = await completions.create({
  model,
  messages: said("what is 6 * 7?"),
  response_format: { type: "json_schema", json_schema: { name: "sum", schema } },
});
assert.equal(JSON.parse(json.choices[0].message.content).answer, 42);

// Embeddings: newer clients ask for base64 and decode it
const { data } = await client.embeddings.create({ model: "text-embedding-3-small", input: ["a cat", "the cat"] });
assert.equal(data.length, 2);
assert.equal(data[0].embedding.length, 256);
const dot = (a, b) => a.reduce((sum, value, index) => sum + value * b[index], 0);
assert.ok(Math.abs(dot(data[0].embedding, data[0].embedding) - 1) < 1e-5);
assert.ok(dot(data[0].embedding, data[1].embedding) > 0.9);

async function refused(request, kind, words) {
  await assert.rejects(request, (error) => {
    assert.ok(error instanceof kind, `${error.constructor.name}: ${error.message}`);
    assert.ok(error.message.includes(words), error.message);
    return true;
  });
}

await refused(completions.create({ model, messages: [] }), OpenAI.BadRequestError, "Invalid 'messages'");
await refused(completions.create({ model, messages: said("fail with 429") }), OpenAI.RateLimitError, "slow down");
await refused(
  completions.create({ model, messages: said("fail with 500"), stream: true }),
  OpenAI.InternalServerError,
  "the model fell over",
);
await refused(
  (async () => {
    for await (const _ of await completions.create({ model, messages: said("fail in the middle"), stream: true }));
  })(),
  OpenAI.APIError,
  "",
);

// One that leaves amid a stream
const stream = await completions.create({ model, messages: said("count slowly"), stream: true });
for await (const _ of stream) break;
assert.equal((await completions.create({ model, messages: said("say hello") })).choices[0].message.content, HELLO);
