"""Assistants v1: files that are retrieved from, and the quotes of the answer."""

import time

from openai import OpenAI

client = OpenAI()
threads = client.beta.threads
HOLIDAYS = b"Everybody has 27 days of holiday a year. Up to five days may be taken along into the next one."

file = client.files.create(file=("holidays.txt", HOLIDAYS), purpose="assistants")
assistant = client.beta.assistants.create(model="gpt-4-1106-preview", tools=[{"type": "retrieval"}], file_ids=[file.id])


def answered(question):
    """The run's end, and its answer."""
    thread = threads.create(messages=[{"role": "user", "content": question}])
    run = threads.runs.create(thread_id=thread.id, assistant_id=assistant.id)
    while run.status in ("queued", "in_progress"):
        time.sleep(0.1)
        run = threads.runs.retrieve(run.id, thread_id=thread.id)
    assert run.status == "completed", run
    (part,) = threads.messages.list(thread.id).data[0].content
    return run, part.text


# v1 had no way to wait until a file is read: the question is put again until it is

run, text = answered("How many days of holiday does everybody have a year?")
for _ in range(100):
    if text.annotations:
        break
    time.sleep(0.2)
    run, text = answered("How many days of holiday does everybody have a year?")
(citation,) = text.annotations
assert citation.file_citation.file_id == file.id, citation
assert citation.file_citation.quote == "Everybody has 27 days of holiday a year.", citation
assert text.value[citation.start_index : citation.end_index] == citation.text, text
called = next(s for s in threads.runs.steps.list(run.id, thread_id=run.thread_id).data if s.type == "tool_calls")
(call,) = called.step_details.tool_calls
assert (call.type, call.retrieval) == ("retrieval", {}), call
