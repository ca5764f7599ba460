from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retinue.api.assistants import render
from retinue.api.dump.records import _KINDS, BadRecord, NotTaken, Record, read
from retinue.api.dump.split import Found
from retinue.core.assistant import Assistant
from retinue.core.citations import shown
from retinue.core.history import History
from retinue.core.item import Annotation, Attachment, Message, Text
from retinue.core.replay import replay
from retinue.core.run import Run, Status
from retinue.core.tools import CodeInterpreterTool, FileSearchTool, NamedTool

EXAMPLES = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
NOW = 1_700_000_000

ASSISTANT = {"id": "asst_1", "object": "assistant", "created_at": NOW, "model": "gpt-4o"}
MESSAGE = {
    "id": "msg_1",
    "object": "thread.message",
    "created_at": NOW,
    "thread_id": "thread_1",
    "role": "user",
    "content": [{"type": "text", "text": {"value": "Hi", "annotations": []}}],
}
RUN = {
    "id": "run_1",
    "object": "thread.run",
    "created_at": NOW,
    "thread_id": "thread_1",
    "assistant_id": "asst_1",
    "status": "completed",
    "started_at": NOW + 1,
    "completed_at": NOW + 2,
    "model": "gpt-4o",
}


SCALARS = st.sampled_from([None, True, 0, -1, 2.5, 10**30, "", "auto", "text"])
JSON = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=2),
    st.dictionaries(st.sampled_from(["type", "text", "file_ids"]), SCALARS, max_size=2),
    st.lists(st.dictionaries(st.sampled_from(["type", "text", "function"]), SCALARS, max_size=2), max_size=2),
)


