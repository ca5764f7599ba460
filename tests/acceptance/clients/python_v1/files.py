"""Assistants v1: files, and the lists of them that assistants and messages have."""

import io
import time

from openai import BadRequestError, NotFoundError, OpenAI

client = OpenAI()


def upload(name, content):
    return client.files.create(file=(name, content), purpose="assistants")


# Files themselves

first = upload("first.txt", b"The first file.")
second = client.files.create(file=("second, with \u00e4.md", io.BytesIO(b"# Second\n")), purpose="assistants")
third = upload("third.csv", b"a,b\n1,2\n")
assert first.id.startswith("file-"), first.id
assert first.object == "file", first
assert first.bytes == len(b"The first file."), first
assert first.filename == "first.txt", first
assert second.filename == "second, with \u00e4.md", second
assert first.purpose == "assistants", first
assert first.created_at > 1_600_000_000, first
assert client.files.wait_for_processing(first.id).status == "processed"
assert client.files.retrieve(second.id).id == second.id
assert client.files.retrieve(second.id).filename == second.filename
listed = {file.id for file in client.files.list(purpose="assistants")}
assert {first.id, second.id, third.id} <= listed, listed
assert client.files.content(third.id).read() == b"a,b\n1,2\n"

# An assistant's: as given, in order

assistant = client.beta.assistants.create(
    model="gpt-4-1106-preview", tools=[{"type": "retrieval"}], file_ids=[second.id, first.id]
)
assert assistant.file_ids == [second.id, first.id], assistant.file_ids
assert client.beta.assistants.retrieve(assistant.id) == assistant
held = client.beta.assistants.files.create(assistant.id, file_id=third.id)
assert held.id == third.id, held
assert held.object == "assistant.file", held
assert held.assistant_id == assistant.id, held
assert held.created_at > 1_600_000_000, held
assert client.beta.assistants.retrieve(assistant.id).file_ids == [second.id, first.id, third.id]
assert client.beta.assistants.files.retrieve(third.id, assistant_id=assistant.id) == held
rising = [file.id for file in client.beta.assistants.files.list(assistant.id, order="asc")]
falling = [file.id for file in client.beta.assistants.files.list(assistant.id)]
assert set(rising) == {first.id, second.id, third.id}, rising
assert falling == rising[::-1], (rising, falling)
assert [file.id for file in client.beta.assistants.files.list(assistant.id, order="asc", limit=1)] == rising

gone = client.beta.assistants.files.delete(third.id, assistant_id=assistant.id)
assert (gone.id, gone.object, gone.deleted) == (third.id, "assistant.file.deleted", True), gone
assert client.beta.assistants.retrieve(assistant.id).file_ids == [second.id, first.id]
assert client.files.retrieve(third.id).id == third.id, "the file itself went with its place at the assistant"
try:
    client.beta.assistants.files.retrieve(third.id, assistant_id=assistant.id)
    raise SystemExit("a file was read that is the assistant's no more")
except NotFoundError:
    pass

# What is given anew replaces the list; what isn't leaves it
assert client.beta.assistants.update(assistant.id, name="Named").file_ids == [second.id, first.id]
assert client.beta.assistants.update(assistant.id, file_ids=[third.id]).file_ids == [third.id]
assert client.beta.assistants.update(assistant.id, file_ids=[]).file_ids == []
assert client.beta.assistants.update(assistant.id, file_ids=[first.id]).file_ids == [first.id]

# An interpreter's are the same list
of_interpreter = client.beta.assistants.create(
    model="gpt-4-1106-preview",
    tools=[{"type": "code_interpreter"}, {"type": "retrieval"}],
    file_ids=[third.id, first.id],
)
assert of_interpreter.file_ids == [third.id, first.id], of_interpreter
assert [tool.type for tool in of_interpreter.tools] == ["code_interpreter", "retrieval"], of_interpreter

# A message's

