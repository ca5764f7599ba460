"""Functions that the server runs itself: programs that know nothing of that go on, streaming or waiting."""

from openai import AssistantEventHandler, OpenAI

client = OpenAI()
threads = client.beta.threads
NAMES = ("get_weather", "get_stamp")
TOOLS = [{"type": "function", "function": {"name": name}} for name in NAMES]
assistant = client.beta.assistants.create(model="gpt-4o", tools=TOOLS)


def asking(text):
    return threads.create(messages=[{"role": "user", "content": text}]).id


class Recorder(AssistantEventHandler):
    def __init__(self):
        super().__init__()
        self.told = []
        self.steps = []
        self.text = ""

    def on_run_step_done(self, run_step):
        self.told.append(f"step done {run_step.type} {run_step.status}")
        self.steps.append(run_step)

    def on_tool_call_created(self, tool_call):
        self.told.append(f"call created {tool_call.function.name}")

    def on_message_created(self, message):
        self.told.append("message created")

    def on_message_done(self, message):
        self.told.append(f"message done {message.status}")

    def on_text_delta(self, delta, snapshot):
        self.text += delta.value or ""
        assert snapshot.value == self.text, (snapshot.value, self.text)

    def on_exception(self, exception):
        self.told.append(f"exception {exception!r}")


def outputs_of(run):
    steps = threads.runs.steps.list(run.id, thread_id=run.thread_id, order="asc").data
    return [
        call.function.output for step in steps if step.type == "tool_calls" for call in step.step_details.tool_calls
    ]


MESSAGE = ["message created", "message done completed", "step done message_creation completed"]

# The server's calls alone: nobody is asked, and the stream tells it all

with threads.runs.stream(
    thread_id=asking("weather in Paris and Rome"), assistant_id=assistant.id, event_handler=Recorder()
) as stream:
    stream.until_done()
run = stream.get_final_run()
assert run.status == "completed", run
assert stream.told == [
    "call created get_weather",
    "call created get_weather",
    "step done tool_calls completed",
    *MESSAGE,
], stream.told
assert stream.text == "The tools said: Paris: sun\nRome: sun", stream.text
calls, said = stream.steps
assert [call.function.output for call in calls.step_details.tool_calls] == ["Paris: sun", "Rome: sun"], calls
assert calls.usage.total_tokens == 26, calls
assert outputs_of(run) == ["Paris: sun", "Rome: sun"], run
assert run.usage.total_tokens == 65, run
assert run == threads.runs.retrieve(run.id, thread_id=run.thread_id)

# A mixed turn: the client is asked for its own call, when the server's is done

with threads.runs.stream(
    thread_id=asking("weather and a stamp"), assistant_id=assistant.id, event_handler=Recorder()
) as stream:
    stream.until_done()
run = stream.get_final_run()
assert run.status == "requires_action", run
(asked,) = run.required_action.submit_tool_outputs.tool_calls
assert asked.function.name == "get_stamp", asked
assert outputs_of(run) == ["Oslo: sun", None], run
with threads.runs.submit_tool_outputs_stream(
    run_id=run.id,
    thread_id=run.thread_id,
    tool_outputs=[{"tool_call_id": asked.id, "output": "a blue one"}],
    event_handler=Recorder(),
) as stream:
    stream.until_done()
assert stream.told == ["step done tool_calls completed", *MESSAGE], stream.told
assert outputs_of(run) == ["Oslo: sun", "a blue one"], run
assert "a blue one" in stream.text, stream.text

# The helpers that wait

run = threads.create_and_run_poll(
    assistant_id=assistant.id,
    thread={"messages": [{"role": "user", "content": "weather in Paris and Rome"}]},
    poll_interval_ms=50,
)
assert run.status == "completed", run
assert outputs_of(run) == ["Paris: sun", "Rome: sun"], run
assert [tool.function.description for tool in run.tools] == ["Tell the weather in a city.", None], run
