"""A v2 client reads what a v1 client made, and changes it."""

import json
import sys

from openai import OpenAI

client = OpenAI()
ids = json.loads(sys.argv[1])
first, second = ids["files"]

assistant = client.beta.assistants.retrieve(ids["assistant"])
assert assistant.name == "Made by v1", assistant
assert [tool.type for tool in assistant.tools] == ["file_search", "function"], assistant
assert len(assistant.tool_resources.file_search.vector_store_ids) == 1, assistant
assert "file_ids" not in assistant.model_dump(), assistant
thread = client.beta.threads.retrieve(ids["thread"])
assert thread.metadata == {"by": "v1"}, thread
message = client.beta.threads.messages.retrieve(ids["message"], thread_id=thread.id)
assert [attachment.file_id for attachment in message.attachments] == [first], message
assert "file_ids" not in message.model_dump(), message
run = client.beta.threads.runs.retrieve(ids["run"], thread_id=thread.id)
assert [tool.type for tool in run.tools] == ["file_search", "function"], run
assert "file_ids" not in run.model_dump(), run

client.beta.assistants.update(assistant.id, name="Changed by v2", temperature=0.5)
client.beta.threads.update(thread.id, metadata={"by": "v2"})
client.beta.threads.messages.create(
    thread.id,
    role="user",
    content="say hello to v1",
    attachments=[{"file_id": second, "tools": [{"type": "file_search"}]}],
)
run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, poll_interval_ms=50)
assert run.status == "completed", run
print(json.dumps({**ids, "run": run.id}))
