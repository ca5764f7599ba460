"""What code did, as objects of both generations, held against the contract."""

import msgspec
import pytest
from msgspec import structs

from contract.document import validate_object
from retinue.api.assistants import render
from retinue.api.assistants.events import frames
from retinue.api.assistants.form import V1, V2, Form
from retinue.api.dump import shapes, values
from retinue.core.events import CallEnded
from retinue.core.item import Annotation, Attachment, ImageFile, Message, Text, ToolCall, ToolOutput, Written
from retinue.core.step import Step

STEP = Step(
    id="step_1",
    run_id="run_1",
    thread_id="thread_1",
    assistant_id="asst_1",
    kind="tool_calls",
    turn=0,
    created_at=0,
    expires_at=600,
    first_event=1,
    status="completed",
    ended_at=2,
)
CALL = ToolCall(
    id="i",
    run_id="run_1",
    step_id="step_1",
    created_at=0,
    call_id="call_a",
    name="code_interpreter",
    arguments='{"code": "print(1)\\n',
    kind="code_interpreter",
)
OUTPUT = ToolOutput(
    id="o",
    run_id="run_1",
    step_id="step_1",
    created_at=0,
    call_id="call_a",
    output="1\n",
    charts=("file-a", "file-b"),
    files=(Written("a.csv", "file-c"),),
    notes=("For the model alone.",),
)
SILENT = structs.replace(OUTPUT, output="", charts=())
LINK = "sandbox:/mnt/data/a.csv"
MESSAGE = Message(
    id="msg_1",
    thread_id="thread_1",
    role="assistant",
    created_at=1.0,
    ended_at=2.0,
    content=(
        ImageFile(file_id="file-a"),
        Text(f"See {LINK}.", (Annotation(kind="file_path", file_id="file-c", start=4, end=4 + len(LINK)),)),
    ),
    attachments=(Attachment(file_id="file-c", tools=("code_interpreter",)),),
)

both = pytest.mark.parametrize("form", [V1, V2])


@both
def test_a_step_shows_the_code_and_what_it_came_to(form: Form) -> None:
    step = form.render.step(STEP, [CALL], [OUTPUT])
    validate_object("RunStepObject", step)
    (call,) = step["step_details"]["tool_calls"]
    assert call == {
        "id": "call_a",
        "type": "code_interpreter",
        "code_interpreter": {
            "input": "print(1)\n",
            "outputs": [
                {"type": "logs", "logs": "1\n"},
                {"type": "image", "image": {"file_id": "file-a"}},
                {"type": "image", "image": {"file_id": "file-b"}},
            ],
        },
    }


@both
@pytest.mark.parametrize("outputs", [(), (SILENT,)])
def test_code_that_printed_nothing_or_has_not_ended_has_no_logs(form: Form, outputs: tuple[ToolOutput, ...]) -> None:
    (call,) = form.render.step(STEP, [CALL], outputs)["step_details"]["tool_calls"]
    assert call["code_interpreter"] == {"input": "print(1)\n", "outputs": []}


@both
def test_outputs_are_told_with_their_places(form: Form) -> None:
    data = frames([CallEnded(5, "step_1", 1, OUTPUT)], form).decode().splitlines()[1]
    assert data == (
        'data: {"id":"step_1","object":"thread.run.step.delta","delta":{"step_details":{"type":"tool_calls",'
        '"tool_calls":[{"index":1,"type":"code_interpreter","code_interpreter":{"outputs":['
        '{"index":0,"type":"logs","logs":"1\\n"},{"index":1,"type":"image","image":{"file_id":"file-a"}},'
        '{"index":2,"type":"image","image":{"file_id":"file-b"}}]}}]}}}'
    )


def test_a_message_shows_its_charts_first_and_marks_its_links() -> None:
    message = render.message(MESSAGE)
    validate_object("MessageObject", message)
    image, text = message["content"]
    assert image == {"type": "image_file", "image_file": {"file_id": "file-a", "detail": "auto"}}
    assert text["text"]["annotations"] == [
        {
            "type": "file_path",
            "text": LINK,
            "start_index": 4,
            "end_index": 4 + len(LINK),
            "file_path": {"file_id": "file-c"},
        }
    ]
    assert message["attachments"] == [{"file_id": "file-c", "tools": [{"type": "code_interpreter"}]}]


def test_v1_shows_the_files_as_a_messages_own() -> None:
    message = V1.render.message(MESSAGE)
    assert message["content"][0] == {"type": "image_file", "image_file": {"file_id": "file-a"}}
    assert message["file_ids"] == ["file-c"]


def test_a_message_that_is_exported_comes_back_as_it_was() -> None:
    exported = msgspec.json.encode(render.message(MESSAGE))
    assert values.message(msgspec.json.decode(exported, type=shapes.MessageShape)) == MESSAGE
