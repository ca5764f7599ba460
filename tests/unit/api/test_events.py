"""Whole event streams as a client reads them; run, step and message objects are cut down to what tells them apart."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from retinue.api.assistants.events import DONE, fault, frames, thread_created
from retinue.api.assistants.form import V1, V2, Form
from retinue.core.citations import Mark
from retinue.core.events import (
    CallDelta,
    CallStarted,
    Cited,
    Event,
    RunChanged,
    StepEnded,
    StepStarted,
    TextDeltas,
    events_after,
)
from retinue.core.item import Annotation, Hit, Message, Text, ToolCall, ToolOutput
from retinue.core.run import Run, RunSpec, Status
from retinue.core.step import Step
from retinue.core.thread import Thread
from retinue.core.tools import RankingOptions

RUN = Run(
    id="run_1",
    thread_id="thread_1",
    branch="b",
    created_at=0,
    expires_at=600,
    spec=RunSpec(assistant_id="asst_1", model="m"),
).moved(Status.QUEUED, at=0, event=1)
STEP = Step(
    id="step_1",
    run_id="run_1",
    thread_id="thread_1",
    assistant_id="asst_1",
    kind="message_creation",
    turn=0,
    created_at=0,
    expires_at=600,
    first_event=3,
    message_id="msg_1",
)
TOOL_STEP = structs.replace(STEP, kind="tool_calls", message_id=None)
MESSAGE = Message(id="msg_1", thread_id="thread_1", role="assistant", created_at=0, status="in_progress")
CALL = ToolCall(id="i", run_id="run_1", step_id="step_1", created_at=0, call_id="call_a", name="get", arguments="{}")


def shown(raw: bytes) -> str:
    """The stream with its objects shortened: `id status`; deltas and `id:` lines stand as they were sent."""
    return "\n".join(map(_line, raw.decode().splitlines()))


def _line(line: str) -> str:
    if not line.startswith("data: {"):
        return line
    data: dict[str, Any] = json.loads(line.removeprefix("data: "))
    return line if "delta" in data or "status" not in data else f"data: {data['id']} {data['status']}"


def moved(*statuses: Status) -> Run:
    run = RUN
    for number, status in enumerate(statuses, start=2):
        run = run.moved(status, at=0, event=number)
    return run


def test_a_plain_runs_stream() -> None:
    done = structs.replace(MESSAGE, status="completed", content=(Text("Hello"),))
    events: list[Event] = [
        RunChanged(1, RUN),
        RunChanged(2, moved(Status.IN_PROGRESS)),
        StepStarted(3, STEP, MESSAGE),
        TextDeltas(5, "msg_1", ("He", 'l"l\n'), opening=True),
        StepEnded(6, structs.replace(STEP, status="completed"), done),
        RunChanged(7, moved(Status.IN_PROGRESS, Status.COMPLETED)),
    ]
    assert shown(frames(events, V2) + DONE) == (
        """\
event: thread.run.created
data: run_1 queued

event: thread.run.queued
data: run_1 queued
id: 1

event: thread.run.in_progress
data: run_1 in_progress
id: 2

event: thread.run.step.created
data: step_1 in_progress

event: thread.run.step.in_progress
data: step_1 in_progress

event: thread.message.created
data: msg_1 in_progress

event: thread.message.in_progress
data: msg_1 in_progress
id: 3

event: thread.message.delta
data: {"id":"msg_1","object":"thread.message.delta","delta":{"content":[{"index":0,"type":"text","text":\
{"value":"He","annotations":[]}}]}}
id: 4

