"""Assistants v1: the `retrieval` tool over an assistant's files, and over those that a message brings."""

import time

from openai import OpenAI

client = OpenAI()


def upload(name, content):
    return client.files.create(file=(name, content), purpose="assistants")


def ask(assistant, thread):
    run = client.beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant.id)
    while run.status in ("queued", "in_progress"):
        time.sleep(0.1)
        run = client.beta.threads.runs.retrieve(run.id, thread_id=thread.id)
    assert run.status == "completed", run
    (said,) = client.beta.threads.messages.list(thread.id, limit=1).data
    (part,) = said.content
    return run, part.text


def expect(text, file, words):
    assert words in text.value, text
    (mark,) = text.annotations
    assert mark.type == "file_citation", mark
    assert mark.file_citation.file_id == file.id, (mark, file)
    assert words in mark.file_citation.quote, mark
    assert text.value[mark.start_index : mark.end_index] == mark.text, text


mill = upload("mill.txt", b"The old mill grinds nineteen sacks of rye a day.\n\nIts wheel is made of oak.")
well = upload("well.md", b"# The well\n\nThe well in the yard is 41 metres deep.")

assistant = client.beta.assistants.create(model="rehearsal", tools=[{"type": "retrieval"}], file_ids=[mill.id])
thread = client.beta.threads.create(
    messages=[{"role": "user", "content": "How many sacks of rye does the mill grind?"}]
)
run, text = ask(assistant, thread)
expect(text, mill, "nineteen sacks")
steps = list(reversed(client.beta.threads.runs.steps.list(run.id, thread_id=thread.id).data))
assert [step.type for step in steps] == ["tool_calls", "message_creation"], steps
(call,) = steps[0].step_details.tool_calls
assert call.type == "retrieval", call

client.beta.threads.messages.create(
    thread.id, role="user", content="How deep is the well in the yard?", file_ids=[well.id]
)
expect(ask(assistant, thread)[1], well, "41 metres")

client.beta.assistants.files.delete(mill.id, assistant_id=assistant.id)
other = client.beta.threads.create(messages=[{"role": "user", "content": "How many sacks of rye does the mill grind?"}])
_, text = ask(assistant, other)
assert "nineteen" not in text.value, text
assert text.annotations == [], text
