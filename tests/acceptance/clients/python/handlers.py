"""Streaming with subclasses of AssistantEventHandler: every callback comes, in order, with what belongs to it."""

from openai import AssistantEventHandler, OpenAI

client = OpenAI()
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}
assistant = client.beta.assistants.create(model="gpt-4o", tools=[TOOL])
HELLO = "Hello! This is a reply that comes in several pieces."


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

    def on_exception(self, exception):
        self.calls.append(f"exception {exception!r}")

    def on_timeout(self):
        self.calls.append("timeout")

    def on_run_step_created(self, run_step):
        assert run_step.status == "in_progress", run_step
        self.calls.append(f"step created {run_step.type}")

    def on_run_step_delta(self, delta, snapshot):
        assert snapshot.step_details.type == "tool_calls", snapshot

    def on_run_step_done(self, run_step):
        self.calls.append(f"step done {run_step.type} {run_step.status}")

    def on_message_created(self, message):
        assert message.content == [], message
        assert message.status == "in_progress", message
        self.calls.append("message created")

    def on_message_delta(self, delta, snapshot):
        assert self.current_message_snapshot.id == snapshot.id

    def on_message_done(self, message):
        assert message.status == "completed", message
        self.calls.append("message done")

    def on_text_created(self, text):
        self.calls.append("text created")

    def on_text_delta(self, delta, snapshot):
        self.text += delta.value or ""
        assert snapshot.value == self.text, (snapshot.value, self.text)

    def on_text_done(self, text):
        assert text.value == self.text, (text.value, self.text)
        self.calls.append("text done")

    def on_tool_call_created(self, tool_call):
        assert tool_call.function.name == "get_weather", tool_call
        assert tool_call.function.arguments == "", tool_call
        assert tool_call.id, tool_call
        self.arguments[tool_call.id] = ""
        self.calls.append("call created")

    def on_tool_call_delta(self, delta, snapshot):
        self.arguments[snapshot.id] += delta.function.arguments or ""
        assert snapshot.function.arguments == self.arguments[snapshot.id], snapshot

    def on_tool_call_done(self, tool_call):
        assert tool_call.function.arguments == self.arguments[tool_call.id], tool_call
        if "call done " + tool_call.id not in self.calls:  # the SDK may tell it twice
            self.calls.append("call done " + tool_call.id)


# A plain run

thread = client.beta.threads.create(messages=[{"role": "user", "content": "say hello"}])
with client.beta.threads.runs.stream(
    thread_id=thread.id, assistant_id=assistant.id, event_handler=Recorder()
) as stream:
    stream.until_done()
assert stream.text == HELLO, stream.text
assert stream.calls == [
    "step created message_creation",
    "message created",
    "text created",
    "text done",
    "message done",
    "step done message_creation completed",
    "end",
], stream.calls
assert stream.events.count("thread.message.delta") > 1, stream.events
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
assert run == client.beta.threads.runs.retrieve(run.id, thread_id=thread.id)
messages = stream.get_final_messages()
assert [message.content[0].text.value for message in messages] == [HELLO], messages
assert messages[0] == client.beta.threads.messages.retrieve(messages[0].id, thread_id=thread.id)
steps = stream.get_final_run_steps()
assert [step.type for step in steps] == ["message_creation"], steps

# Without a handler of one's own

thread = client.beta.threads.create(messages=[{"role": "user", "content": "say hello"}])
with client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id) as stream:
    pieces = list(stream.text_deltas)
assert "".join(pieces) == HELLO, pieces
assert len(pieces) > 1, pieces
assert stream.current_run.status == "completed", stream.current_run

# Two calls at once, then their outputs

thread = client.beta.threads.create(messages=[{"role": "user", "content": "weather in Paris and Rome"}])
with client.beta.threads.runs.stream(
    thread_id=thread.id, assistant_id=assistant.id, event_handler=Recorder()
) as stream:
    run = stream.get_final_run()
assert run.status == "requires_action", run
asked = run.required_action.submit_tool_outputs.tool_calls
assert list(stream.arguments.values()) == [call.function.arguments for call in asked], stream.arguments
assert stream.calls == [
    "step created tool_calls",
    "call created",
    f"call done {asked[0].id}",
    "call created",
    f"call done {asked[1].id}",
    "end",
], stream.calls

with client.beta.threads.runs.submit_tool_outputs_stream(
    run_id=run.id,
    thread_id=thread.id,
    tool_outputs=[{"tool_call_id": call.id, "output": f"sun in {call.function.arguments}"} for call in asked],
    event_handler=Recorder(),
) as stream:
    stream.until_done()
assert stream.calls == [
    "step done tool_calls completed",
    "step created message_creation",
    "message created",
    "text created",
    "text done",
    "message done",
    "step done message_creation completed",
    "end",
], stream.calls
assert stream.events[:3] == ["thread.run.step.completed", "thread.run.queued", "thread.run.in_progress"], stream.events
assert stream.text.count("sun in") == 2, stream.text
assert stream.get_final_run().status == "completed"

# A thread made on the way

with client.beta.threads.create_and_run_stream(
    assistant_id=assistant.id,
    thread={"messages": [{"role": "user", "content": "say hello"}]},
    event_handler=Recorder(),
) as stream:
    stream.until_done()
assert stream.events[:2] == ["thread.created", "thread.run.created"], stream.events
assert stream.text == HELLO, stream.text


# The cycle as the guides showed it: the handler submits outputs from within


class Cycle(AssistantEventHandler):
    said = ""

    def on_event(self, event):
        if event.event == "thread.run.requires_action":
            calls = event.data.required_action.submit_tool_outputs.tool_calls
            with client.beta.threads.runs.submit_tool_outputs_stream(
                thread_id=self.current_run.thread_id,
                run_id=self.current_run.id,
                tool_outputs=[{"tool_call_id": call.id, "output": "rain"} for call in calls],
                event_handler=AssistantEventHandler(),
            ) as inner:
                for text in inner.text_deltas:
                    self.said += text


with client.beta.threads.create_and_run_stream(
    assistant_id=assistant.id,
    thread={"messages": [{"role": "user", "content": "weather in Paris and Rome"}]},
    event_handler=Cycle(),
) as stream:
    stream.until_done()
assert stream.said.startswith("The tools said: "), stream.said
assert stream.said.count("rain") == 2, stream.said
