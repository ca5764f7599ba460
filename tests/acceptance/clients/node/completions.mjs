// Completions as they were before chat, whole and streamed.
import assert from "node:assert/strict";
import OpenAI from "openai";

const client = new OpenAI();
const HELLO = "Hello! This is a reply that comes in several pieces.";
const asked = { model: "gpt-3.5-turbo-instruct", prompt: "say hello" };

const answer = await client.completions.create(asked);
assert.equal(answer.object, "text_completion");
assert.equal(answer.choices[0].text, HELLO);
assert.equal(answer.choices[0].finish_reason, "stop");

let text = "";
let pieces = 0;
for await (const chunk of await client.completions.create({ ...asked, stream: true })) {
  text += chunk.choices[0]?.text ?? "";
  pieces += 1;
}
assert.equal(text, HELLO);
assert.ok(pieces > 2);
