"""Runs by plain HTTP: their streams, tools, overrides and limits, the locks they hold."""

from pathlib import Path

import pytest

from acceptance.runs import HELLO, WEATHER, calls_of, ids, outputs_for, settled, thread_with, told, waiting
from acceptance.server import SCRIPT, Server
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
)
from contract.validator import check_stream


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
    thread = wire.get(THREAD, thread_id=story.run["thread_id"])
    assert thread.pop("retinue")["turns"] == 1
    assert story.thread == thread
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


def test_text_and_calls_of_one_turn_are_two_steps(wire: Wire, assistant_id: str) -> None:
    thread_id = thread_with(wire, "say it and do it")
    with wire.stream(RUNS, {"assistant_id": assistant_id}, thread_id=thread_id) as stream:
        asked = stream.rest()
    run = check_stream(asked).run
    with wire.stream(OUTPUTS, {"tool_outputs": outputs_for(run)}, **ids(run)) as stream:
        story = check_stream(asked, stream.rest())
    assert [step["type"] for step in story.steps] == ["message_creation", "tool_calls", "message_creation"]
    assert story.text == "I will look it up.Done."
    assert wire.get(STEPS, {"order": "asc"}, **ids(run))["data"] == story.steps
    assert wire.get(MESSAGES, {"order": "asc", "run_id": run["id"]}, thread_id=thread_id)["data"] == story.messages


def test_no_letter_is_torn_apart_by_a_stream(wire: Wire, assistant_id: str) -> None:
    story = told(wire, thread_with(wire, "every kind of letter"), assistant_id)
    assert story.text == "👩‍👩‍👧‍👦 é é 🏳️‍🌈 日本語 שלום 𝒳 " * 10


def test_message_can_be_read_while_it_grows(wire: Wire, assistant_id: str) -> None:
    thread_id = thread_with(wire, "count slowly")
    with wire.stream(RUNS, {"assistant_id": assistant_id}, thread_id=thread_id) as stream:
        stream.until("thread.message.delta", times=3)
        run = stream.seen[0].data
        growing = wire.get(MESSAGES, {"limit": 1}, thread_id=thread_id)["data"][0]
        assert growing["status"] == "in_progress"
        assert growing["run_id"] == run["id"]
        assert growing["content"][0]["text"]["value"].startswith("one more word, one more word, one more word, ")
        again = wire.get(MESSAGE, thread_id=thread_id, message_id=growing["id"])
        assert again["content"][0]["text"]["value"].startswith(growing["content"][0]["text"]["value"])
        (step,) = wire.get(STEPS, **ids(run))["data"]
        assert step["status"] == "in_progress"
        assert step["step_details"]["message_creation"]["message_id"] == growing["id"]
        assert wire.get(STEP, **ids(run), step_id=step["id"]) == step
        assert wire.get(RUN, **ids(run))["status"] == "in_progress"
        wire.post(CANCEL, **ids(run))
        check_stream(stream.rest())


def test_metadata_changed_while_the_run_lives_is_kept(wire: Wire, assistant_id: str) -> None:
    thread_id = thread_with(wire, "count slowly")
    with wire.stream(RUNS, {"assistant_id": assistant_id}, thread_id=thread_id) as stream:
        stream.until("thread.message.delta", times=3)
        run = stream.seen[0].data
        growing = wire.get(MESSAGES, {"limit": 1}, thread_id=thread_id)["data"][0]
        wire.post(RUN, {"metadata": {"of": "run"}}, **ids(run))
        wire.post(MESSAGE, {"metadata": {"of": "message"}}, thread_id=thread_id, message_id=growing["id"])
        wire.post(THREAD, {"metadata": {"of": "thread"}}, thread_id=thread_id)
        wire.post(CANCEL, **ids(run))
        story = check_stream(stream.rest())
    assert wire.get(RUN, **ids(run))["metadata"] == {"of": "run"}
    assert wire.get(MESSAGE, thread_id=thread_id, message_id=growing["id"])["metadata"] == {"of": "message"}
    assert wire.get(THREAD, thread_id=thread_id)["metadata"] == {"of": "thread"}
    assert story.run["metadata"] == {"of": "run"}
    assert story.messages[0]["metadata"] == {"of": "message"}


def test_thread_deleted_while_its_run_lives_ends_the_stream(wire: Wire, assistant_id: str) -> None:
    thread_id = thread_with(wire, "count slowly")
    with wire.stream(RUNS, {"assistant_id": assistant_id}, thread_id=thread_id) as stream:
        stream.until("thread.message.delta")
        wire.delete(THREAD, thread_id=thread_id)
        events = stream.rest()
    assert [event.name for event in events[-2:]] == ["error", "done"]
    check_stream(events)
    wire.refused(404, "GET", RUN, **ids(events[0].data))


def test_assistant_deleted_while_its_run_waits_stops_nothing(wire: Wire) -> None:
    made = wire.post(ASSISTANTS, {"model": "gpt-4o", "tools": [WEATHER]})
    run = waiting(wire, made["id"])
    wire.delete(ASSISTANT, assistant_id=made["id"])
    wire.post(OUTPUTS, {"tool_outputs": outputs_for(run)}, **ids(run))
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
