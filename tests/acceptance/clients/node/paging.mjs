// Walk long lists by `for await`, page by page, and by cursors.
import assert from "node:assert/strict";
import OpenAI from "openai";

const { beta } = new OpenAI();
const { threads } = beta;
const count = (from, to) =>
  from <= to
    ? Array.from({ length: to - from + 1 }, (_, step) => from + step)
    : Array.from({ length: from - to + 1 }, (_, step) => from - step);
const number = (message) => Number(message.content[0].text.value.split(" ")[1]);

const thread = await threads.create({
  messages: count(0, 249).map((place) => ({ role: "user", content: `message ${place}` })),
});

async function walked(query) {
  const seen = [];
  for await (const message of threads.messages.list(thread.id, query)) seen.push(number(message));
  return seen;
}

assert.deepEqual(await walked(), count(249, 0));
assert.deepEqual(await walked({ order: "asc", limit: 100 }), count(0, 249));
assert.deepEqual(await walked({ order: "asc", limit: 7 }), count(0, 249));

let page = await threads.messages.list(thread.id);
assert.equal(page.data.length, 20);
assert.equal(page.has_more, true);
assert.ok(page.hasNextPage());
page = await page.getNextPage();
assert.deepEqual(page.data.map(number), count(229, 210));
const sizes = [];
for await (const each of (await threads.messages.list(thread.id, { limit: 100 })).iterPages()) {
  sizes.push(each.getPaginatedItems().length);
}
assert.deepEqual(sizes, [100, 100, 50]);

// Cursors are exclusive
const numbers = async (query) => (await threads.messages.list(thread.id, query)).data.map(number);
const first = (await threads.messages.list(thread.id, { order: "asc", limit: 100 })).data;
assert.deepEqual(await numbers({ order: "asc", limit: 100, after: first[9].id }), count(10, 109));
assert.deepEqual(await numbers({ order: "asc", limit: 5, before: first[50].id }), count(45, 49));
assert.deepEqual(await numbers({ order: "desc", limit: 5, before: first[50].id }), count(55, 51));
assert.deepEqual(await numbers({ order: "asc", after: first[10].id, before: first[20].id }), count(11, 19));

const empty = await threads.messages.list((await threads.create()).id);
assert.deepEqual([empty.data, empty.has_more], [[], false]);

for (const limit of [0, 101]) {
  await assert.rejects(threads.messages.list(thread.id, { limit }), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError, String(error));
    assert.equal(error.param, "limit");
    return true;
  });
}

// Assistants, runs and a run's messages page alike
const mark = await beta.assistants.create({ model: "gpt-4o", name: "mark" });
const made = [];
for (const place of count(0, 4)) {
  made.push((await beta.assistants.create({ model: "gpt-4o", name: `paged ${place}` })).id);
}
const found = [];
for await (const assistant of beta.assistants.list({ order: "asc", after: mark.id, limit: 2 })) found.push(assistant.id);
assert.deepEqual(found, made);
const single = await threads.create();
const runs = [];
for (const place of count(0, 2)) {
  await threads.messages.create(single.id, { role: "user", content: `say hello ${place}` });
  runs.push(await threads.runs.createAndPoll(single.id, { assistant_id: made[0] }, { pollIntervalMs: 20 }));
}
const listed = [];
for await (const run of threads.runs.list(single.id, { limit: 1 })) listed.push(run.id);
assert.deepEqual(listed, runs.map((run) => run.id).reverse());
const ofOne = (await threads.messages.list(single.id, { run_id: runs[1].id })).data;
assert.deepEqual(ofOne.map((message) => message.run_id), [runs[1].id]);
for (const id of [mark.id, ...made]) await beta.assistants.delete(id);
