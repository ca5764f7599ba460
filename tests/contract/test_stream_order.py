from collections.abc import Callable
from typing import Any

import pytest

from contract import samples
from contract.sse import Event
from contract.validator import ContractBroken, check_stream

Change = Callable[[list[Event]], object]


def test_plain_run_is_accepted_and_told() -> None:
    story = check_stream(samples.plain_run())
    assert story.text == "Hello"
    assert story.run["status"] == "completed"
    assert [step["type"] for step in story.steps] == ["message_creation"]


def test_tool_turn_and_its_outputs_are_accepted() -> None:
    story = check_stream(samples.tool_turn(), samples.outputs_turn())
    assert story.text == "18 and 25"
    assert [step["type"] for step in story.steps] == ["tool_calls", "message_creation"]


def test_outputs_alone_go_on_with_the_pending_step() -> None:
    details = {
        "type": "tool_calls",
        "tool_calls": [
            samples.call("call_a", "weather", '{"city":"Paris"}', output=None),
            samples.call("call_b", "weather", '{"city":"Rome"}', output=None),
        ],
    }
    pending = samples.step("tool_calls", step_details=details)
    check_stream(samples.outputs_turn(), begins="outputs", pending=pending)


def test_stream_of_a_new_thread_begins_with_it() -> None:
    thread = {"id": "thread_1", "object": "thread", "created_at": 1, "metadata": {}, "tool_resources": {}}
    story = check_stream([Event("thread.created", thread), *samples.plain_run()], begins="thread")
    assert story.thread == thread
    with pytest.raises(ContractBroken, match=r"begin with thread.created"):
        check_stream(samples.plain_run(), begins="thread")
    with pytest.raises(ContractBroken, match="where no thread was made"):
        check_stream([Event("thread.created", thread), *samples.plain_run()])


def test_broken_off_stream_is_accepted_only_where_said() -> None:
    for count in range(len(samples.plain_run())):
        check_stream(samples.plain_run()[:count], whole=False)
        with pytest.raises(ContractBroken, match="without `done`"):
            check_stream(samples.plain_run()[:count])


def _swap(first: int, second: int) -> Change:
    def change(events: list[Event]) -> None:
        events[first], events[second] = events[second], events[first]

    return change


def _alter(place: int, **changes: Any) -> Change:
    def change(events: list[Event]) -> None:
        event = events[place]
        events[place] = event._replace(data={**event.data, **changes})

    return change


PLAIN: list[tuple[str, Change, str]] = [
    ("no created", lambda events: events.pop(0), "thread.run.queued in status 'none'"),
    ("no queued", lambda events: events.pop(1), "thread.run.in_progress in status 'created'"),
    ("delta before created", _swap(5, 7), "without a message"),
    ("delta before in_progress", _swap(6, 7), "a delta before message.in_progress"),
    ("message before its step begins", _swap(4, 5), "without an open message step"),
    ("step ends before its message", _swap(9, 10), "with an open message"),
    ("run ends before its step", _swap(10, 11), "with an open step"),
    ("event after done", lambda events: events.append(events[0]), "after `done`"),
    ("two final events", lambda events: events.insert(12, events[11]), "in status 'completed'"),
    (
        "a second message while the first is open",
        lambda events: events.insert(8, events[5]),
        "before the message before it ended",
    ),
    ("delta lost", lambda events: events.pop(8), "the message's content"),
    ("first delta without annotations", lambda events: events.pop(7), "annotations of the first text delta"),
    ("later delta with annotations", lambda events: events.insert(8, events[7]), "empty annotations"),
    (
        "wrong place",
        lambda events: events.insert(
            8,
            Event(
                "thread.message.delta",
                {
                    "id": "msg_1",
                    "object": "thread.message.delta",
                    "delta": {"content": [{"index": 2, "type": "text", "text": {"value": "x"}}]},
                },
            ),
        ),
        "content part 2",
    ),
    ("usage too early", _alter(2, usage=samples.run("completed")["usage"]), "usage in in_progress"),
    ("no usage at the end", _alter(11, usage=None), "usage is null"),
    ("life after the end", _alter(11, expires_at=1), "expires_at"),
    ("status unlike the event", _alter(2, status="queued"), "status is 'queued'"),
    ("another run", _alter(2, id="run_2"), "the run's id"),
    ("another step", _alter(4, id="step_2"), "the step's id"),
    ("created unlike queued", _alter(1, created_at=1), "the body of thread.run.queued"),
]


@pytest.mark.parametrize(("change", "claim"), [case[1:] for case in PLAIN], ids=[case[0] for case in PLAIN])
def test_wrong_order_is_caught(change: Change, claim: str) -> None:
    events = samples.plain_run()
    change(events)
    with pytest.raises(ContractBroken, match=claim):
        check_stream(events)


