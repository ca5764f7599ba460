"""The official Python client as people use it for their data: files in, code run, charts and files out."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from openai import OpenAI
from openai.types.beta.threads import Message, Run
from openai.types.beta.threads.runs import CodeInterpreterToolCall, RunStep, ToolCallsStepDetails

INTERPRETER: Any = {"type": "code_interpreter"}
SALES = b"month,price,quantity\nJan,2.5,10\nFeb,3.0,12\nMar,2.0,30\nApr,4.5,8\n"


class Answer(Struct, frozen=True, kw_only=True):
    """What an assistant said, and what code it had run for that."""

    thread: str
    run: str
    text: str
    code: tuple[str, ...]
    logs: str
    images: tuple[str, ...]
    """Ids of the files that the message shows."""
    files: dict[str, str]
    """By the text of the annotations: the ids of files that the message links."""


def coder(client: OpenAI, *, file_ids: Sequence[str] = (), model: str = "rehearsal") -> str:
    resources: Any = {"code_interpreter": {"file_ids": list(file_ids)}}
    return client.beta.assistants.create(model=model, tools=[INTERPRETER], tool_resources=resources).id


def uploaded(client: OpenAI, name: str = "sales.csv", content: bytes = SALES) -> str:
    return client.files.create(file=(name, content), purpose="assistants").id


def ask(
    client: OpenAI, assistant: str, question: str, *, thread: str | None = None, files: Sequence[str] = ()
) -> Answer:
    """Ask, in a new thread unless told, perhaps with files attached."""
    thread = thread or client.beta.threads.create().id
    attached: Any = [{"file_id": id_, "tools": [INTERPRETER]} for id_ in files]
    client.beta.threads.messages.create(thread, role="user", content=question, attachments=attached)
    run = client.beta.threads.runs.create_and_poll(thread_id=thread, assistant_id=assistant, poll_interval_ms=50)
    assert run.status == "completed", (run.status, run.last_error)
    return answer_of(client, run)


def answer_of(client: OpenAI, run: Run) -> Answer:
    calls = calls_of(client, run.thread_id, run.id)
    said = list(client.beta.threads.messages.list(run.thread_id, run_id=run.id, order="asc"))
    parts = [part for message in said for part in message.content]
    logs = [output.logs for call in calls for output in call.code_interpreter.outputs if output.type == "logs"]
    return Answer(
        thread=run.thread_id,
        run=run.id,
        text="\n".join(part.text.value for part in parts if part.type == "text"),
        code=tuple(call.code_interpreter.input for call in calls),
        logs="".join(logs),
        images=tuple(part.image_file.file_id for part in parts if part.type == "image_file"),
        files={text: id_ for message in said for text, id_ in linked(message)},
    )


def linked(message: Message) -> list[tuple[str, str]]:
    """Return the links to files of a message; their indices must cut them out of its text."""
    found = []
    for part in message.content:
        for mark in part.text.annotations if part.type == "text" else ():
            assert mark.type == "file_path"
            assert part.type == "text"
            assert part.text.value[mark.start_index : mark.end_index] == mark.text
            found.append((mark.text, mark.file_path.file_id))
    return found


def calls_of(client: OpenAI, thread: str, run: str) -> list[CodeInterpreterToolCall]:
    steps = client.beta.threads.runs.steps.list(run, thread_id=thread, order="asc")
    return [call for step in steps for call in calls_in(step)]


def calls_in(step: RunStep) -> list[CodeInterpreterToolCall]:
    calls = step.step_details.tool_calls if isinstance(step.step_details, ToolCallsStepDetails) else []
    return [call for call in calls if isinstance(call, CodeInterpreterToolCall)]


def block(code: str) -> str:
    """A request that the rehearsal model has run as it is."""
    return f"Run this:\n```python\n{code}\n```"
