"""Every operation by plain HTTP; each answer and event is held to the document by `Wire` itself."""

import time
from pathlib import Path
from typing import Any

import pytest

from acceptance.conftest import SCRIPT
from acceptance.server import Server
from acceptance.wire import (
    ASSISTANT,
    ASSISTANTS,
    CANCEL,
    MESSAGE,
    MESSAGES,
    OUTPUTS,
    RUN,
    RUNS,
    STEP,
    STEPS,
    THREAD,
    THREAD_AND_RUN,
    THREADS,
    Wire,
    expect_error,
)
from contract.validator import Story, check_stream

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}
HELLO = "Hello! This is a reply that comes in several pieces."
CURSORS = ["first_id", "last_id", "has_more"]


@pytest.fixture(scope="session")
def assistant_id(server: Server) -> str:
    made: dict[str, str] = Wire(server.port).post(ASSISTANTS, {"model": "gpt-4o", "tools": [WEATHER]})
    return made["id"]


def thread_with(wire: Wire, *texts: str) -> str:
    """A thread whose user messages are these; its id."""
    messages = [{"role": "user", "content": text} for text in texts]
    thread: dict[str, str] = wire.post(THREADS, {"messages": messages})
    return thread["id"]


def told(wire: Wire, thread_id: str, assistant_id: str, **settings: Any) -> Story:
    """What the stream of one run tells."""
    with wire.stream(RUNS, {"assistant_id": assistant_id, **settings}, thread_id=thread_id) as stream:
        return check_stream(stream.rest())


def waiting(wire: Wire, assistant_id: str, text: str = "weather in Paris and Rome") -> dict[str, Any]:
    """A run that waits for outputs."""
    return told(wire, thread_with(wire, text), assistant_id).run


def calls_of(run: dict[str, Any]) -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    return calls


def outputs_for(run: dict[str, Any]) -> list[dict[str, str]]:
    return [{"tool_call_id": call["id"], "output": "dry"} for call in calls_of(run)]


def ids(run: dict[str, Any]) -> dict[str, str]:
    return {"thread_id": run["thread_id"], "run_id": run["id"]}


def settled(wire: Wire, run: dict[str, Any]) -> dict[str, Any]:
    """The run once it is final or waits for outputs: the events route ends then."""
    with wire.events(run["id"]) as stream:
        stream.rest()
    final: dict[str, Any] = wire.get(RUN, **ids(run))
    return final


# Objects


def test_assistant_has_every_field(wire: Wire) -> None:
    sent = {
        "model": "gpt-4o",
        "name": "A",
        "description": "B",
        "instructions": "C",
        "tools": [WEATHER],
        "metadata": {"k": "v"},
        "temperature": 0,
        "top_p": 1,
        "response_format": {"type": "text"},
        "reasoning_effort": "low",
    }
    wire.post(ASSISTANTS, {"model": "gpt-4o"})
    made = wire.post(ASSISTANTS, sent)
    assert {key: made[key] for key in sent if key != "tools"} == {
        key: value for key, value in sent.items() if key != "tools"
    }
    assert made["tools"][0]["function"]["name"] == "get_weather"
    assert wire.get(ASSISTANT, assistant_id=made["id"]) == made
    listed = wire.get(ASSISTANTS, {"limit": 1})
    assert listed["data"] == [made]
    assert {key: listed[key] for key in CURSORS} == {
        "first_id": made["id"],
        "last_id": made["id"],
        "has_more": True,
    }
    changed = wire.post(ASSISTANT, {"description": None, "metadata": {"k": "w"}}, assistant_id=made["id"])
    assert changed == {**made, "description": None, "metadata": {"k": "w"}}
    gone = wire.delete(ASSISTANT, assistant_id=made["id"])
    assert gone == {"id": made["id"], "object": "assistant.deleted", "deleted": True}
    error = wire.refused(404, "GET", ASSISTANT, assistant_id=made["id"])
    assert error["message"] == f"No assistant found with id '{made['id']}'."