TOOLS: list[tuple[str, Change, str]] = [
    ("arguments before the name", _swap(5, 6), "keys of a call's first fragment"),
    ("second call before the first is whole", _swap(7, 8), "fragment of call 0 after call 1"),
    ("third call after the first", _swap(5, 8), "fragment of call 1"),
    ("fragment lost", lambda events: events.pop(6), "required_action's calls"),
    (
        "step ends before its outputs",
        lambda events: events.insert(10, Event("thread.run.step.completed", samples.step("tool_calls", "completed"))),
        "the completed step's calls",
    ),
    (
        "a later fragment with its id",
        lambda events: events.insert(7, samples.call_delta(0, {"arguments": ""}, id="call_a")),
        "keys of a later fragment",
    ),
    (
        "first fragment with arguments",
        lambda events: events.__setitem__(
            5, samples.call_delta(0, {"name": "weather", "arguments": "{", "output": None}, id="call_a")
        ),
        "a call's first fragment",
    ),
]


@pytest.mark.parametrize(("change", "claim"), [case[1:] for case in TOOLS], ids=[case[0] for case in TOOLS])
def test_wrong_order_of_calls_is_caught(change: Change, claim: str) -> None:
    events = samples.tool_turn()
    change(events)
    with pytest.raises(ContractBroken, match=claim):
        check_stream(events, samples.outputs_turn())


def test_queued_again_needs_the_outputs_first() -> None:
    events = samples.outputs_turn()
    events[0], events[1] = events[1], events[0]
    with pytest.raises(ContractBroken, match="before its tool step is completed"):
        check_stream(samples.tool_turn(), events)


def _with_search() -> tuple[list[Event], list[Event]]:
    """A tool turn that has a file search among its calls, and the turn after its outputs."""
    asked, answered = samples.tool_turn(), samples.outputs_turn()
    search = {"id": "call_s", "type": "file_search", "file_search": {}}
    details = {"type": "tool_calls", "tool_calls": [{"index": 2, **search}]}
    delta = {"id": "step_tool_calls", "object": "thread.run.step.delta", "delta": {"step_details": details}}
    asked.insert(10, Event("thread.run.step.delta", delta))
    ranking = {"ranker": "default_2024_08_21", "score_threshold": 0}
    found = {**search, "file_search": {"ranking_options": ranking, "results": []}}
    answered[0].data["step_details"]["tool_calls"].append(found)
    return asked, answered


def test_a_search_is_not_asked_of_the_client() -> None:
    asked, answered = _with_search()
    check_stream(asked, answered)
    with pytest.raises(ContractBroken, match="calls by id"):
        check_stream(asked, samples.outputs_turn())


def test_completed_call_without_output_is_caught() -> None:
    events = samples.outputs_turn()
    events[0].data["step_details"]["tool_calls"][1]["function"]["output"] = None
    with pytest.raises(ContractBroken, match="no output in completed call call_b"):
        check_stream(samples.tool_turn(), events)


def test_numbers_only_grow() -> None:
    events = [event._replace(id=number) for number, event in enumerate(samples.plain_run(), start=1)]
    check_stream(events)
    events[5] = events[5]._replace(id=5)
    with pytest.raises(ContractBroken, match="number 5 after 5"):
        check_stream(events)


def test_cancelled_run_closes_message_and_step_first() -> None:
    stamp = {"cancelled_at": samples.NOW}
    cut = samples.message(
        "Hello",
        status="incomplete",
        completed_at=None,
        incomplete_at=samples.NOW,
        incomplete_details={"reason": "run_cancelled"},
    )
    ending = [
        Event("thread.run.cancelling", samples.run("cancelling")),
        Event("thread.message.incomplete", cut),
        Event("thread.run.step.cancelled", samples.step("message_creation", "cancelled", **stamp)),
        Event("thread.run.cancelled", samples.run("cancelled")),
        samples.DONE,
    ]
    check_stream([*samples.plain_run()[:9], *ending])
    del ending[1]
    with pytest.raises(ContractBroken, match="with an open message"):
        check_stream([*samples.plain_run()[:9], *ending])


def test_replay_goes_on_past_requires_action() -> None:
    events = [*samples.tool_turn()[:-1], *samples.outputs_turn()]
    check_stream(events, replayed=True)
    with pytest.raises(ContractBroken, match="after requires_action"):
        check_stream(events)


def test_step_after_a_broken_one_is_a_crash() -> None:
    failed = samples.step(
        "message_creation",
        "failed",
        failed_at=samples.NOW,
        last_error={"code": "server_error", "message": "interrupted"},
    )
    cut = samples.message(
        "Hello",
        status="incomplete",
        completed_at=None,
        incomplete_at=samples.NOW,
        incomplete_details={"reason": "run_failed"},
    )
    events = [
        *samples.plain_run()[:9],
        Event("thread.message.incomplete", cut),
        Event("thread.run.step.failed", failed),
        *samples.reply("Hello"),
        *samples.plain_run()[-2:],
    ]
    check_stream(events, interrupted=True)
    with pytest.raises(ContractBroken, match="broken off"):
        check_stream(events)


def test_step_that_a_crash_left_unstored_may_be_forgotten() -> None:
    events = [*samples.plain_run()[:8], *samples.reply("Hello"), *samples.plain_run()[-2:]]
    assert check_stream(events, interrupted=True).text == "Hello"
    with pytest.raises(ContractBroken, match="before the step before it ended"):
        check_stream(events)


def test_run_in_progress_again_is_a_crash() -> None:
    events = samples.plain_run()
    events.insert(3, events[2])
    check_stream(events, interrupted=True)
    with pytest.raises(ContractBroken, match="in status 'in_progress'"):
        check_stream(events)
