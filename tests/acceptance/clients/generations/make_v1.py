"""A v1 client makes an assistant with files, a thread and a run; prints their ids."""

import json
import time

from openai import OpenAI

client = OpenAI()
files = [client.files.create(file=(name, b"Read me."), purpose="assistants").id for name in ("a.txt", "b.txt")]
assistant = client.beta.assistants.create(
    model="gpt-4-1106-preview",
    name="Made by v1",
    instructions="Be brief.",
    tools=[{"type": "retrieval"}, {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
    file_ids=[files[1], files[0]],
)
thread = client.beta.threads.create(metadata={"by": "v1"})
message = client.beta.threads.messages.create(thread.id, role="user", content="say hello", file_ids=[files[0]])
run = client.beta.threads.runs.create(thread.id, assistant_id=assistant.id)
while run.status in ("queued", "in_progress"):
    time.sleep(0.02)
    run = client.beta.threads.runs.retrieve(run.id, thread_id=thread.id)
assert run.status == "completed", run
ids = {"assistant": assistant.id, "thread": thread.id, "message": message.id, "run": run.id, "files": files}
print(json.dumps(ids))
