"""Questions about one's own files: streamed and polled, the answers' sources replaced as OpenAI's guide shows it."""

from openai import AssistantEventHandler, OpenAI

client = OpenAI()
threads = client.beta.threads
stores = getattr(client, "vector_stores", None) or client.beta.vector_stores

HOLIDAYS = b"Everybody has 27 days of holiday a year. Up to five days may be taken along into the next one."
ILLNESS = b"Whoever falls ill calls the registrar before nine. A doctor's note is needed from the fourth day on."
CONTENT = "step_details.tool_calls[*].file_search.results[*].content"

store = stores.create(name="Handbook")
batch = stores.file_batches.upload_and_poll(store.id, files=[("holidays.txt", HOLIDAYS), ("illness.txt", ILLNESS)])
assert (batch.status, batch.file_counts.completed) == ("completed", 2), batch
assistant = client.beta.assistants.create(
    model="gpt-4o",
    tools=[{"type": "file_search"}],
    tool_resources={"file_search": {"vector_store_ids": [store.id]}},
)


class Recorder(AssistantEventHandler):
    def __init__(self):
        super().__init__()
        self.told = []
        self.text = ""

    def on_tool_call_created(self, tool_call):
        self.told.append(f"call created {tool_call.type}")

    def on_text_delta(self, delta, snapshot):
        self.text += delta.value or ""
        assert snapshot.value == self.text, (snapshot.value, self.text)

    def on_text_done(self, text):
        self.told.append("text done")

    def on_exception(self, exception):
        self.told.append(f"exception {exception!r}")


def asking(text):
    return threads.create(messages=[{"role": "user", "content": text}]).id


def with_footnotes(text):
    """As the guide has it: each marker becomes a number, and the file's name stands below."""
    value, notes = text.value, []
    for index, annotation in enumerate(text.annotations):
        value = value.replace(annotation.text, f"[{index}]")
        notes.append(f"[{index}] {client.files.retrieve(annotation.file_citation.file_id).filename}")
    return f"{value}\n" + "\n".join(notes)


# A stream: what its events add up to is what is stored

thread = asking("How many days of holiday does everybody have a year?")
handler = Recorder()
with threads.runs.stream(thread_id=thread, assistant_id=assistant.id, event_handler=handler) as stream:
    stream.until_done()
run = stream.get_final_run()
assert run.status == "completed", run
assert handler.told == ["call created file_search", "text done"], handler.told
stored = threads.messages.list(thread, run_id=run.id).data
assert len(stored) == 1, stored
(text,) = [part.text for part in stored[0].content]
assert text.value == handler.text, (text, handler.text)
(summed,) = [part.text for message in stream.get_final_messages() for part in message.content]
assert summed.value == text.value, (summed, text)
assert [a.to_dict() | {"index": 0} for a in summed.annotations] == [
    a.to_dict() | {"index": 0} for a in text.annotations
]
(citation,) = text.annotations
assert text.value[citation.start_index : citation.end_index] == citation.text, text
assert with_footnotes(text).startswith("Everybody has 27 days of holiday a year.[0]"), text
assert with_footnotes(text).endswith("\n[0] holidays.txt"), text

# The steps: what was found, with its words if they are asked for

steps = threads.runs.steps.list(run.id, thread_id=thread, order="asc").data
assert [step.type for step in steps] == ["tool_calls", "message_creation"], steps
(call,) = steps[0].to_dict()["step_details"]["tool_calls"]
assert call["type"] == "file_search", call
assert call["file_search"]["ranking_options"] == {"ranker": "default_2024_08_21", "score_threshold": 0}, call
results = call["file_search"]["results"]
assert results[0]["file_name"] == "holidays.txt", results
assert 0 < results[0]["score"] <= 1, results
assert "content" not in results[0], results
step = threads.runs.steps.retrieve(
    steps[0].id, thread_id=thread, run_id=run.id, extra_query={"include[]": CONTENT}
).to_dict()
(call,) = step["step_details"]["tool_calls"]
assert call["file_search"]["results"][0]["content"] == [{"type": "text", "text": HOLIDAYS.decode()}], call

# A run that is waited for, and that must search

thread = asking("From which day on is a doctor's note needed?")
run = threads.runs.create_and_poll(
    thread_id=thread, assistant_id=assistant.id, tool_choice={"type": "file_search"}, poll_interval_ms=100
)
assert run.status == "completed", run
(text,) = [part.text for part in threads.messages.list(thread, run_id=run.id).data[0].content]
assert "fourth day" in text.value, text
assert client.files.retrieve(text.annotations[0].file_citation.file_id).filename == "illness.txt", text

# A file that comes with a message is searched too

boat = client.files.create(file=("boat.txt", b"The lifeboat is called Arctic Tern."), purpose="assistants")
thread = threads.create(
    messages=[
        {
            "role": "user",
            "content": "What is the lifeboat called?",
            "attachments": [{"file_id": boat.id, "tools": [{"type": "file_search"}]}],
        }
    ]
).id
run = threads.runs.create_and_poll(thread_id=thread, assistant_id=assistant.id, poll_interval_ms=100)
(text,) = [part.text for part in threads.messages.list(thread, run_id=run.id).data[0].content]
assert "Arctic Tern" in text.value, text
assert [annotation.file_citation.file_id for annotation in text.annotations] == [boat.id], text
