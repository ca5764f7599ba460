"""The v1 client sees what the v2 client did to its objects, in its own form."""

import json
import sys

from openai import OpenAI

client = OpenAI()
ids = json.loads(sys.argv[1])
first, second = ids["files"]

assistant = client.beta.assistants.retrieve(ids["assistant"])
assert assistant.name == "Changed by v2", assistant
assert [tool.type for tool in assistant.tools] == ["retrieval", "function"], assistant
assert assistant.file_ids == [second, first], assistant
assert "tool_resources" not in assistant.model_dump(), assistant
assert client.beta.threads.retrieve(ids["thread"]).metadata == {"by": "v2"}
messages = client.beta.threads.messages.list(ids["thread"], order="asc").data
assert [message.role for message in messages] == ["user", "assistant", "user", "assistant"], messages
assert [message.file_ids for message in messages] == [[first], [], [second], []], messages
run = client.beta.threads.runs.retrieve(ids["run"], thread_id=ids["thread"])
assert run.file_ids == [second, first], run
assert [tool.type for tool in run.tools] == ["retrieval", "function"], run
