"""Code as Assistants v1 has it run, held to v1's own document: files by `file_ids`, charts and links in the answer."""

from collections.abc import Iterator
from typing import Any

import pytest

from acceptance.coding import INTERPRETER, block
from acceptance.runs import ids
from acceptance.server import Server
from acceptance.wire import ASSISTANTS, MESSAGE, MESSAGES, STEPS, THREAD_AND_RUN, Wire
from contract.validator import Event, Story, check_stream

pytestmark = pytest.mark.usefixtures("sandbox")

CODE = """import matplotlib.pyplot as plt
print(open('/mnt/data/ours.txt').read(), open('/mnt/data/own.txt').read())
plt.plot([1, 2])
plt.show()
with open('/mnt/data/made.txt', 'w') as made:
    print('made', file=made)"""
MESSAGE_FILES = "/threads/{thread_id}/messages/{message_id}/files"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("code-v1") / "data"
    with Server(folder, environment={"RETINUE_SANDBOX": "auto"}) as server:
        yield server


@pytest.fixture(scope="module")
def v1(served: Server) -> Wire:
    return Wire(served.port, generation="v1")


@pytest.fixture(scope="module")
def events(v1: Wire) -> list[Event]:
    """What is streamed of a run whose assistant and message have a file each."""
    ours, own = (v1.upload(f"{name}'s".encode(), f"{name}.txt")["id"] for name in ("ours", "own"))
    assistant = v1.post(ASSISTANTS, {"model": "rehearsal", "tools": [INTERPRETER], "file_ids": [ours]})
    message = {"role": "user", "content": block(CODE), "file_ids": [own]}
    with v1.stream(THREAD_AND_RUN, {"assistant_id": assistant["id"], "thread": {"messages": [message]}}) as stream:
        return stream.rest()


@pytest.fixture(scope="module")
def story(events: list[Event]) -> Story:
    return check_stream(events, begins="thread", generation="v1")


@pytest.fixture(scope="module")
def answer(v1: Wire, story: Story) -> dict[str, Any]:
    """The message of the assistant's, as it is stored."""
    messages = v1.get(MESSAGES, thread_id=story.run["thread_id"])["data"]
    found: dict[str, Any] = next(message for message in messages if message["role"] == "assistant")
    return found


def test_files_of_the_assistant_and_of_the_message_are_there(story: Story) -> None:
    assert story.run["status"] == "completed", story.run["last_error"]
    (call,) = calls_of(story.steps)
    assert call["code_interpreter"]["input"] == CODE
    assert call["code_interpreter"]["outputs"][0] == {"type": "logs", "logs": "ours's own's\n"}


def test_a_step_has_v1s_shape_and_is_what_was_streamed(v1: Wire, story: Story) -> None:
    stored = v1.get(STEPS, {"order": "asc"}, **ids(story.run))["data"]
    assert stored == story.steps
    assert [step["type"] for step in stored] == ["tool_calls", "message_creation"]
    (call,) = calls_of(stored)
    assert call.keys() == {"id", "type", "code_interpreter"}
    logs, image = call["code_interpreter"]["outputs"]
    assert (logs["type"], image["type"]) == ("logs", "image")
    assert v1.content(image["image"]["file_id"]).raw.startswith(b"\x89PNG")


def test_deltas_add_up_to_the_code_and_its_outputs(events: list[Event], story: Story) -> None:
    deltas = [event.data["delta"] for event in events if event.name == "thread.run.step.delta"]
    parts = [call["code_interpreter"] for delta in deltas for call in delta["step_details"]["tool_calls"]]
    assert "".join(part.get("input", "") for part in parts) == CODE
    outputs = [output for part in parts for output in part.get("outputs", ())]
    assert [output.pop("index") for output in outputs] == [0, 1]
    (call,) = calls_of(story.steps)
    assert outputs == call["code_interpreter"]["outputs"]


def test_an_answer_shows_the_chart_and_links_the_file(v1: Wire, story: Story, answer: dict[str, Any]) -> None:
    image, text = answer["content"]
    (call,) = calls_of(story.steps)
    assert image["image_file"]["file_id"] == call["code_interpreter"]["outputs"][1]["image"]["file_id"]
    (mark,) = text["text"]["annotations"]
    assert (mark["type"], mark["text"]) == ("file_path", "sandbox:/mnt/data/made.txt")
    assert text["text"]["value"][mark["start_index"] : mark["end_index"]] == mark["text"]
    assert v1.content(mark["file_path"]["file_id"]).raw == b"made\n"


def test_an_answer_has_the_file_that_was_made(v1: Wire, served: Server, answer: dict[str, Any]) -> None:
    (made,) = answer["file_ids"]
    place = {"thread_id": answer["thread_id"], "message_id": answer["id"]}
    assert [file["id"] for file in v1.get(MESSAGE_FILES, **place)["data"]] == [made]
    assert answer["content"][1]["text"]["annotations"][0]["file_path"]["file_id"] == made
    seen = Wire(served.port).get(MESSAGE, **place)
    assert [attached["file_id"] for attached in seen["attachments"]] == [made]


def calls_of(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [call for step in steps for call in step["step_details"].get("tool_calls", ())]
