"""Runs that end otherwise than completed: at a limit, by a fault of the model, cancelled, expired."""

import time

import pytest

from acceptance.runs import WEATHER, ids, outputs_for, settled, thread_with, told, waiting
from acceptance.server import Server
from acceptance.wire import ASSISTANTS, CANCEL, MESSAGES, OUTPUTS, RUN, RUNS, STEPS, Wire
from contract.validator import check_stream


def test_token_limit_ends_as_incomplete(wire: Wire, assistant_id: str) -> None:
    story = told(wire, thread_with(wire, "ramble"), assistant_id, max_completion_tokens=16)
    assert story.run["status"] == "incomplete"
    assert story.run["incomplete_details"] == {"reason": "max_completion_tokens"}
    assert story.messages[0]["incomplete_details"] == {"reason": "max_tokens"}
    assert story.steps[0]["status"] == "completed"
    assert story.text.startswith("one more word")
    assert wire.get(RUN, **ids(story.run)) == story.run


def test_token_limit_counts_over_all_turns_of_a_run(wire: Wire, assistant_id: str) -> None:
    thread_id = thread_with(wire, "weather, then ramble")
    with wire.stream(RUNS, {"assistant_id": assistant_id, "max_completion_tokens": 16}, thread_id=thread_id) as stream:
        asked = stream.rest()
    run = check_stream(asked).run
    with wire.stream(OUTPUTS, {"tool_outputs": outputs_for(run)}, **ids(run)) as stream:
        story = check_stream(asked, stream.rest())
    assert story.run["status"] == "incomplete"
    assert story.run["incomplete_details"] == {"reason": "max_completion_tokens"}
    assert story.run["usage"]["completion_tokens"] <= 16
    assert story.steps[1]["usage"]["completion_tokens"] <= 6


def test_prompt_beyond_its_limit_ends_as_incomplete(wire: Wire, assistant_id: str) -> None:
    run = told(wire, thread_with(wire, "echo " + "word " * 5000), assistant_id, max_prompt_tokens=256).run
    assert run["status"] == "incomplete"
    assert run["incomplete_details"] == {"reason": "max_prompt_tokens"}


def test_model_that_stops_short_ends_as_incomplete(wire: Wire, assistant_id: str) -> None:
    story = told(wire, thread_with(wire, "cut off"), assistant_id)
    assert story.run["status"] == "incomplete"
    assert story.run["incomplete_details"] == {"reason": "max_completion_tokens"}
    assert story.text == "This answer is cut"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("fail with 429", "rate_limit_exceeded"),
        ("fail with 500", "server_error"),
        ("fail unreachable", "server_error"),
        ("fail in the middle", "server_error"),
    ],
)
def test_fault_of_the_model_ends_as_failed(wire: Wire, assistant_id: str, text: str, code: str) -> None:
    story = told(wire, thread_with(wire, text), assistant_id)
    assert story.run["status"] == "failed"
    assert story.run["last_error"]["code"] == code
    assert story.run["last_error"]["message"].strip()
    for message in story.messages:
        assert message["incomplete_details"] == {"reason": "run_failed"}
    assert all(step["status"] == "failed" for step in story.steps)
    assert wire.get(RUN, **ids(story.run)) == story.run


def test_what_was_said_before_a_fault_is_kept(wire: Wire, assistant_id: str) -> None:
    story = told(wire, thread_with(wire, "fail in the middle"), assistant_id)
    assert story.text
    assert "This answer breaks off somewhere in the middle.".startswith(story.text)
    listed = wire.get(MESSAGES, {"run_id": story.run["id"]}, thread_id=story.run["thread_id"])["data"]
    assert listed == story.messages


def test_cancel_during_a_stream_keeps_the_text(wire: Wire, assistant_id: str) -> None:
    thread_id = thread_with(wire, "count slowly")
    with wire.stream(RUNS, {"assistant_id": assistant_id}, thread_id=thread_id) as stream:
        stream.until("thread.message.delta", times=3)
        run = stream.seen[0].data
        answer = wire.post(CANCEL, **ids(run))
        assert answer["status"] == "cancelling"
        assert answer["cancelled_at"] is None
        assert answer["expires_at"] == run["expires_at"]
        story = check_stream(stream.rest())
    assert story.run["status"] == "cancelled"
    assert story.messages[0]["incomplete_details"] == {"reason": "run_cancelled"}
    assert story.text.startswith("one more word, ")
    assert story.steps[0]["status"] == "cancelled"
    assert wire.get(MESSAGES, {"limit": 1}, thread_id=thread_id)["data"] == story.messages
    error = wire.refused(400, "POST", CANCEL, **ids(run))
    assert error["message"] == "Cannot cancel run with status 'cancelled'."


def test_cancel_reaches_a_model_that_has_not_begun(wire: Wire, assistant_id: str) -> None:
    thread_id = thread_with(wire, "wait a moment")
    with wire.stream(RUNS, {"assistant_id": assistant_id}, thread_id=thread_id) as stream:
        stream.until("thread.run.in_progress")
        wire.post(CANCEL, **ids(stream.seen[0].data))
        story = check_stream(stream.rest())
    assert story.run["status"] == "cancelled"


def test_cancel_while_outputs_are_awaited(wire: Wire, assistant_id: str) -> None:
    run = waiting(wire, assistant_id)
    answer = wire.post(CANCEL, **ids(run))
    assert answer["status"] in ("cancelling", "cancelled")
    assert answer["required_action"] is None
    final = settled(wire, run)
    assert final["status"] == "cancelled"
    assert final["required_action"] is None
    (step,) = wire.get(STEPS, **ids(run))["data"]
    assert step["status"] == "cancelled"
    error = wire.refused(400, "POST", OUTPUTS, {"tool_outputs": outputs_for(run)}, **ids(run))
    assert error["message"] == 'Runs in status "cancelled" do not accept tool outputs.'


def test_run_that_waits_too_long_expires(hasty_server: Server) -> None:
    wire = Wire(hasty_server.port)
    made = wire.post(ASSISTANTS, {"model": "gpt-4o", "tools": [WEATHER]})
    run = waiting(wire, made["id"])
    deadline = time.monotonic() + 30
    while (now := wire.get(RUN, **ids(run)))["status"] == "requires_action":
        assert time.monotonic() < deadline, f"still {now['status']} 30 s after a life of 1 s"
    assert now["status"] == "expired"
    assert now["expires_at"] is None
    (step,) = wire.get(STEPS, **ids(run))["data"]
    assert step["status"] == "expired"


def test_run_whose_model_talks_too_long_expires(hasty_server: Server) -> None:
    wire = Wire(hasty_server.port)
    made = wire.post(ASSISTANTS, {"model": "gpt-4o"})
    story = told(wire, thread_with(wire, "count slowly"), made["id"])
    assert story.run["status"] == "expired"
    assert story.messages[0]["incomplete_details"] == {"reason": "run_expired"}
    assert story.steps[0]["status"] == "expired"
