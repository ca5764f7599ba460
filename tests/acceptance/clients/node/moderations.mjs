// Moderations, which a provider answers.
import assert from "node:assert/strict";
import OpenAI from "openai";

const answer = await new OpenAI().moderations.create({ input: "A friendly sentence." });
assert.ok(answer.id);
assert.ok(answer.model);
assert.equal(answer.results.length, 1);
assert.equal(answer.results[0].flagged, false);
