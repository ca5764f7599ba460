"""A CSV is plotted while one listens, and changed while one waits: code, logs, chart and file as guides had it."""

from openai import AssistantEventHandler, BadRequestError, OpenAI

client = OpenAI()
threads = client.beta.threads
CSV = b"month,price,quantity\nJan,2.5,10\nFeb,3.0,12\nMar,2.0,30\n"
TOOL = {"type": "code_interpreter"}

sales = client.files.create(file=("sales.csv", CSV), purpose="assistants")
assistant = client.beta.assistants.create(
    model="gpt-4o",
    instructions="You are a data analyst.",
    tools=[TOOL],
    tool_resources={"code_interpreter": {"file_ids": [sales.id]}},
)
assert assistant.tool_resources.code_interpreter.file_ids == [sales.id], assistant


class Recorder(AssistantEventHandler):
    def __init__(self):
        super().__init__()
        self.told = []
        self.code = ""
        self.outputs = []
        self.images = []
        self.done = None

    def on_tool_call_created(self, tool_call):
        self.told.append(f"call created {tool_call.type}")

    def on_tool_call_delta(self, delta, snapshot):
        assert delta.type == "code_interpreter", delta
        self.code += delta.code_interpreter.input or ""
        assert snapshot.code_interpreter.input == self.code, snapshot
        self.outputs += delta.code_interpreter.outputs or []

    def on_tool_call_done(self, tool_call):
        self.done = tool_call  # packages tell it again with each step that follows

    def on_image_file_done(self, image_file):
        self.told.append("image done")
        self.images.append(image_file.file_id)

    def on_text_done(self, text):
        self.told.append("text done")

    def on_exception(self, exception):
        self.told.append(f"exception {exception!r}")


# A chart, streamed

thread = threads.create(messages=[{"role": "user", "content": "Plot price against month in sales.csv."}])
with threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id, event_handler=Recorder()) as stream:
    stream.until_done()
run = stream.get_final_run()
assert run.status == "completed", run
assert stream.told == ["call created code_interpreter", "image done", "text done"], stream.told
step, _ = threads.runs.steps.list(run.id, thread_id=thread.id, order="asc").data
(call,) = step.step_details.tool_calls
assert call.code_interpreter.input == stream.code, call
assert stream.done.id == call.id, stream.done
assert "sales.csv" in stream.code, stream.code
chart = next(output.image.file_id for output in call.code_interpreter.outputs if output.type == "image")
assert [output.image.file_id for output in stream.outputs if output.type == "image"] == [chart], stream.outputs
assert stream.images == [chart], stream.images
(answer,) = threads.messages.list(thread.id, run_id=run.id).data
assert [message.content for message in stream.get_final_messages()] == [answer.content], answer
assert [part.type for part in answer.content] == ["image_file", "text"], answer
assert client.files.content(chart).read().startswith(b"\x89PNG\r\n\x1a\n")
assert client.files.retrieve(chart).purpose == "assistants_output"

# A file that is changed, polled; this one comes with its message

change = "Add a column total = price * quantity to more.csv and give me the file back."
more = client.files.create(file=("more.csv", CSV), purpose="assistants")
thread = threads.create(
    messages=[{"role": "user", "content": change, "attachments": [{"file_id": more.id, "tools": [TOOL]}]}]
)
assert threads.retrieve(thread.id).tool_resources.code_interpreter.file_ids == [more.id]
run = threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, poll_interval_ms=50)
assert run.status == "completed", run
(answer,) = threads.messages.list(thread.id, run_id=run.id).data
(text,) = [part.text for part in answer.content if part.type == "text"]
(mark,) = text.annotations
assert mark.type == "file_path", mark
assert mark.text.startswith("sandbox:/mnt/data/"), mark
assert text.value[mark.start_index : mark.end_index] == mark.text, text
assert client.files.content(mark.file_path.file_id).text.splitlines()[0] == "month,price,quantity,total"
assert [attached.file_id for attached in answer.attachments] == [mark.file_path.file_id], answer
assert client.files.content(more.id).read() == CSV

# Names are kept from one run to the next

for content, logs in (("kept = 41", ""), ("print(kept + 1)", "42\n")):
    threads.messages.create(thread.id, role="user", content=f"Run this:\n```python\n{content}\n```")
    run = threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, poll_interval_ms=50)
    step, _ = threads.runs.steps.list(run.id, thread_id=thread.id, order="asc").data
    outputs = step.step_details.tool_calls[0].code_interpreter.outputs
    assert "".join(output.logs for output in outputs) == logs, outputs

# There is nothing to cancel any more

try:
    threads.runs.cancel(run.id, thread_id=thread.id)
    raise SystemExit("a completed run could be cancelled")
except BadRequestError as error:
    assert "Cannot cancel run with status 'completed'." in str(error), error
