"""Assistants v1: make, read, change, list and delete every kind of object that needs no file."""

import time

from openai import NotFoundError, OpenAI

client = OpenAI()

# Models

models = list(client.models.list())
assert models, "the server names no model"
assert client.models.retrieve(models[0].id).id == models[0].id

# Assistants

weather = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
assistant = client.beta.assistants.create(
    model="gpt-4-1106-preview",
    name="Tutor",
    description="Teaches.",
    instructions="You teach mathematics. Ünïcödé 🎓",
    tools=[weather, {"type": "code_interpreter"}, {"type": "retrieval"}],
    metadata={"team": "blue", "empty": ""},
)
assert assistant.id.startswith("asst_"), assistant.id
assert assistant.object == "assistant", assistant.object
assert assistant.created_at > 1_600_000_000, assistant.created_at
assert assistant.model == "gpt-4-1106-preview", assistant.model
assert assistant.name == "Tutor", assistant.name
assert assistant.description == "Teaches.", assistant.description
assert assistant.instructions == "You teach mathematics. Ünïcödé 🎓", assistant.instructions
assert [tool.type for tool in assistant.tools] == ["function", "code_interpreter", "retrieval"], assistant.tools
function = assistant.tools[0].function
assert function.name == "get_weather", function
assert function.description == "The weather of a city.", function
assert function.parameters == weather["function"]["parameters"], function
assert assistant.file_ids == [], assistant.file_ids
assert "tool_resources" not in assistant.model_dump(), assistant
assert assistant.metadata == {"team": "blue", "empty": ""}, assistant.metadata
assert client.beta.assistants.retrieve(assistant.id) == assistant

bare = client.beta.assistants.create(model="gpt-4")
assert (bare.name, bare.description, bare.instructions) == (None, None, None), bare
assert (bare.tools, bare.file_ids, bare.metadata) == ([], [], {}), bare

changed = client.beta.assistants.update(assistant.id, name="Coach", metadata={"team": "red"}, tools=[weather])
assert changed.id == assistant.id
assert changed.created_at == assistant.created_at
assert changed.name == "Coach", changed.name
assert changed.metadata == {"team": "red"}, changed.metadata
assert [tool.type for tool in changed.tools] == ["function"], changed.tools
assert changed.instructions == assistant.instructions, changed.instructions
assert changed.description == assistant.description, changed.description
changed = client.beta.assistants.update(assistant.id, name=None, description=None, model="gpt-4")
assert (changed.name, changed.description, changed.model) == (None, None, "gpt-4"), changed
assert client.beta.assistants.retrieve(assistant.id) == changed

newest = client.beta.assistants.list(limit=2)
assert [found.id for found in newest.data] == [bare.id, assistant.id], newest.data

gone = client.beta.assistants.delete(bare.id)
assert (gone.id, gone.object, gone.deleted) == (bare.id, "assistant.deleted", True), gone
try:
    client.beta.assistants.retrieve(bare.id)
    raise SystemExit("a deleted assistant could be read")
except NotFoundError as error:
    assert f"No assistant found with id '{bare.id}'." in str(error), error

# Threads

empty = client.beta.threads.create()
assert empty.id.startswith("thread_"), empty.id
assert empty.object == "thread", empty.object
assert empty.metadata == {}, empty.metadata
assert "tool_resources" not in empty.model_dump(), empty
thread = client.beta.threads.create(
    messages=[
        {"role": "user", "content": "First", "metadata": {"n": "1"}},
        {"role": "user", "content": "Second"},
    ],
    metadata={"customer": "7"},
)
assert thread.metadata == {"customer": "7"}, thread.metadata
assert client.beta.threads.retrieve(thread.id) == thread
listed = client.beta.threads.messages.list(thread.id, order="asc").data
assert [message.content[0].text.value for message in listed] == ["First", "Second"], listed
assert [message.role for message in listed] == ["user", "user"], listed
assert listed[0].metadata == {"n": "1"}, listed[0].metadata
changed_thread = client.beta.threads.update(thread.id, metadata={"customer": "8"})
assert changed_thread.metadata == {"customer": "8"}, changed_thread.metadata
assert client.beta.threads.retrieve(thread.id) == changed_thread

# Messages

message = client.beta.threads.messages.create(
    thread.id, role="user", content="Third, with 🧵", metadata={"source": "mail"}
)
assert message.id.startswith("msg_"), message.id
assert message.object == "thread.message", message.object
assert message.thread_id == thread.id, message.thread_id
assert message.role == "user", message.role
assert message.content[0].type == "text", message.content
assert message.content[0].text.value == "Third, with 🧵", message.content
assert message.content[0].text.annotations == [], message.content
assert message.assistant_id is None, message.assistant_id
assert message.run_id is None, message.run_id
assert message.file_ids == [], message.file_ids
assert "attachments" not in message.model_dump(), message
assert message.metadata == {"source": "mail"}, message.metadata
assert client.beta.threads.messages.retrieve(message.id, thread_id=thread.id) == message
changed_message = client.beta.threads.messages.update(message.id, thread_id=thread.id, metadata={"source": "phone"})
assert changed_message.metadata == {"source": "phone"}, changed_message.metadata
assert changed_message.content == message.content, changed_message.content
assert client.beta.threads.messages.retrieve(message.id, thread_id=thread.id) == changed_message

# Runs

run = client.beta.threads.runs.create(thread.id, assistant_id=assistant.id, metadata={"try": "1"})
assert run.object == "thread.run", run.object
assert run.id.startswith("run_"), run.id
assert run.status == "queued", run
while run.status in ("queued", "in_progress"):
    time.sleep(0.02)
    run = client.beta.threads.runs.retrieve(run.id, thread_id=thread.id)
assert run.status == "completed", run
assert run.metadata == {"try": "1"}, run.metadata
changed_run = client.beta.threads.runs.update(run.id, thread_id=thread.id, metadata={"try": "2"})
assert changed_run.metadata == {"try": "2"}, changed_run.metadata
assert client.beta.threads.runs.retrieve(run.id, thread_id=thread.id) == changed_run
assert [found.id for found in client.beta.threads.runs.list(thread.id).data] == [run.id]

# What was the thread's goes with it

gone_thread = client.beta.threads.delete(thread.id)
assert (gone_thread.id, gone_thread.object, gone_thread.deleted) == (thread.id, "thread.deleted", True), gone_thread
for read in (
    lambda: client.beta.threads.retrieve(thread.id),
    lambda: client.beta.threads.messages.list(thread.id),
    lambda: client.beta.threads.messages.retrieve(listed[0].id, thread_id=thread.id),
    lambda: client.beta.threads.runs.retrieve(run.id, thread_id=thread.id),
    lambda: client.beta.threads.runs.steps.list(run.id, thread_id=thread.id),
):
    try:
        read()
        raise SystemExit("something of a deleted thread could be read")
    except NotFoundError:
        pass
