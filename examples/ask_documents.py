"""Asks a folder of documents, through the official client and any server that speaks the Assistants API.

retinue serve
export OPENAI_BASE_URL=http://127.0.0.1:4747/v1 OPENAI_API_KEY=any
python examples/ask_documents.py docs "How much is the deposit?"
"""

import sys
from contextlib import ExitStack
from pathlib import Path

from openai import OpenAI

folder, question = Path(sys.argv[1]), sys.argv[2]
client = OpenAI()

store = client.vector_stores.create(name=folder.name, expires_after={"anchor": "last_active_at", "days": 1})
with ExitStack() as stack:
    files = [stack.enter_context(path.open("rb")) for path in sorted(folder.iterdir()) if path.is_file()]
    batch = client.vector_stores.file_batches.upload_and_poll(store.id, files=files)
print(f"{batch.file_counts.completed} files can be searched, {batch.file_counts.failed} can't be.")

assistant = client.beta.assistants.create(
    model="rehearsal",  # or any model that the server has
    tools=[{"type": "file_search"}],
    tool_resources={"file_search": {"vector_store_ids": [store.id]}},
)
thread = client.beta.threads.create(messages=[{"role": "user", "content": question}])
run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
if run.status != "completed":
    raise SystemExit(f"The run is {run.status}: {run.last_error and run.last_error.message}")

for part in client.beta.threads.messages.list(thread.id, run_id=run.id).data[0].content:
    if part.type == "text":
        print(part.text.value)
        for mark in part.text.annotations:
            if mark.type == "file_citation" and mark.file_citation:
                print(f"  {mark.text} is {client.files.retrieve(mark.file_citation.file_id).filename}")
