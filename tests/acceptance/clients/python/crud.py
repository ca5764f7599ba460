"""Make, read, change, list and delete every kind of object; every field comes back as it was sent."""

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
        "strict": False,
    },
}
assistant = client.beta.assistants.create(
    model="gpt-4o",
    name="Tutor",
    description="Teaches.",
    instructions="You teach mathematics. Ünïcödé 🎓",
    tools=[weather, {"type": "code_interpreter"}],
    metadata={"team": "blue", "empty": ""},
    temperature=0.25,
    top_p=0.5,
    response_format={"type": "json_object"},
)
assert assistant.id.startswith("asst_"), assistant.id
assert assistant.object == "assistant", assistant.object
assert assistant.created_at > 1_600_000_000, assistant.created_at
assert assistant.model == "gpt-4o", assistant.model
assert assistant.name == "Tutor", assistant.name
assert assistant.description == "Teaches.", assistant.description
assert assistant.instructions == "You teach mathematics. Ünïcödé 🎓", assistant.instructions
assert [tool.type for tool in assistant.tools] == ["function", "code_interpreter"], assistant.tools
function = assistant.tools[0].function
assert function.name == "get_weather", function
assert function.description == "The weather of a city.", function
assert function.parameters == weather["function"]["parameters"], function
assert assistant.metadata == {"team": "blue", "empty": ""}, assistant.metadata
assert assistant.temperature == 0.25, assistant.temperature
assert assistant.top_p == 0.5, assistant.top_p
assert assistant.response_format.type == "json_object", assistant.response_format
assert client.beta.assistants.retrieve(assistant.id) == assistant

bare = client.beta.assistants.create(model="gpt-4o")
assert bare.name is None, bare.name
assert bare.description is None, bare.description
assert bare.instructions is None, bare.instructions
assert bare.tools == [], bare.tools
assert bare.metadata == {}, bare.metadata
assert bare.temperature == 1.0, bare.temperature
assert bare.top_p == 1.0, bare.top_p
assert bare.response_format == "auto", bare.response_format

# Only what is named changes; what is given whole is replaced whole.
changed = client.beta.assistants.update(assistant.id, name="Coach", metadata={"team": "red"}, tools=[weather])
assert changed.id == assistant.id
assert changed.created_at == assistant.created_at
assert changed.name == "Coach", changed.name
assert changed.metadata == {"team": "red"}, changed.metadata
assert [tool.type for tool in changed.tools] == ["function"], changed.tools
assert changed.instructions == assistant.instructions, changed.instructions
assert changed.description == assistant.description, changed.description
assert changed.temperature == 0.25, changed.temperature
assert changed.response_format == assistant.response_format, changed.response_format
changed = client.beta.assistants.update(assistant.id, name=None, description=None, model="gpt-4")
assert (changed.name, changed.description, changed.model) == (None, None, "gpt-4"), changed
assert client.beta.assistants.retrieve(assistant.id) == changed

schema = {"name": "answer", "schema": {"type": "object", "properties": {"n": {"type": "integer"}}}, "strict": False}
changed = client.beta.assistants.update(
    assistant.id, response_format={"type": "json_schema", "json_schema": schema}, tools=[]
)
form = changed.model_dump()["response_format"]  # 1.35.0 has no class for it yet, so it stays a dict there
assert form["type"] == "json_schema", form
assert form["json_schema"]["name"] == "answer", form
assert changed.tools == [], changed.tools

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
thread = client.beta.threads.create(
    messages=[
        {"role": "user", "content": "First", "metadata": {"n": "1"}},
        {"role": "assistant", "content": "Second"},
        {"role": "user", "content": [{"type": "text", "text": "Third"}]},
    ],
    metadata={"customer": "7"},
)
assert thread.metadata == {"customer": "7"}, thread.metadata
assert client.beta.threads.retrieve(thread.id) == thread
listed = client.beta.threads.messages.list(thread.id, order="asc").data
assert [message.content[0].text.value for message in listed] == ["First", "Second", "Third"], listed
assert [message.role for message in listed] == ["user", "assistant", "user"], listed
assert listed[0].metadata == {"n": "1"}, listed[0].metadata
changed_thread = client.beta.threads.update(thread.id, metadata={"customer": "8"})
assert changed_thread.metadata == {"customer": "8"}, changed_thread.metadata
assert changed_thread.created_at == thread.created_at
assert client.beta.threads.retrieve(thread.id) == changed_thread

# Messages

message = client.beta.threads.messages.create(
    thread.id, role="user", content="Fourth, with 🧵", metadata={"source": "mail"}
)
assert message.id.startswith("msg_"), message.id
assert message.object == "thread.message", message.object
assert message.thread_id == thread.id, message.thread_id
assert message.role == "user", message.role
assert message.content[0].type == "text", message.content
assert message.content[0].text.value == "Fourth, with 🧵", message.content
assert message.content[0].text.annotations == [], message.content
assert message.assistant_id is None, message.assistant_id
assert message.run_id is None, message.run_id
assert message.attachments == [], message.attachments
assert message.metadata == {"source": "mail"}, message.metadata
assert client.beta.threads.messages.retrieve(message.id, thread_id=thread.id) == message
changed_message = client.beta.threads.messages.update(message.id, thread_id=thread.id, metadata={"source": "phone"})
assert changed_message.metadata == {"source": "phone"}, changed_message.metadata
assert changed_message.content == message.content, changed_message.content
assert client.beta.threads.messages.retrieve(message.id, thread_id=thread.id) == changed_message

gone_message = client.beta.threads.messages.delete(message.id, thread_id=thread.id)
assert (gone_message.id, gone_message.object, gone_message.deleted) == (message.id, "thread.message.deleted", True)
left = client.beta.threads.messages.list(thread.id, order="asc").data
assert [kept.id for kept in left] == [kept.id for kept in listed], left

# Runs

run = client.beta.threads.runs.create_and_poll(
    thread_id=thread.id, assistant_id=assistant.id, metadata={"try": "1"}, poll_interval_ms=50
)
assert run.status == "completed", run
assert run.metadata == {"try": "1"}, run.metadata
changed_run = client.beta.threads.runs.update(run.id, thread_id=thread.id, metadata={"try": "2"})
assert changed_run.metadata == {"try": "2"}, changed_run.metadata
assert client.beta.threads.runs.retrieve(run.id, thread_id=thread.id) == changed_run
assert [found.id for found in client.beta.threads.runs.list(thread.id).data] == [run.id]

# An assistant that is gone leaves its threads readable; a thread takes everything with it.
client.beta.assistants.delete(assistant.id)
assert client.beta.threads.runs.retrieve(run.id, thread_id=thread.id).assistant_id == assistant.id
assert len(client.beta.threads.messages.list(thread.id).data) == 4
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