def test_hosted_tools_may_be_declared(wire: Wire) -> None:
    made = wire.post(ASSISTANTS, {"model": "gpt-4o", "tools": [{"type": "code_interpreter"}, {"type": "file_search"}]})
    assert [tool["type"] for tool in made["tools"]] == ["code_interpreter", "file_search"]
    thread_id = thread_with(wire, "say hello")
    assert told(wire, thread_id, made["id"]).text == HELLO


def test_thread_and_messages_have_every_field(wire: Wire) -> None:
    thread = wire.post(THREADS, {"metadata": {"a": "1"}})
    assert wire.get(THREAD, thread_id=thread["id"]) == thread
    changed = wire.post(THREAD, {"metadata": {"a": "2"}}, thread_id=thread["id"])
    assert changed == {**thread, "metadata": {"a": "2"}}
    here = {"thread_id": thread["id"]}
    message = wire.post(MESSAGES, {"role": "user", "content": "hi", "metadata": {"b": "1"}}, **here)
    assert message["status"] == "completed"
    assert wire.get(MESSAGE, **here, message_id=message["id"]) == message
    changed = wire.post(MESSAGE, {"metadata": {"b": "2"}}, **here, message_id=message["id"])
    assert changed == {**message, "metadata": {"b": "2"}}
    assert wire.get(MESSAGES, **here)["data"] == [changed]
    gone = wire.delete(MESSAGE, **here, message_id=message["id"])
    assert gone == {"id": message["id"], "object": "thread.message.deleted", "deleted": True}
    empty = wire.get(MESSAGES, **here)
    assert empty == {"object": "list", "data": [], "first_id": None, "last_id": None, "has_more": False}
    gone = wire.delete(THREAD, **here)
    assert gone == {"id": thread["id"], "object": "thread.deleted", "deleted": True}
    assert wire.refused(404, "GET", THREAD, **here)["message"] == f"No thread found with id '{thread['id']}'."


def test_models_are_listed_and_read(wire: Wire) -> None:
    listed = wire.get("/models")["data"]
    assert listed
    for model in listed:
        assert wire.get("/models/{model}", model=model["id"]) == model


def test_message_of_another_thread_is_not_found(wire: Wire) -> None:
    one, other = thread_with(wire, "a"), thread_with(wire, "b")
    message = wire.get(MESSAGES, thread_id=one)["data"][0]
    error = wire.refused(404, "GET", MESSAGE, thread_id=other, message_id=message["id"])
    assert error["message"] == f"No message found with id '{message['id']}'."


def test_run_of_another_thread_is_not_found(wire: Wire, assistant_id: str) -> None:
    run = told(wire, thread_with(wire, "say hello"), assistant_id).run
    error = wire.refused(404, "GET", RUN, thread_id=thread_with(wire, "b"), run_id=run["id"])
    assert error["message"] == f"No run found with id '{run['id']}'."


# Runs


def test_plain_stream_in_its_order(wire: Wire, assistant_id: str) -> None:
    thread_id = thread_with(wire, "say hello")
    with wire.stream(RUNS, {"assistant_id": assistant_id}, thread_id=thread_id) as stream:
        events = stream.rest()
    story = check_stream(events)
    assert story.text == HELLO
    names = [event.name for event in events if event.name != "thread.message.delta"]
    assert names == [
        "thread.run.created",
        "thread.run.queued",
        "thread.run.in_progress",
        "thread.run.step.created",
        "thread.run.step.in_progress",
        "thread.message.created",
        "thread.message.in_progress",
        "thread.message.completed",
        "thread.run.step.completed",
        "thread.run.completed",
        "done",
    ]
    assert story.run == wire.get(RUN, thread_id=thread_id, run_id=story.run["id"])
    assert story.messages == [
        wire.get(MESSAGE, thread_id=thread_id, message_id=message["id"]) for message in story.messages
    ]
    assert story.steps == wire.get(STEPS, **ids(story.run))["data"]


