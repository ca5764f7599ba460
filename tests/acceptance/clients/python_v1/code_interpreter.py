"""Assistants v1: a CSV is plotted and changed by code, polled by hand; files by `file_ids`, as guides had it."""

import time

from openai import BadRequestError, OpenAI

client = OpenAI()
threads = client.beta.threads
CSV = b"month,price,quantity\nJan,2.5,10\nFeb,3.0,12\nMar,2.0,30\n"

sales = client.files.create(file=("sales.csv", CSV), purpose="assistants")
assistant = client.beta.assistants.create(
    model="gpt-4-1106-preview", tools=[{"type": "code_interpreter"}], file_ids=[sales.id]
)
assert assistant.file_ids == [sales.id], assistant


def ask(thread, text, **more):
    threads.messages.create(thread.id, role="user", content=text, **more)
    run = threads.runs.create(thread_id=thread.id, assistant_id=assistant.id)
    while run.status in ("queued", "in_progress"):
        time.sleep(0.05)
        run = threads.runs.retrieve(run.id, thread_id=thread.id)
    assert run.status == "completed", run
    return run, threads.messages.list(thread.id, limit=1).data[0]


def call_of(run):
    step, said = reversed(threads.runs.steps.list(run.id, thread_id=run.thread_id).data)
    assert (step.type, step.status, said.type) == ("tool_calls", "completed", "message_creation"), (step, said)
    (call,) = step.step_details.tool_calls
    assert call.type == "code_interpreter", call
    return call.code_interpreter


# A chart

thread = threads.create()
run, answer = ask(thread, "Plot price against month in sales.csv.")
call = call_of(run)
assert "sales.csv" in call.input, call
chart = next(output.image.file_id for output in call.outputs if output.type == "image")
assert [part.type for part in answer.content] == ["image_file", "text"], answer
assert answer.content[0].image_file.file_id == chart, answer
assert client.files.content(chart).read().startswith(b"\x89PNG\r\n\x1a\n")
assert client.files.retrieve(chart).purpose == "assistants_output"

# A file that comes with its message, changed

more = client.files.create(file=("more.csv", CSV), purpose="assistants")
change = "Add a column total = price * quantity to more.csv and give me the file back."
run, answer = ask(thread, change, file_ids=[more.id])
(text,) = [part.text for part in answer.content if part.type == "text"]
(mark,) = text.annotations
assert mark.type == "file_path", mark
assert text.value[mark.start_index : mark.end_index] == mark.text, text
assert answer.file_ids == [mark.file_path.file_id], answer
assert [file.id for file in threads.messages.files.list(answer.id, thread_id=thread.id)] == answer.file_ids
assert client.files.content(answer.file_ids[0]).read().splitlines()[0] == b"month,price,quantity,total"

# Names are kept from one run to the next

ask(thread, "Run this:\n```python\nkept = 41\n```")
run, _ = ask(thread, "Run this:\n```python\nprint(kept + 1)\n```")
assert [output.logs for output in call_of(run).outputs] == ["42\n"], run

# There is nothing to cancel any more

try:
    threads.runs.cancel(run.id, thread_id=thread.id)
    raise SystemExit("a completed run could be cancelled")
except BadRequestError as error:
    assert "Cannot cancel run with status 'completed'." in str(error), error
