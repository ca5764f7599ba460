// Moderations by Azure's form, which a provider answers.
import assert from "node:assert/strict";
import { AzureOpenAI } from "openai";

const client = new AzureOpenAI({ apiVersion: "2024-05-01-preview" });
const answer = await client.moderations.create({ input: "A friendly sentence." });
assert.ok(answer.model);
assert.equal(answer.results.length, 1);
assert.equal(answer.results[0].flagged, false);
