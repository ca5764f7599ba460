"""The v2 client sees what the v1 client did to its objects, in its own form; what v1 has no word for stayed."""

import json
import sys

from openai import OpenAI

client = OpenAI()
ids = json.loads(sys.argv[1])
first, second, third = ids["files"]

assistant = client.beta.assistants.retrieve(ids["assistant"])
assert assistant.name == "Changed by v1", assistant
assert [tool.type for tool in assistant.tools] == ["code_interpreter", "file_search"], assistant
assert assistant.tool_resources.code_interpreter.file_ids == [second, first, third], assistant
assert (assistant.temperature, assistant.response_format.type) == (0.25, "text"), assistant
assert client.beta.threads.retrieve(ids["thread"]).metadata == {"by": "v1"}
messages = client.beta.threads.messages.list(ids["thread"], order="asc").data
attached = [[attachment.file_id for attachment in message.attachments] for message in messages]
assert attached == [[first], [], [third], []], messages
run = client.beta.threads.runs.retrieve(ids["run"], thread_id=ids["thread"])
assert [tool.type for tool in run.tools] == ["code_interpreter", "file_search"], run
