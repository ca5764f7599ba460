// npm's 4.x: chat completions whole and streamed, a helper, older completions, embeddings.
import assert from "node:assert/strict";
import OpenAI from "openai";

const client = new OpenAI();
const HELLO = "Hello! This is a reply that comes in several pieces.";
const messages = [{ role: "user", content: "say hello" }];

const answer = await client.chat.completions.create({ model: "gpt-4o", messages });
assert.equal(answer.choices[0].message.content, HELLO);
assert.equal(answer.choices[0].finish_reason, "stop");
assert.equal(answer.usage.total_tokens, 19);

let text = "";
for await (const chunk of await client.chat.completions.create({ model: "gpt-4o", messages, stream: true })) {
  text += chunk.choices[0]?.delta.content ?? "";
}
assert.equal(text, HELLO);
const stream = client.beta.chat.completions.stream({ model: "gpt-4o", messages });
assert.equal(await stream.finalContent(), HELLO);

const older = await client.completions.create({ model: "gpt-3.5-turbo-instruct", prompt: "say hello" });
assert.equal(older.choices[0].text, HELLO);
text = "";
for await (const chunk of await client.completions.create({
  model: "gpt-3.5-turbo-instruct",
  prompt: "say hello",
  stream: true,
})) {
  text += chunk.choices[0]?.text ?? "";
}
assert.equal(text, HELLO);

const embedded = await client.embeddings.create({ model: "text-embedding-3-small", input: ["one", "two"] });
assert.deepEqual(embedded.data.map((entry) => entry.index), [0, 1]);
assert.ok(embedded.data[0].embedding.every((number) => typeof number === "number"));
assert.notDeepEqual(embedded.data[0].embedding, embedded.data[1].embedding);
