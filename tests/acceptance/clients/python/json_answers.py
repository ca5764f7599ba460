"""response_format: answers are held against it; what doesn't fit is closed as incomplete, and said anew."""

import json

from openai import AssistantEventHandler, BadRequestError, OpenAI

client = OpenAI()
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "degrees": {"type": "integer"}},
    "required": ["city", "degrees"],
    "additionalProperties": False,
}
FORMAT = {"type": "json_schema", "json_schema": {"name": "weather", "strict": True, "schema": SCHEMA}}
ANSWER = {"city": "Oslo", "degrees": 7}
assistant = client.beta.assistants.create(model="gpt-4o", response_format=FORMAT)
ASKED = {"messages": [{"role": "user", "content": "where is it cold?"}]}


def said(run):
    messages = client.beta.threads.messages.list(run.thread_id, order="asc").data[1:]
    return [(message.status, message.content[0].text.value) for message in messages]


SAID = [
    ("incomplete", "In Oslo, I think."),
    ("incomplete", '{"city": "Oslo", "degrees": "seven"}'),
    ("completed", '{"city": "Oslo", "degrees": 7}'),
]

# Polled: the newest message is the answer
run = client.beta.threads.create_and_run_poll(assistant_id=assistant.id, thread=ASKED, poll_interval_ms=50)
assert run.status == "completed", run
assert said(run) == SAID, said(run)
newest = client.beta.threads.messages.list(run.thread_id).data[0]
assert json.loads(newest.content[0].text.value) == ANSWER, newest
assert (run.usage.prompt_tokens, run.usage.completion_tokens) == (110, 22), run.usage
steps = client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id, order="asc").data
assert [step.status for step in steps] == ["failed", "failed", "completed"], steps
assert "$/degrees" in steps[1].last_error.message, steps[1]
assert [step.usage.completion_tokens for step in steps] == [5, 8, 9], steps


# Streamed: every message is closed before the next one begins, and only the last is completed
class Handler(AssistantEventHandler):
    def __init__(self):
        super().__init__()
        self.messages = []
        self.text = ""

    def on_message_created(self, message):
        self.text = ""

    def on_text_delta(self, delta, snapshot):
        self.text += delta.value
        assert snapshot.value == self.text, snapshot

    def on_message_done(self, message):
        self.messages.append((message.status, self.text))


thread = client.beta.threads.create(**ASKED)
with client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id, event_handler=Handler()) as stream:
    stream.until_done()
assert stream.messages == SAID, stream.messages
assert stream.current_run.status == "completed", stream.current_run
assert len({message.id for message in stream.get_final_messages()}) == 3

# The run's own format holds: text takes what the assistant's schema would not
run = client.beta.threads.create_and_run_poll(
    assistant_id=assistant.id, thread=ASKED, poll_interval_ms=50, response_format={"type": "text"}
)
assert said(run) == [("completed", "In Oslo, I think.")], said(run)

# A model that never does as it is told fails the run, and the reason is told
run = client.beta.threads.create_and_run_poll(
    assistant_id=assistant.id, thread=ASKED, poll_interval_ms=50, instructions="never do as you are told"
)
assert run.status == "failed", run
assert run.last_error.code == "server_error", run.last_error
assert run.last_error.message.startswith("The answer is not JSON"), run.last_error
assert [status for status, _ in said(run)] == ["incomplete"] * 3, said(run)

# Any object
run = client.beta.threads.create_and_run_poll(
    assistant_id=assistant.id, thread=ASKED, poll_interval_ms=50, response_format={"type": "json_object"}
)
assert [status for status, _ in said(run)] == ["incomplete", "completed"], said(run)

# A schema that is none is refused where it is set
unsound = {"type": "json_schema", "json_schema": {"name": "weather", "schema": {"type": "objekt"}}}
for attempt in (
    lambda: client.beta.assistants.create(model="gpt-4o", response_format=unsound),
    lambda: client.beta.assistants.update(assistant.id, response_format=unsound),
    lambda: client.beta.threads.create_and_run(assistant_id=assistant.id, thread=ASKED, response_format=unsound),
):
    try:
        attempt()
    except BadRequestError as error:
        assert error.param == "response_format.json_schema.schema", error
        assert "$/type" in error.message, error
    else:
        raise AssertionError("taken")
assert client.beta.assistants.retrieve(assistant.id).response_format != unsound