def test_run_without_stream_answers_queued_and_completes(wire: Wire, assistant_id: str) -> None:
    thread_id = thread_with(wire, "say hello")
    run = wire.post(RUNS, {"assistant_id": assistant_id, "metadata": {"a": "b"}}, thread_id=thread_id)
    assert run["status"] == "queued"
    assert run["expires_at"] == run["created_at"] + 600
    assert run["started_at"] is None
    assert run["usage"] is None
    final = settled(wire, run)
    assert final["status"] == "completed"
    assert final["metadata"] == {"a": "b"}
    assert final["usage"]["prompt_token_details"] == {"cached_tokens": 2}
    assert final["usage"]["completion_tokens_details"] == {"reasoning_tokens": 1}
    assert wire.get(RUNS, thread_id=thread_id)["data"] == [final]
    changed = wire.post(RUN, {"metadata": {"a": "c"}}, **ids(run))
    assert changed == {**final, "metadata": {"a": "c"}}


def test_stream_of_thread_and_run_begins_with_the_thread(wire: Wire, assistant_id: str) -> None:
    body = {
        "assistant_id": assistant_id,
        "thread": {"messages": [{"role": "user", "content": "say hello"}], "metadata": {"a": "b"}},
    }
    with wire.stream(THREAD_AND_RUN, body) as stream:
        story = check_stream(stream.rest(), begins="thread")
    assert story.text == HELLO
    assert story.thread == wire.get(THREAD, thread_id=story.run["thread_id"])
    run = wire.post(THREAD_AND_RUN, body)
    assert run["status"] == "queued"
    assert settled(wire, run)["status"] == "completed"


def test_parallel_calls_pause_the_run_and_outputs_go_on(wire: Wire, assistant_id: str) -> None:
    thread_id = thread_with(wire, "weather in Paris and Rome")
    with wire.stream(RUNS, {"assistant_id": assistant_id}, thread_id=thread_id) as stream:
        asked = stream.rest()
    run = check_stream(asked).run
    assert [call["function"]["name"] for call in calls_of(run)] == ["get_weather", "get_weather"]
    stored = wire.get(RUN, **ids(run))
    assert stored == run
    (step,) = wire.get(STEPS, **ids(run))["data"]
    assert step["status"] == "in_progress"
    assert [call["function"]["output"] for call in step["step_details"]["tool_calls"]] == [None, None]
    assert wire.get(STEP, **ids(run), step_id=step["id"]) == step
    # Outputs may come in any order.
    body = {"tool_outputs": list(reversed(outputs_for(run)))}
    with wire.stream(OUTPUTS, body, **ids(run)) as stream:
        answered = stream.rest()
    story = check_stream(asked, answered)
    assert story.run["status"] == "completed"
    assert [event.name for event in answered[:3]] == [
        "thread.run.step.completed",
        "thread.run.queued",
        "thread.run.in_progress",
    ]
    assert story.run["started_at"] >= run["started_at"]
    usage = story.run["usage"]
    steps = [step["usage"] for step in story.steps]
    assert usage["prompt_tokens"] == sum(step["prompt_tokens"] for step in steps) == 50
    assert usage["completion_tokens"] == sum(step["completion_tokens"] for step in steps) == 15
    assert usage["total_tokens"] == 65
    listed = wire.get(STEPS, {"order": "asc", "limit": 1}, **ids(run))
    assert listed["data"] == story.steps[:1]
    assert listed["has_more"] is True
    rest = wire.get(STEPS, {"order": "asc", "after": listed["last_id"]}, **ids(run))
    assert rest["data"] == story.steps[1:]


def test_outputs_without_stream_answer_queued(wire: Wire, assistant_id: str) -> None:
    run = waiting(wire, assistant_id)
    answer = wire.post(OUTPUTS, {"tool_outputs": outputs_for(run)}, **ids(run))
    assert answer["status"] == "queued"
    assert answer["required_action"] is None
    assert settled(wire, run)["status"] == "completed"


def test_tool_choice_none_pauses_nothing(wire: Wire) -> None:
    made = wire.post(ASSISTANTS, {"model": "rehearsal", "tools": [WEATHER]})
    thread_id = thread_with(wire, "What is the weather in Bergen?")
    story = told(wire, thread_id, made["id"], tool_choice="none")
    assert story.run["status"] == "completed"
    assert story.run["tool_choice"] == "none"