def nested(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(depth):
        value = {"id": "x", "data": value}
    return value


def records(value: dict[str, Any], *, suspect: bool = False) -> list[Record | NotTaken | BadRecord]:
    return list(read(Found(7, value, 100, suspect), file="dump.json"))


def taken(base: dict[str, Any], **more: Any) -> Any:
    (record,) = records({**base, **more})
    assert isinstance(record, Record), record
    return record.value


def reason(base: dict[str, Any], **more: Any) -> str:
    (record,) = records({**base, **more}, suspect=True)
    assert isinstance(record, BadRecord), record
    assert record.line == 7
    return record.reason


def test_what_is_missing_is_filled_in_and_what_is_new_is_passed_over() -> None:
    assert taken(ASSISTANT, metadata=None, brand_new={"x": 1}) == Assistant(id="asst_1", created_at=NOW, model="gpt-4o")


def test_the_services_defaults_are_taken_as_not_set() -> None:
    assistant = taken(ASSISTANT, temperature=1.0, top_p=1.0, response_format="auto")
    assert (assistant.temperature, assistant.top_p, assistant.response_format) == (None, None, None)


def test_a_v1_assistants_files_are_its_list() -> None:
    tools = [{"type": "retrieval"}, {"type": "code_interpreter"}]
    assistant = taken(ASSISTANT, tools=tools, file_ids=["file-2", "file-1", "file-2"])
    assert assistant.tools == (FileSearchTool(), CodeInterpreterTool())
    assert [file.file_id for file in assistant.files] == ["file-2", "file-1"]


def test_an_assistant_that_declares_a_tool_twice_is_taken() -> None:
    tools = [{"type": "file_search"}, {"type": "file_search"}]
    assert taken(ASSISTANT, tools=tools).tools == (FileSearchTool(), FileSearchTool())


def test_a_v1_messages_files_go_to_both_tools() -> None:
    message = taken(MESSAGE, file_ids=["file-1"])
    assert message.attachments == (Attachment(file_id="file-1", tools=("file_search", "code_interpreter")),)


def test_a_citation_is_stored_beside_the_text() -> None:
    citation = {
        "type": "file_citation",
        "text": "【1】",
        "start_index": 2,
        "end_index": 5,
        "file_citation": {"file_id": "file-1", "quote": "So it is."},
    }
    content = [{"type": "text", "text": {"value": "Hi【1】.", "annotations": [citation]}}]
    message = taken(MESSAGE, content=content)
    (text,) = message.content
    assert isinstance(text, Text)
    assert (text.value, text.annotations[0].quote) == ("Hi.", "So it is.")
    assert shown(text)[0] == "Hi【1】."
    as_v2_shows_it = {**citation, "file_citation": {"file_id": "file-1"}, "retinue": {"quote": "So it is."}}
    assert render.message(message)["content"][0]["text"]["annotations"] == [as_v2_shows_it]


def test_a_citation_of_ours_is_taken_as_it_was_exported() -> None:
    source: dict[str, Any] = {"quote": "So it is.", "file_name": "a.pdf", "page": 7}
    cited = Annotation(kind="file_citation", file_id="file-1", start=2, end=2, marker="【1:0†source】", **source)
    content = render.part(Text("Hi.", (cited,)))
    assert taken(MESSAGE, content=[content]).content == (Text("Hi.", (cited,)),)


def test_a_message_that_was_being_said_was_broken_off() -> None:
    message = taken(MESSAGE, status="in_progress")
    assert (message.status, message.reason) == ("incomplete", "run_expired")


@pytest.mark.parametrize("status", ["queued", "in_progress", "requires_action", "cancelling"])
def test_a_live_run_has_expired(status: str) -> None:
    run = taken(RUN, status=status, completed_at=None)
    assert (run.status, run.ended_at, run.pending) == (Status.EXPIRED, NOW + 600, ())


@pytest.mark.parametrize("started", [None, NOW + 1])
@pytest.mark.parametrize("status", list(Status))
def test_every_run_can_be_replayed(status: Status, started: int | None) -> None:
    run = taken(RUN, status=status.value, started_at=started)
    events = replay(History(run=run))
    assert [event.number for event in events] == list(range(run.first_number, run.first_number + len(events)))
    assert run.status.final
    assert run.started_at == started


def test_a_page_within_a_record_is_taken_apart() -> None:
    found = records({"object": "list", "data": [MESSAGE, {**MESSAGE, "id": "msg_2"}], "has_more": False})
    assert [record.value.id for record in found if isinstance(record, Record)] == ["msg_1", "msg_2"]


@pytest.mark.parametrize(
    ("kind", "name"), [("thread.run.step", "run step"), ("file", "file"), ("vector_store", "vector store")]
)
def test_other_kinds_are_counted(kind: str, name: str) -> None:
    assert records({"id": "x", "object": kind}) == [NotTaken(name)]


@pytest.mark.parametrize(
    ("base", "more", "said"),
    [
        (MESSAGE, {"role": "system"}, "'role': Invalid value: 'system'. Supported values are: 'assistant', 'user'"),
        (MESSAGE, {"created_at": "yesterday"}, "Invalid type for 'created_at': expected an integer, but got a string"),
        (MESSAGE, {"created_at": -1}, "Invalid 'created_at': integer below minimum value"),
        (MESSAGE, {"created_at": 2**40}, "Invalid 'created_at': integer above maximum value"),
        (MESSAGE, {"id": ""}, "Invalid 'id': string too short"),
        (MESSAGE, {"id": "x" * 257}, "Invalid 'id': string too long"),
        (MESSAGE, {"id": "a\x00b"}, "'id': it holds a NUL character"),
        (MESSAGE, {"metadata": {"\ud800": "x"}}, "it holds a NUL character, half of a surrogate pair"),
        (MESSAGE, {"metadata": {"n": 1}}, "Invalid type for 'metadata.n': expected a string, but got an integer"),
        (MESSAGE, {"content": "Hi"}, "Invalid type for 'content': expected an array, but got a string"),
        (MESSAGE, {"content": [{"type": "sound"}]}, "'content[0].type': Invalid value: 'sound'"),
        (RUN, {"status": "resting"}, "'status': Invalid value: 'resting'"),
        (RUN, {"thread_id": None}, "Invalid type for 'thread_id': expected a string, but got null"),
        (ASSISTANT, {"model": ""}, "Invalid 'model': string too short"),
        (ASSISTANT, {"response_format": "yaml"}, "Invalid 'response_format': 'yaml' is none"),
        ({"id": "x"}, {}, "it has no 'object' that says what it is"),
        (MESSAGE, {"created_at": 10**30}, "'created_at'"),
        (MESSAGE, {"created_at": 10**30, "metadata": {"n": 1}}, "'created_at'"),
        (ASSISTANT, {"response_format": {"n": 10**30}}, "Invalid 'response_format': it holds a number of more than"),
        (ASSISTANT, {"response_format": nested(101)}, "Invalid 'response_format': it is nested too deeply"),
        (nested(900), {}, "it has no 'object' that says what it is"),
        ({"id": "x", "object": []}, {}, "it has no 'object' that says what it is"),
        ({"id": "x", "object": 3}, {}, "it has no 'object' that says what it is"),
    ],
)
def test_a_bad_record_is_told_with_its_field(base: dict[str, Any], more: dict[str, Any], said: str) -> None:
    assert said in reason(base, **more)


def test_a_missing_field_is_named() -> None:
    assert reason({key: value for key, value in RUN.items() if key != "model"}) == "Missing required parameter: 'model'"


@pytest.mark.parametrize("base", [ASSISTANT, MESSAGE, RUN])
@EXAMPLES
@given(data=st.data())
def test_whatever_a_record_holds_it_is_taken_so_that_it_can_be_read_again_or_told(
    base: dict[str, Any], data: st.DataObject
) -> None:
    shape: Any = _KINDS[base["object"]][0]
    fields = st.sampled_from([field for field in shape.__struct_fields__ if field != "id"])
    value = {**base, **data.draw(st.dictionaries(fields, JSON, max_size=3))}
    for record in records(value, suspect=True):
        if isinstance(record, Record):
            raw = msgspec.json.encode(record.value)
            assert msgspec.json.decode(raw, type=type(record.value)) == record.value


def test_values_of_records_are_what_they_say() -> None:
    assert isinstance(taken(MESSAGE), Message)
    assert isinstance(taken(RUN), Run)


@pytest.mark.parametrize(
    ("choice", "kept"),
    [
        ({"type": "retrieval"}, NamedTool(type="file_search")),
        (
            {"type": "function", "function": {"name": "get"}, "more": 1},
            NamedTool(type="function", name="get"),
        ),
        ("required", "required"),
        (None, "auto"),
    ],
)
def test_a_runs_choice_of_tool_is_kept(choice: Any, kept: Any) -> None:
    assert taken(RUN, tool_choice=choice).spec.tool_choice == kept


def test_a_v1_messages_files_are_listed_once() -> None:
    assert len(taken(MESSAGE, file_ids=["file-1", "file-1"]).attachments) == 1


def told_of(value: dict[str, Any]) -> list[str]:
    return [
        f"{entry.kind} {entry.value.id}" if isinstance(entry, Record) else repr(entry)
        for entry in read(Found(1, value, 100, suspect=False), file="dump")
    ]


def test_messages_within_their_thread_are_taken() -> None:
    thread_of = {"id": "thread_1", "object": "thread", "created_at": NOW}
    thread = {**thread_of, "messages": [MESSAGE], "runs": {"object": "list", "data": [RUN]}}
    assert told_of(thread) == [f"thread {thread_of['id']}", f"message {MESSAGE['id']}", f"run {RUN['id']}"]


def test_records_are_taken_under_whatever_name() -> None:
    assert told_of({"a": ASSISTANT, "m": [MESSAGE], "note": {"text": "mine"}, "n": 1}) == [
        f"assistant {ASSISTANT['id']}",
        f"message {MESSAGE['id']}",
    ]
    assert "no 'object'" in told_of({"a": {"b": 1}})[0]
