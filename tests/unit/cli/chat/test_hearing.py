"""What is heard out of a run's events."""

from typing import Any

import msgspec
import pytest

from retinue.cli.chat.conversation import Asked, Called, Coded, Happening, Made, Printed, Said, Waiting
from retinue.cli.chat.hearing import Hearing
from retinue.cli.client.sse import Event
from retinue.core.errors import RetinueError

RUN = {"id": "run_1", "thread_id": "thread_1", "assistant_id": "asst_1", "model": "m", "instructions": ""}


def event(name: str, data: Any, number: int | None = None) -> Event:
    return Event(name, msgspec.json.encode(data), number)


def call(index: int, arguments: str, *, name: str = "", step: str = "step_1") -> Event:
    function = {"name": name, "arguments": arguments} if name else {"arguments": arguments}
    delta = {"step_details": {"type": "tool_calls", "tool_calls": [{"index": index, "function": function}]}}
    return event("thread.run.step.delta", {"id": step, "delta": delta})


def heard(hearing: Hearing, *events: Event) -> list[Happening]:
    return [happening for one in events for happening in hearing.hear(one)]


def test_text_is_told_as_it_comes_and_each_message_is_a_paragraph() -> None:
    deltas = [
        event("thread.message.delta", {"id": id_, "delta": {"content": [{"type": "text", "text": {"value": text}}]}})
        for id_, text in (("msg_1", "Hel"), ("msg_1", ""), ("msg_1", "lo"), ("msg_2", ""), ("msg_2", "Then"))
    ]
    assert heard(Hearing(()), *deltas) == [Said("Hel"), Said("lo"), Said("\n\nThen")]


def test_a_call_of_the_servers_is_told_once_when_its_arguments_are_whole() -> None:
    hearing = Hearing({"f", "g"})
    pieces = [call(0, "", name="f"), call(0, '{"a": "}'), call(0, '", "b": {}'), call(1, "", name="g"), call(0, "}")]
    assert heard(hearing, *pieces) == [Called(name="f", arguments='{"a": "}", "b": {}}')]
    assert heard(hearing, call(1, "{}"), call(1, " ")) == [Called(name="g", arguments="{}")]
    assert heard(hearing, call(0, "{}", name="f", step="step_2")) == [Called(name="f", arguments="{}")]


def test_a_call_of_the_clients_is_told_when_the_run_asks_for_it() -> None:
    hearing = Hearing(())
    assert heard(hearing, call(0, "{}", name="f")) == []
    pending = [{"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
    waits = {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": pending}}
    asks = event("thread.run.requires_action", {**RUN, "status": "requires_action", "required_action": waits}, 5)
    assert heard(hearing, asks) == [Asked(call_id="call_1", name="f", arguments="{}")]
    assert (hearing.last, hearing.run and hearing.run.live) == (5, True)


def code_call(**part: Any) -> Event:
    call = {"index": 0, "type": "code_interpreter", **part}
    return event("thread.run.step.delta", {"id": "step_1", "delta": {"step_details": {"tool_calls": [call]}}})


def test_code_is_told_as_it_comes_then_its_output_then_what_it_made_once() -> None:
    image = {"index": 1, "type": "image", "image": {"file_id": "file-1"}}
    logs = {"index": 0, "type": "logs", "logs": "4"}
    link = {"type": "file_path", "text": "sandbox:/a", "start_index": 4, "file_path": {"file_id": "file-2"}}
    parts = [
        {"index": 0, "type": "image_file", "image_file": {"file_id": "file-1"}},
        {"index": 1, "type": "text", "text": {"value": "[a](sandbox:/a)", "annotations": [link]}},
    ]
    events = [
        code_call(id="call_1", code_interpreter={"input": "", "outputs": []}),
        code_call(code_interpreter={"input": "print("}),
        code_call(code_interpreter={"input": "4)"}),
        code_call(code_interpreter={"outputs": [logs, image]}),
        event("thread.message.delta", {"id": "msg_1", "delta": {"content": parts}}),
        event(
            "thread.message.completed",
            {"id": "msg_1", "role": "assistant", "attachments": [{"file_id": "file-2"}, {"file_id": "file-3"}]},
        ),
    ]
    assert heard(Hearing(()), *events) == [
        Coded("", begins=True),
        Coded("print("),
        Coded("4)"),
        Printed("4"),
        Made(file_id="file-1", kind="chart"),
        Said("[a](sandbox:/a)"),
        Made(file_id="file-2"),
        Made(file_id="file-3"),
    ]


def test_waits_are_told() -> None:
    assert heard(Hearing(()), event("retinue.waiting", {"why": "Busy.", "seconds": 2})) == [
        Waiting(why="Busy.", seconds=2)
    ]


def test_what_nobody_knows_is_passed_over() -> None:
    hearing = Hearing(())
    assert heard(hearing, event("retinue.new", 1), event("thread.run.step.created", {}), event("done", "[DONE]")) == []
    assert hearing.run is None


def test_why_a_stream_ends_early_is_kept() -> None:
    hearing = Hearing(())
    heard(hearing, event("error", {"error": {"message": "The server stops."}}))
    heard(hearing, Event("done", b"[DONE]"))
    assert (hearing.broken, hearing.done) == ("The server stops.", False)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"id": 1}', b"\xff"])
def test_what_is_no_assistants_api_is_a_sentence(data: bytes) -> None:
    with pytest.raises(RetinueError, match="not the Assistants API"):
        list(Hearing(()).hear(Event("thread.run.created", data)))


@pytest.mark.parametrize("kind", ["file_search", "retrieval"])
def test_a_search_is_told_when_it_begins(kind: str) -> None:
    delta = {
        "step_details": {"type": "tool_calls", "tool_calls": [{"index": 0, "id": "call_1", "type": kind, kind: {}}]}
    }
    begun = event("thread.run.step.delta", {"id": "step_1", "delta": delta})
    assert heard(Hearing(()), begun) == [Called(name=kind, arguments="")]
