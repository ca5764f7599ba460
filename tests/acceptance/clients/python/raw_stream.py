"""`stream=True`: the events themselves, without a helper."""

from openai import OpenAI

client = OpenAI()
assistant = client.beta.assistants.create(
    model="gpt-4o",
    tools=[{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}],
)

thread = client.beta.threads.create(messages=[{"role": "user", "content": "say hello"}])
text = ""
names = []
for event in client.beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant.id, stream=True):
    names.append(event.event)
    if event.event == "thread.message.delta":
        for part in event.data.delta.content:
            text += part.text.value
    if event.event == "thread.message.completed":
        assert event.data.content[0].text.value == text, event.data
    if event.event == "thread.run.completed":
        assert event.data.usage.total_tokens == 19, event.data.usage
assert text == "Hello! This is a reply that comes in several pieces.", text
assert names[0] == "thread.run.created", names
assert names[-1] == "thread.run.completed", names  # `done` ends the iteration

# A thread made on the way
names = []
for event in client.beta.threads.create_and_run(
    assistant_id=assistant.id, thread={"messages": [{"role": "user", "content": "weather in Oslo"}]}, stream=True
):
    names.append(event.event)
    if event.event == "thread.created":
        thread_id = event.data.id
    if event.event == "thread.run.requires_action":
        run = event.data
assert names[0] == "thread.created", names
assert names[-1] == "thread.run.requires_action", names
assert run.thread_id == thread_id, run

# Outputs, streamed
calls = run.required_action.submit_tool_outputs.tool_calls
assert len(calls) == 1, calls
names = []
for event in client.beta.threads.runs.submit_tool_outputs(
    run.id,
    thread_id=run.thread_id,
    tool_outputs=[{"tool_call_id": calls[0].id, "output": "snow"}],
    stream=True,
):
    names.append(event.event)
    if event.event == "thread.run.step.completed" and event.data.type == "tool_calls":
        assert event.data.step_details.tool_calls[0].function.output == "snow", event.data
assert names[0] == "thread.run.step.completed", names
assert names[-1] == "thread.run.completed", names
said = client.beta.threads.messages.list(run.thread_id).data[0].content[0].text.value
assert "snow" in said, said

# A reader that leaves stops nothing
thread = client.beta.threads.create(messages=[{"role": "user", "content": "say hello"}])
with client.beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant.id, stream=True) as stream:
    created = next(iter(stream))
run = client.beta.threads.runs.poll(created.data.id, thread_id=thread.id, poll_interval_ms=50)
assert run.status == "completed", run