event: thread.message.delta
data: {"id":"msg_1","object":"thread.message.delta","delta":{"content":[{"index":0,"type":"text","text":\
{"value":"l\\"l\\n"}}]}}
id: 5

event: thread.message.completed
data: msg_1 completed

event: thread.run.step.completed
data: step_1 completed
id: 6

event: thread.run.completed
data: run_1 completed
id: 7

event: done
data: [DONE]
"""
    )


def test_the_stream_of_a_tool_turn() -> None:
    waiting = structs.replace(moved(Status.IN_PROGRESS, Status.REQUIRES_ACTION), pending=(CALL,))
    events: list[Event] = [
        StepStarted(3, TOOL_STEP),
        CallStarted(4, "step_1", 0, "call_a", "get"),
        CallDelta(5, "step_1", 0, '{"x'),
        CallStarted(6, "step_1", 1, "call_b", "get"),
        RunChanged(7, waiting),
    ]
    assert shown(frames(events, V2)) == (
        """\
event: thread.run.step.created
data: step_1 in_progress

event: thread.run.step.in_progress
data: step_1 in_progress
id: 3

event: thread.run.step.delta
data: {"id":"step_1","object":"thread.run.step.delta","delta":{"step_details":{"type":"tool_calls","tool_calls":\
[{"index":0,"type":"function","id":"call_a","function":{"name":"get","arguments":"","output":null}}]}}}
id: 4

event: thread.run.step.delta
data: {"id":"step_1","object":"thread.run.step.delta","delta":{"step_details":{"type":"tool_calls","tool_calls":\
[{"index":0,"type":"function","function":{"arguments":"{\\"x"}}]}}}
id: 5

event: thread.run.step.delta
data: {"id":"step_1","object":"thread.run.step.delta","delta":{"step_details":{"type":"tool_calls","tool_calls":\
[{"index":1,"type":"function","id":"call_b","function":{"name":"get","arguments":"","output":null}}]}}}
id: 6

event: thread.run.requires_action
data: run_1 requires_action
id: 7
"""
    )


SEARCH = structs.replace(CALL, name="file_search", kind="file_search")
CITED = Annotation(
    kind="file_citation",
    file_id="file-1",
    start=2,
    end=2,
    marker="【1:0†source】",
    quote="So it is.",
    file_name="a.pdf",
    page=7,
)


def test_a_search_is_told_once_when_it_begins() -> None:
    event = CallStarted(4, "step_1", 0, "call_a", "file_search", "file_search")
    assert shown(frames([event], V2)) == (
        """\
event: thread.run.step.delta
data: {"id":"step_1","object":"thread.run.step.delta","delta":{"step_details":{"type":"tool_calls","tool_calls":\
[{"index":0,"id":"call_a","type":"file_search","file_search":{}}]}}}
id: 4
"""
    )
    assert b'[{"index":0,"id":"call_a","type":"retrieval","retrieval":{}}]' in frames([event], V1)


def ended_search(form: Form, *, contents: bool) -> Any:
    """The call of a step that ended, as it is told."""
    hit = Hit(file_id="file-1", file_name="a.pdf", score=0.5, marker=CITED.marker, start=3, end=12, pages=((0, 7),))
    found = ToolOutput(
        id="o",
        run_id="run_1",
        step_id="step_1",
        created_at=0,
        call_id="call_a",
        output="1\n\nSo it is.",
        hits=(hit,),
        ranking=RankingOptions(score_threshold=0.25, ranker="auto"),
    )
    ended = StepEnded(3, structs.replace(TOOL_STEP, status="completed"), None, (SEARCH,), (found,))
    data = frames([ended], form, contents=contents).decode().splitlines()[1]
    (call,) = json.loads(data.removeprefix("data: "))["step_details"]["tool_calls"]
    return call


def cited(start: int) -> Mark:
    return Mark(CITED, start, start + len(CITED.marker), CITED.marker)


def test_a_search_that_has_ended_is_told_with_what_it_found() -> None:
    result = {"file_id": "file-1", "file_name": "a.pdf", "score": 0.5, "retinue": {"pages": [7]}}
    inner = {"ranking_options": {"ranker": "auto", "score_threshold": 0.25}, "results": [result]}
    assert ended_search(V2, contents=False) == {"id": "call_a", "type": "file_search", "file_search": inner}


def test_the_contents_of_what_was_found_are_told_if_they_are_asked_for() -> None:
    (result,) = ended_search(V2, contents=True)["file_search"]["results"]
    assert result["content"] == [{"type": "text", "text": "So it is."}]


def test_v1_tells_nothing_of_what_was_retrieved() -> None:
    assert ended_search(V1, contents=True) == {"id": "call_a", "type": "retrieval", "retrieval": {}}


def test_a_citation_is_a_delta_of_its_own() -> None:
    assert shown(frames([Cited(5, "msg_1", 1, cited(14), opening=False)], V2)) == (
        """\
event: thread.message.delta
data: {"id":"msg_1","object":"thread.message.delta","delta":{"content":[{"index":0,"type":"text","text":\
{"value":"【1:0†source】","annotations":[{"index":1,"type":"file_citation","text":"【1:0†source】",\
"start_index":14,"end_index":26,"file_citation":{"file_id":"file-1"},\
"retinue":{"quote":"So it is.","page":7,"file_name":"a.pdf"}}]}}]}}
id: 5
"""
    )


def test_v1_quotes_in_its_own_place() -> None:
    data = frames([Cited(5, "msg_1", 0, cited(2), opening=False)], V1).decode().splitlines()[1]
    (annotation,) = json.loads(data.removeprefix("data: "))["delta"]["content"][0]["text"]["annotations"]
    assert annotation["file_citation"] == {"file_id": "file-1", "quote": "So it is."}
    assert "retinue" not in annotation


def test_a_message_that_begins_with_a_citation_has_an_empty_delta_before_it() -> None:
    raw = frames([Cited(5, "msg_1", 0, cited(0), opening=True)], V2).decode()
    first, second = raw.removesuffix("\n\n").split("\n\n")
    assert first.endswith('"text":{"value":"","annotations":[]}}]}}')
    assert second.endswith("id: 5")


def test_the_stream_of_a_run_that_is_cancelled() -> None:
    half = structs.replace(MESSAGE, status="incomplete", reason="run_cancelled", content=(Text("Hal"),))
    events: list[Event] = [
        RunChanged(6, moved(Status.IN_PROGRESS, Status.CANCELLING)),
        StepEnded(7, structs.replace(STEP, status="cancelled"), half),
        RunChanged(8, moved(Status.IN_PROGRESS, Status.CANCELLING, Status.CANCELLED)),
    ]
    assert shown(frames(events, V2)) == (
        """\
event: thread.run.cancelling
data: run_1 cancelling
id: 6

event: thread.message.incomplete
data: msg_1 incomplete

event: thread.run.step.cancelled
data: step_1 cancelled
id: 7

event: thread.run.cancelled
data: run_1 cancelled
id: 8
"""
    )


def test_a_run_that_is_queued_again_was_not_created_again() -> None:
    again = moved(Status.IN_PROGRESS, Status.REQUIRES_ACTION, Status.QUEUED)
    assert shown(frames([RunChanged(9, again)], V2)) == "event: thread.run.queued\ndata: run_1 queued\nid: 9\n"


def test_a_step_is_announced_without_its_calls() -> None:
    data = frames([StepStarted(3, TOOL_STEP)], V2).decode().splitlines()[1]
    assert json.loads(data.removeprefix("data: "))["step_details"] == {"type": "tool_calls", "tool_calls": []}


def test_a_step_ends_with_its_calls() -> None:
    ended = StepEnded(3, structs.replace(TOOL_STEP, status="completed"), None, (CALL,))
    data = frames([ended], V2).decode().splitlines()[1]
    assert [call["id"] for call in json.loads(data.removeprefix("data: "))["step_details"]["tool_calls"]] == ["call_a"]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1), st.data())
def test_texts_that_came_together_are_told_like_those_that_came_one_by_one(
    texts: list[str], data: st.DataObject
) -> None:
    together = TextDeltas(10 + len(texts), "msg_1", tuple(texts), opening=True)
    apart = [TextDeltas(11 + n, "msg_1", (text,), opening=n == 0) for n, text in enumerate(texts)]
    seen = data.draw(st.integers(0, 10 + len(texts)))
    assert frames(events_after([together], seen), V2) == frames(events_after(apart, seen), V2)


def test_no_text_can_break_out_of_its_line() -> None:
    raw = frames([TextDeltas(4, "msg_1", ("a\r\n\r\nevent: done\x85\u2028b",), opening=False)], V2)
    assert raw.count(b"\n\n") == 1
    assert b"\r" not in raw


def test_the_thread_of_create_and_run_comes_without_a_number() -> None:
    raw = thread_created(Thread(id="thread_1", created_at=0, head="b"), V2).decode()
    assert raw.startswith('event: thread.created\ndata: {"id":"thread_1","object":"thread"')
    assert raw.endswith("}\n\n")


def test_a_stream_that_can_not_go_on_says_so() -> None:
    assert fault("It broke.").decode() == (
        "event: error\n"
        'data: {"error":{"message":"It broke.","type":"server_error","param":null,"code":"server_error"}}\n\n'
    )
