"""Azure's form of Assistants v2: a deployment's name for a model, `api-version` in the query, the key in `api-key`."""

from openai import AzureOpenAI, NotFoundError

client = AzureOpenAI(api_version="2024-05-01-preview")
threads = client.beta.threads
HELLO = "Hello! This is a reply that comes in several pieces."

# The deployments

models = list(client.models.list())
assert models, "the server names no model"
assert client.models.retrieve(models[0].id).id == models[0].id

# Assistants

assistant = client.beta.assistants.create(
    model="my-deployment",
    name="Tutor",
    instructions="You teach.",
    tools=[{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}],
    metadata={"team": "blue"},
)
assert assistant.model == "my-deployment", assistant
assert client.beta.assistants.retrieve(assistant.id) == assistant
changed = client.beta.assistants.update(assistant.id, name="Coach")
assert (changed.name, changed.instructions) == ("Coach", "You teach."), changed
assert client.beta.assistants.list(limit=1).data == [changed]

# Threads and messages

thread = threads.create(messages=[{"role": "user", "content": "say hello"}], metadata={"customer": "7"})
assert threads.retrieve(thread.id) == thread
assert threads.update(thread.id, metadata={"customer": "8"}).metadata == {"customer": "8"}
message = threads.messages.create(thread.id, role="user", content="say hello again")
assert threads.messages.retrieve(message.id, thread_id=thread.id) == message
marked = threads.messages.update(message.id, thread_id=thread.id, metadata={"seen": "yes"})
assert marked.metadata == {"seen": "yes"}, marked
assert threads.messages.delete(message.id, thread_id=thread.id).deleted
assert [found.content[0].text.value for found in threads.messages.list(thread.id)] == ["say hello"]

# Runs: polled, streamed, cancelled; their steps

run = threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, poll_interval_ms=50)
assert run.status == "completed", run
assert run.model == "my-deployment", run
assert threads.messages.list(thread.id).data[0].content[0].text.value == HELLO
assert threads.runs.update(run.id, thread_id=thread.id, metadata={"try": "2"}).metadata == {"try": "2"}
assert [found.id for found in threads.runs.list(thread.id)] == [run.id]
(step,) = threads.runs.steps.list(run.id, thread_id=thread.id).data
assert threads.runs.steps.retrieve(step.id, run_id=run.id, thread_id=thread.id) == step

threads.messages.create(thread.id, role="user", content="say hello")
with threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id) as stream:
    assert "".join(stream.text_deltas) == HELLO

with threads.create_and_run_stream(
    assistant_id=assistant.id, thread={"messages": [{"role": "user", "content": "weather in Paris and Rome"}]}
) as stream:
    run = stream.get_final_run()
calls = run.required_action.submit_tool_outputs.tool_calls
with threads.runs.submit_tool_outputs_stream(
    run_id=run.id,
    thread_id=run.thread_id,
    tool_outputs=[{"tool_call_id": call.id, "output": "sun"} for call in calls],
) as stream:
    assert "".join(stream.text_deltas).count("sun") == 2

weather = {"messages": [{"role": "user", "content": "weather in Oslo"}]}
run = threads.create_and_run_poll(assistant_id=assistant.id, thread=weather, poll_interval_ms=50)
(call,) = run.required_action.submit_tool_outputs.tool_calls
run = threads.runs.submit_tool_outputs_and_poll(
    run_id=run.id,
    thread_id=run.thread_id,
    tool_outputs=[{"tool_call_id": call.id, "output": "ice"}],
    poll_interval_ms=50,
)
assert run.status == "completed", run
run = threads.create_and_run_poll(assistant_id=assistant.id, thread=weather, poll_interval_ms=50)
threads.runs.cancel(run.id, thread_id=run.thread_id)
run = threads.runs.poll(run.id, run.thread_id, poll_interval_ms=50)
assert run.status == "cancelled", run

# The end of it all; errors by class

assert threads.delete(thread.id).deleted
assert client.beta.assistants.delete(assistant.id).deleted
try:
    client.beta.assistants.retrieve(assistant.id)
    raise SystemExit("a deleted assistant could be read")
except NotFoundError as error:
    assert f"No assistant found with id '{assistant.id}'." in str(error), error