def test_tool_choice_required_calls_a_tool(wire: Wire, assistant_id: str) -> None:
    run = told(wire, thread_with(wire, "Good morning."), assistant_id, tool_choice="required").run
    assert run["tool_choice"] == "required"
    assert run["status"] == "requires_action"
    wire.post(CANCEL, **ids(run))


def test_tool_choice_by_name_calls_that_tool(wire: Wire, assistant_id: str) -> None:
    other = {"type": "function", "function": {"name": "set_alarm", "parameters": {"type": "object"}}}
    choice = {"type": "function", "function": {"name": "set_alarm"}}
    thread_id = thread_with(wire, "What is the weather in Bergen?")
    run = told(wire, thread_id, assistant_id, tools=[WEATHER, other], tool_choice=choice).run
    assert run["tool_choice"] == choice
    assert [call["function"]["name"] for call in calls_of(run)] == ["set_alarm"]
    wire.post(CANCEL, **ids(run))


def test_arguments_reach_the_client_as_the_model_wrote_them(wire: Wire, assistant_id: str) -> None:
    run = waiting(wire, assistant_id, "badly formed call")
    (call,) = calls_of(run)
    assert call == {
        "id": "call_fixed",
        "type": "function",
        "function": {"name": "get_weather", "arguments": '{"city": "Par'},
    }
    wire.post(OUTPUTS, {"tool_outputs": outputs_for(run)}, **ids(run))
    assert settled(wire, run)["status"] == "completed"


def test_several_rounds_of_calls_are_steps_of_one_run(wire: Wire, assistant_id: str) -> None:
    thread_id = thread_with(wire, "weather over and over")
    with wire.stream(RUNS, {"assistant_id": assistant_id}, thread_id=thread_id) as stream:
        streams = [stream.rest()]
    run = check_stream(*streams).run
    for _ in range(3):
        with wire.stream(OUTPUTS, {"tool_outputs": outputs_for(run)}, **ids(run)) as stream:
            streams.append(stream.rest())
        run = check_stream(*streams).run
        assert run["status"] == "requires_action"
    steps = wire.get(STEPS, {"order": "asc"}, **ids(run))["data"]
    assert [step["status"] for step in steps] == ["completed"] * 3 + ["in_progress"]
    wire.post(CANCEL, **ids(run))
    assert settled(wire, run)["status"] == "cancelled"
    steps = wire.get(STEPS, {"order": "asc"}, **ids(run))["data"]
    assert [step["status"] for step in steps] == ["completed"] * 3 + ["cancelled"]


def test_turns_of_a_run_are_capped(tmp_path: Path) -> None:
    with Server(tmp_path / "data", script=SCRIPT, environment={"RETINUE_MAX_TURNS": "3"}) as server:
        wire = Wire(server.port)
        made = wire.post(ASSISTANTS, {"model": "gpt-4o", "tools": [WEATHER]})
        run = waiting(wire, made["id"], "weather over and over")
        turns = 1
        while run["status"] == "requires_action":
            wire.post(OUTPUTS, {"tool_outputs": outputs_for(run)}, **ids(run))
            run = settled(wire, run)
            turns += run["status"] == "requires_action"
        assert turns == 3
        assert run["status"] in ("failed", "incomplete"), run


def test_steps_may_include_the_content_of_search_results(wire: Wire, assistant_id: str) -> None:
    run = told(wire, thread_with(wire, "say hello"), assistant_id).run
    query = {"include[]": "step_details.tool_calls[*].file_search.results[*].content"}
    (step,) = wire.get(STEPS, query, **ids(run))["data"]
    assert wire.get(STEP, query, **ids(run), step_id=step["id"]) == step


def test_run_answers_the_poller_when_to_come_back(wire: Wire, assistant_id: str) -> None:
    run = told(wire, thread_with(wire, "say hello"), assistant_id).run
    pause = wire.call("GET", RUN, **ids(run)).headers.get("openai-poll-after-ms")
    assert pause is None or 0 < int(pause) <= 1000


