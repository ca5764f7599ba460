// What Azure has under a deployment's path: chat completions, completions, embeddings.
import assert from "node:assert/strict";
import { AzureOpenAI } from "openai";

const client = new AzureOpenAI({ apiVersion: "2024-05-01-preview" });
const HELLO = "Hello! This is a reply that comes in several pieces.";
const asked = { model: "my-deployment", messages: [{ role: "user", content: "say hello" }] };

assert.equal((await client.chat.completions.create(asked)).choices[0].message.content, HELLO);
let text = "";
for await (const chunk of await client.chat.completions.create({ ...asked, stream: true })) {
  text += chunk.choices[0]?.delta.content ?? "";
}
assert.equal(text, HELLO);

const prompt = { model: "my-deployment", prompt: "say hello" };
assert.equal((await client.completions.create(prompt)).choices[0].text, HELLO);
text = "";
for await (const chunk of await client.completions.create({ ...prompt, stream: true })) {
  text += chunk.choices[0]?.text ?? "";
}
assert.equal(text, HELLO);

const embedded = await client.embeddings.create({ model: "my-deployment", input: ["one", "two"] });
assert.deepEqual(embedded.data.map((entry) => entry.index), [0, 1]);
assert.notDeepEqual(embedded.data[0].embedding, embedded.data[1].embedding);
