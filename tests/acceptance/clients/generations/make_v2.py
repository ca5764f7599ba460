"""A v2 client makes an assistant with an interpreter's files and a thread; prints their ids."""

import json

from openai import OpenAI

client = OpenAI()
files = [client.files.create(file=(name, b"1,2"), purpose="assistants").id for name in ("a.csv", "b.csv", "c.csv")]
assistant = client.beta.assistants.create(
    model="gpt-4o",
    name="Made by v2",
    tools=[{"type": "code_interpreter"}, {"type": "file_search"}],
    tool_resources={"code_interpreter": {"file_ids": [files[1], files[0]]}},
    temperature=0.25,
    response_format={"type": "text"},
)
thread = client.beta.threads.create(
    messages=[
        {
            "role": "user",
            "content": "say hello",
            "attachments": [{"file_id": files[0], "tools": [{"type": "code_interpreter"}]}],
        }
    ],
    metadata={"by": "v2"},
)
run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, poll_interval_ms=50)
assert run.status == "completed", run
print(json.dumps({"assistant": assistant.id, "thread": thread.id, "run": run.id, "files": files}))