thread = client.beta.threads.create(
    messages=[{"role": "user", "content": "say hello to these", "file_ids": [second.id, first.id]}]
)
(opening,) = client.beta.threads.messages.list(thread.id).data
assert opening.file_ids == [second.id, first.id], opening
message = client.beta.threads.messages.create(thread.id, role="user", content="say hello", file_ids=[third.id])
assert message.file_ids == [third.id], message
assert client.beta.threads.messages.retrieve(message.id, thread_id=thread.id) == message
(only,) = client.beta.threads.messages.files.list(message.id, thread_id=thread.id).data
assert only.id == third.id, only
assert only.object == "thread.message.file", only
assert only.message_id == message.id, only
assert only.created_at > 1_600_000_000, only
assert client.beta.threads.messages.files.retrieve(third.id, thread_id=thread.id, message_id=message.id) == only
both = {file.id for file in client.beta.threads.messages.files.list(opening.id, thread_id=thread.id)}
assert both == {first.id, second.id}, both
try:
    client.beta.threads.messages.files.retrieve(first.id, thread_id=thread.id, message_id=message.id)
    raise SystemExit("a file was read that is another message's")
except NotFoundError:
    pass

# A run shows its assistant's

run = client.beta.threads.runs.create(thread.id, assistant_id=assistant.id)
assert run.file_ids == [first.id], run
assert [tool.type for tool in run.tools] == ["retrieval"], run
while run.status in ("queued", "in_progress"):
    time.sleep(0.02)
    run = client.beta.threads.runs.retrieve(run.id, thread_id=thread.id)
assert run.status == "completed", run
assert run.file_ids == [first.id], run
reply = client.beta.threads.messages.list(thread.id).data[0]
assert reply.role == "assistant", reply
assert reply.file_ids == [], reply

# As many as there may be, and one more

many = [upload(f"{number}.txt", b"one of many").id for number in range(21)]
full = client.beta.assistants.create(model="gpt-4", tools=[{"type": "retrieval"}], file_ids=many[:20])
assert full.file_ids == many[:20], full
message = client.beta.threads.messages.create(thread.id, role="user", content="x", file_ids=many[:10])
assert message.file_ids == many[:10], message
for refused in (
    lambda: client.beta.assistants.create(model="gpt-4", tools=[{"type": "retrieval"}], file_ids=many),
    lambda: client.beta.assistants.update(assistant.id, file_ids=many),
    lambda: client.beta.assistants.files.create(full.id, file_id=many[20]),
    lambda: client.beta.threads.messages.create(thread.id, role="user", content="x", file_ids=many[:11]),
):
    try:
        refused()
        raise SystemExit("took one file too many")
    except BadRequestError as error:
        assert error.type == "invalid_request_error", error
assert client.beta.assistants.retrieve(full.id).file_ids == many[:20]

# None that isn't there

for refused in (
    lambda: client.beta.assistants.create(model="gpt-4", tools=[{"type": "retrieval"}], file_ids=["file-none"]),
    lambda: client.beta.assistants.files.create(assistant.id, file_id="file-none"),
    lambda: client.beta.threads.messages.create(thread.id, role="user", content="x", file_ids=["file-none"]),
    lambda: client.files.retrieve("file-none"),
):
    try:
        refused()
        raise SystemExit("took a file that isn't there")
    except (BadRequestError, NotFoundError) as error:
        assert "file-none" in str(error), error

# A file that goes, goes from where it was

gone = client.files.delete(first.id)
assert (gone.id, gone.deleted) == (first.id, True), gone
try:
    client.files.retrieve(first.id)
    raise SystemExit("a deleted file could be read")
except NotFoundError as error:
    assert f"No such File object: {first.id}" in str(error), error
assert client.beta.assistants.retrieve(assistant.id).file_ids == []
assert client.beta.assistants.retrieve(of_interpreter.id).file_ids == [third.id]
