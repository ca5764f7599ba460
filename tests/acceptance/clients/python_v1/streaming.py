"""Assistants v1: streaming helpers under their first names, handlers, and the events themselves."""

from openai import AssistantEventHandler, OpenAI

client = OpenAI()
threads = client.beta.threads
HELLO = "Hello! This is a reply that comes in several pieces."
assistant = client.beta.assistants.create(
    model="gpt-4-turbo",
    tools=[
        {
            "type": "function",
            "function": {
                "name": "get_weather",
                "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
            },
        }
    ],
)


class Recorder(AssistantEventHandler):
    def __init__(self):
        super().__init__()
        self.calls = []
        self.events = []
        self.text = ""
        self.arguments = {}

    def on_event(self, event):
        self.events.append(event.event)

    def on_end(self):
        self.calls.append("end")

    def on_run_step_created(self, run_step):
        self.calls.append(f"step created {run_step.type}")

    def on_run_step_done(self, run_step):
        self.calls.append(f"step done {run_step.type} {run_step.status}")

    def on_message_created(self, message):
        assert message.file_ids == [], message
        self.calls.append("message created")

    def on_message_done(self, message):
        assert message.status == "completed", message
        assert message.file_ids == [], message
        self.calls.append("message done")

    def on_text_created(self, text):
        self.calls.append("text created")

    def on_text_delta(self, delta, snapshot):
        self.text += delta.value or ""
        assert snapshot.value == self.text, (snapshot.value, self.text)

    def on_text_done(self, text):
        self.calls.append("text done")

    def on_tool_call_created(self, tool_call):
        assert tool_call.function.name == "get_weather", tool_call
        self.arguments[tool_call.id] = ""

    def on_tool_call_delta(self, delta, snapshot):
        self.arguments[snapshot.id] += delta.function.arguments or ""
        assert snapshot.function.arguments == self.arguments[snapshot.id], snapshot


MESSAGE_CALLS = [
    "step created message_creation",
    "message created",
    "text created",
    "text done",
    "message done",
    "step done message_creation completed",
    "end",
]

# The helper's first name, and the one that stayed

for helper in (threads.runs.create_and_stream, threads.runs.stream):
    thread = threads.create(messages=[{"role": "user", "content": "say hello"}])
    with helper(thread_id=thread.id, assistant_id=assistant.id, event_handler=Recorder()) as stream:
        stream.until_done()
    assert stream.text == HELLO, stream.text
    assert stream.calls == MESSAGE_CALLS, stream.calls
    assert [name for name in stream.events if name != "thread.message.delta"] == [
        "thread.run.created",
        "thread.run.queued",
        "thread.run.in_progress",
        "thread.run.step.created",
        "thread.run.step.in_progress",
        "thread.message.created",
        "thread.message.in_progress",
        "thread.message.completed",
        "thread.run.step.completed",
        "thread.run.completed",
    ], stream.events
    run = stream.get_final_run()
    assert run.status == "completed", run
    assert run.file_ids == [], run
    assert run == threads.runs.retrieve(run.id, thread_id=thread.id)
    assert [message.content[0].text.value for message in stream.get_final_messages()] == [HELLO]

# A thread on the way, two calls, their outputs

with threads.create_and_run_stream(
    assistant_id=assistant.id,
    thread={"messages": [{"role": "user", "content": "weather in Paris and Rome"}]},
    event_handler=Recorder(),
) as stream:
    stream.until_done()
assert stream.events[:2] == ["thread.created", "thread.run.created"], stream.events
run = stream.get_final_run()
assert run.status == "requires_action", run
asked = run.required_action.submit_tool_outputs.tool_calls
assert list(stream.arguments.values()) == [call.function.arguments for call in asked], stream.arguments
with threads.runs.submit_tool_outputs_stream(
    run_id=run.id,
    thread_id=run.thread_id,
    tool_outputs=[{"tool_call_id": call.id, "output": "sun"} for call in asked],
    event_handler=Recorder(),
) as stream:
    stream.until_done()
assert stream.calls == ["step done tool_calls completed", *MESSAGE_CALLS], stream.calls
assert stream.text.count("sun") == 2, stream.text

# The events themselves

thread = threads.create(messages=[{"role": "user", "content": "say hello"}])
names = []
text = ""
for event in threads.runs.create(thread.id, assistant_id=assistant.id, stream=True):
    names.append(event.event)
    if event.event == "thread.message.delta":
        text += event.data.delta.content[0].text.value
    if event.event == "thread.message.completed":
        assert event.data.file_ids == [], event.data
assert text == HELLO, text
assert (names[0], names[-1]) == ("thread.run.created", "thread.run.completed"), names

# The helpers that wait

run = threads.create_and_run_poll(
    assistant_id=assistant.id,
    thread={"messages": [{"role": "user", "content": "weather in Oslo"}]},
    poll_interval_ms=50,
)
assert run.status == "requires_action", run
(call,) = run.required_action.submit_tool_outputs.tool_calls
run = threads.runs.submit_tool_outputs_and_poll(
    run_id=run.id,
    thread_id=run.thread_id,
    tool_outputs=[{"tool_call_id": call.id, "output": "ice"}],
    poll_interval_ms=50,
)
assert run.status == "completed", run
assert run.usage.total_tokens > 0, run