def test_last_messages_bounds_what_the_model_sees(wire: Wire, assistant_id: str) -> None:
    texts = ["echo " + "many words " * 200] * 3 + ["echo short"]
    whole = told(wire, thread_with(wire, *texts), assistant_id).run
    strategy = {"type": "last_messages", "last_messages": 1}
    less = told(wire, thread_with(wire, *texts), assistant_id, truncation_strategy=strategy).run
    assert less["truncation_strategy"] == strategy
    assert less["usage"]["prompt_tokens"] < whole["usage"]["prompt_tokens"]


def test_messages_of_one_run_are_listed_by_run_id(wire: Wire, assistant_id: str) -> None:
    thread_id = thread_with(wire, "say hello")
    first = told(wire, thread_id, assistant_id)
    wire.post(MESSAGES, {"role": "user", "content": "say hello again"}, thread_id=thread_id)
    told(wire, thread_id, assistant_id)
    assert wire.get(MESSAGES, {"run_id": first.run["id"]}, thread_id=thread_id)["data"] == first.messages


# Broken off


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


# Locks


def test_live_run_locks_its_thread(wire: Wire, assistant_id: str) -> None:
    run = waiting(wire, assistant_id)
    here = {"thread_id": run["thread_id"]}
    error = wire.refused(400, "POST", RUNS, {"assistant_id": assistant_id}, **here)
    assert error["message"] == f"Thread {run['thread_id']} already has an active run {run['id']}."
    error = wire.refused(400, "POST", MESSAGES, {"role": "user", "content": "x"}, **here)
    assert error["message"] == f"Can't add messages to {run['thread_id']} while a run {run['id']} is active."
    assert len(wire.get(MESSAGES, **here)["data"]) == 1
    assert len(wire.get(RUNS, **here)["data"]) == 1


@pytest.mark.parametrize("given", [[], [0], [1]])
def test_outputs_must_be_whole(wire: Wire, assistant_id: str, given: list[int]) -> None:
    run = waiting(wire, assistant_id)
    outputs = outputs_for(run)
    error = wire.refused(400, "POST", OUTPUTS, {"tool_outputs": [outputs[place] for place in given]}, **ids(run))
    expected = [call["id"] for call in calls_of(run)]
    got = [outputs[place]["tool_call_id"] for place in given]
    assert error["message"] == f"Expected tool outputs for call_ids {expected}, got {got}"
    assert wire.get(RUN, **ids(run)) == run


def test_outputs_of_unknown_calls_are_refused(wire: Wire, assistant_id: str) -> None:
    run = waiting(wire, assistant_id)
    outputs = [*outputs_for(run), {"tool_call_id": "call_unknown", "output": ""}]
    wire.refused(400, "POST", OUTPUTS, {"tool_outputs": outputs}, **ids(run))
    assert wire.get(RUN, **ids(run)) == run


def test_completed_run_takes_no_outputs_and_no_cancel(wire: Wire, assistant_id: str) -> None:
    run = told(wire, thread_with(wire, "say hello"), assistant_id).run
    error = wire.refused(400, "POST", OUTPUTS, {"tool_outputs": [{"tool_call_id": "call_a", "output": ""}]}, **ids(run))
    assert error["message"] == 'Runs in status "completed" do not accept tool outputs.'
    error = wire.refused(400, "POST", CANCEL, **ids(run))
    assert error["message"] == "Cannot cancel run with status 'completed'."


def test_run_needs_something_to_answer(wire: Wire, assistant_id: str) -> None:
    thread = wire.post(THREADS)
    error = wire.refused(400, "POST", RUNS, {"assistant_id": assistant_id}, thread_id=thread["id"])
    assert error["message"] == "Run creation requires a Thread with a user message or an assistant with instructions."
    assert error["code"] == "invalid_thread"
    assert wire.get(RUNS, thread_id=thread["id"])["data"] == []


# The events of a run, taken up again


