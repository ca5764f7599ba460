"""The official Python client as people use it for their documents: uploads, vector stores, assistants that search."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from openai import OpenAI
from openai.types.beta.threads import Message

SEARCH: Any = {"type": "file_search"}
TIMEOUT_S = 120.0


class Cited(Struct, frozen=True, kw_only=True):
    """A citation of an answer."""

    file: str
    page: int | None
    quote: str
    marker: str


class Answer(Struct, frozen=True, kw_only=True):
    """What an assistant said, and whence it has that."""

    text: str
    cited: tuple[Cited, ...]


def client_of(base_url: str, key: str = "any") -> OpenAI:
    return OpenAI(base_url=base_url, api_key=key, max_retries=0, timeout=TIMEOUT_S)


def store_of(client: OpenAI, documents: Mapping[str, bytes], name: str = "documents") -> str:
    """Upload documents into a vector store of their own, as the client's own helper does; its id, once all is read."""
    store = client.vector_stores.create(name=name)
    batch = client.vector_stores.file_batches.upload_and_poll(
        store.id, files=list(documents.items()), poll_interval_ms=100
    )
    assert batch.status == "completed", batch
    assert batch.file_counts.completed == len(documents), [
        (file.id, file.status, file.last_error) for file in client.vector_stores.files.list(store.id)
    ]
    return store.id


def assistant_with(client: OpenAI, store_id: str, tools: Sequence[Any] = (SEARCH,)) -> str:
    resources: Any = {"file_search": {"vector_store_ids": [store_id]}}
    return client.beta.assistants.create(model="rehearsal", tools=list(tools), tool_resources=resources).id


def ask(client: OpenAI, assistant_id: str, question: str) -> Answer:
    """Ask in a new thread."""
    run = client.beta.threads.create_and_run_poll(
        assistant_id=assistant_id, thread={"messages": [{"role": "user", "content": question}]}, poll_interval_ms=50
    )
    assert run.status == "completed", (run.status, run.last_error)
    (answer,) = client.beta.threads.messages.list(run.thread_id, run_id=run.id).data
    return told(client, answer)


def ask_streamed(client: OpenAI, assistant_id: str, question: str) -> Answer:
    """Ask in a new thread and hear the answer as it comes; what is heard is what is stored."""
    thread = client.beta.threads.create(messages=[{"role": "user", "content": question}])
    with client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant_id) as stream:
        stream.until_done()
        (heard,) = stream.get_final_messages()
    answer = client.beta.threads.messages.retrieve(heard.id, thread_id=thread.id)
    assert heard.content == answer.content
    return told(client, heard)


def told(client: OpenAI, message: Message) -> Answer:
    """Return what a message says; each annotation's indices must cut its own marker out of the text."""
    (part,) = message.content
    assert part.type == "text"
    cited = []
    for mark in part.text.annotations:
        assert mark.type == "file_citation"
        assert part.text.value[mark.start_index : mark.end_index] == mark.text
        assert mark.file_citation is not None
        extras = json.loads(mark.to_json())["retinue"]
        assert client.files.retrieve(mark.file_citation.file_id).filename == extras["file_name"]
        cited.append(Cited(file=extras["file_name"], page=extras.get("page"), quote=extras["quote"], marker=mark.text))
    return Answer(text=part.text.value, cited=tuple(cited))
