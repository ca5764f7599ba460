"""A v1 client reads what a v2 client made, and changes it."""

import json
import sys
import time

from openai import OpenAI

client = OpenAI()
ids = json.loads(sys.argv[1])
first, second, third = ids["files"]

assistant = client.beta.assistants.retrieve(ids["assistant"])
assert assistant.name == "Made by v2", assistant
assert [tool.type for tool in assistant.tools] == ["code_interpreter", "retrieval"], assistant
assert assistant.file_ids == [second, first], assistant
assert client.beta.threads.retrieve(ids["thread"]).metadata == {"by": "v2"}
reply, message = client.beta.threads.messages.list(ids["thread"]).data
assert (reply.file_ids, message.file_ids) == ([], [first]), (reply, message)
run = client.beta.threads.runs.retrieve(ids["run"], thread_id=ids["thread"])
assert [tool.type for tool in run.tools] == ["code_interpreter", "retrieval"], run

client.beta.assistants.update(assistant.id, name="Changed by v1")
client.beta.assistants.files.create(assistant.id, file_id=third)
assert client.beta.assistants.retrieve(assistant.id).file_ids == [second, first, third]
client.beta.threads.update(ids["thread"], metadata={"by": "v1"})
client.beta.threads.messages.create(ids["thread"], role="user", content="say hello to v2", file_ids=[third])
run = client.beta.threads.runs.create(ids["thread"], assistant_id=assistant.id)
while run.status in ("queued", "in_progress"):
    time.sleep(0.02)
    run = client.beta.threads.runs.retrieve(run.id, thread_id=ids["thread"])
assert run.status == "completed", run
print(json.dumps({**ids, "run": run.id}))