def test_events_tell_a_finished_run_as_its_stream_did(wire: Wire, assistant_id: str) -> None:
    thread_id = thread_with(wire, "say hello")
    with wire.stream(RUNS, {"assistant_id": assistant_id}, thread_id=thread_id) as stream:
        streamed = stream.rest()
    with wire.events(streamed[0].data["id"]) as stream:
        assert stream.rest() == streamed


def test_events_go_on_after_the_last_one_seen(wire: Wire, assistant_id: str) -> None:
    thread_id = thread_with(wire, "weather in Paris and Rome")
    with wire.stream(RUNS, {"assistant_id": assistant_id}, thread_id=thread_id) as stream:
        asked = stream.rest()
    run = check_stream(asked).run
    with wire.stream(OUTPUTS, {"tool_outputs": outputs_for(run)}, **ids(run)) as stream:
        answered = stream.rest()
    told_live = [event for event in (*asked, *answered) if event.id is not None]
    assert len({event.id for event in told_live}) == len(told_live)
    for place in range(len(told_live)):
        with wire.events(run["id"], after=told_live[place].id) as stream:
            again = [event for event in stream.rest() if event.id is not None]
        assert again == told_live[place + 1 :]
    with wire.events(run["id"]) as stream:
        check_stream(stream.rest(), replayed=True)


def test_listener_that_left_gets_the_rest_while_the_run_lives(wire: Wire, assistant_id: str) -> None:
    thread_id = thread_with(wire, "count slowly")
    with wire.stream(RUNS, {"assistant_id": assistant_id}, thread_id=thread_id) as stream:
        last = stream.until("thread.message.delta", times=3)
        first_part = stream.seen
    run = first_part[0].data
    with wire.events(run["id"], after=last.id) as stream:
        stream.until("thread.message.delta", times=3)
        wire.post(CANCEL, **ids(run))
        second_part = stream.rest()
    story = check_stream([*first_part, *second_part])
    assert story.run["status"] == "cancelled"


def test_events_of_an_unknown_run_are_not_found(wire: Wire) -> None:
    answer = wire.send("GET", "/v1/retinue/runs/run_none/events")
    assert expect_error(answer, 404)["message"] == "No run found with id 'run_none'."


# Headers, keys and hosts


def test_request_ids_differ(wire: Wire) -> None:
    seen = {wire.call("GET", ASSISTANTS).headers["x-request-id"] for _ in range(5)}
    assert len(seen) == 5


def test_answers_are_json(wire: Wire) -> None:
    assert wire.call("GET", ASSISTANTS).headers["content-type"].startswith("application/json")
    assert wire.call("GET", THREAD, thread_id="thread_none").headers["content-type"].startswith("application/json")


def test_health_needs_no_key(server: Server) -> None:
    assert Wire(server.port, token=None).send("GET", "/healthz").status == 200


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer ", "Basic abc"])
def test_request_without_a_key_is_refused(server: Server, value: str) -> None:
    answer = Wire(server.port, token=None).send("GET", "/v1/assistants", headers={"Authorization": value})
    assert expect_error(answer, 401)["code"] == "invalid_api_key"


def test_header_of_the_generation_may_be_missing(wire: Wire) -> None:
    assert wire.send("GET", "/v1/assistants", headers={"OpenAI-Beta": ""}).status == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1.evil.example:{port}"])
def test_foreign_host_is_refused(server: Server, wire: Wire, host: str) -> None:
    """A page in a browser must not reach a server on this machine under a name of its own."""
    answer = wire.send("GET", "/v1/assistants", headers={"Host": host.format(port=server.port)})
    assert 400 <= answer.status < 500, answer
    assert answer.body is None or "data" not in answer.body


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "localhost", "127.0.0.1"])
def test_own_host_is_served(server: Server, wire: Wire, host: str) -> None:
    assert wire.send("GET", "/v1/assistants", headers={"Host": host.format(port=server.port)}).status == 200


def test_pages_of_other_origins_are_given_no_leave(wire: Wire) -> None:
    answer = wire.send("GET", "/v1/assistants", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers
    answer = wire.send(
        "OPTIONS",
        "/v1/assistants",
        headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"},
    )
    assert "access-control-allow-origin" not in answer.headers
