"""Functions that the server runs itself, as their callers see them: streams, replays, records, and whose they are."""

from collections.abc import Iterator
from typing import Any

import pytest

from acceptance.runs import calls_of, ids, settled, thread_with, told
from acceptance.server import FUNCTIONS, SCRIPT, Server
from acceptance.terminal import make_key
from acceptance.wire import ASSISTANTS, OUTPUTS, RUNS, STEPS, THREAD, Wire
from contract.validator import check_stream

SERVED = ("get_weather",)
TOOLS = [{"type": "function", "function": {"name": name}} for name in ("get_weather", "get_stamp")]


@pytest.fixture(scope="module")
def equipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("equipped")
    with Server(folder / "data", script=SCRIPT, environment={"RETINUE_CONFIG": str(FUNCTIONS)}) as server:
        yield server


@pytest.fixture
def wire(equipped: Server) -> Wire:
    return Wire(equipped.port)


@pytest.fixture
def assistant(wire: Wire) -> str:
    made: dict[str, str] = wire.post(ASSISTANTS, {"model": "gpt-4o", "tools": TOOLS})
    return made["id"]


def test_stream_goes_on_past_the_servers_calls_in_the_contracts_order(wire: Wire, assistant: str) -> None:
    story = told(wire, thread_with(wire, "weather in Paris and Rome"), assistant)
    assert story.run["status"] == "completed"
    called, said = story.steps
    assert [call["function"]["output"] for call in called["step_details"]["tool_calls"]] == ["Paris: sun", "Rome: sun"]
    assert called["usage"]["total_tokens"] + said["usage"]["total_tokens"] == story.run["usage"]["total_tokens"]
    with wire.events(story.run["id"]) as stream:
        again = check_stream(stream.rest(), replayed=True)
    assert (again.run, again.steps, again.messages) == (story.run, story.steps, story.messages)


def test_v1_shows_the_servers_outputs_too(equipped: Server) -> None:
    wire = Wire(equipped.port, generation="v1")
    assistant = wire.post(ASSISTANTS, {"model": "gpt-4o", "tools": TOOLS})["id"]
    with wire.stream(RUNS, {"assistant_id": assistant}, thread_id=thread_with(wire, "weather in Oslo")) as stream:
        story = check_stream(stream.rest(), generation="v1")
    assert story.run["status"] == "completed"
    assert story.steps[0]["step_details"]["tool_calls"][0]["function"]["output"] == "Oslo: sun"


def test_mixed_turn_asks_the_client_for_its_own_calls_in_the_contracts_order(wire: Wire, assistant: str) -> None:
    thread = thread_with(wire, "weather and a stamp")
    with wire.stream(RUNS, {"assistant_id": assistant}, thread_id=thread) as stream:
        asked = stream.rest()
    run = check_stream(asked, served=SERVED).run
    (call,) = calls_of(run)
    assert call["function"]["name"] == "get_stamp"
    (step,) = wire.get(STEPS, **ids(run))["data"]
    assert [shown["function"]["output"] for shown in step["step_details"]["tool_calls"]] == ["Oslo: sun", None]
    outputs = [{"tool_call_id": call["id"], "output": "blue"}]
    with wire.stream(OUTPUTS, {"tool_outputs": outputs}, **ids(run)) as stream:
        story = check_stream(asked, stream.rest(), served=SERVED)
    shown = story.steps[0]["step_details"]["tool_calls"]
    assert [call["function"]["output"] for call in shown] == ["Oslo: sun", "blue"]
    with wire.events(run["id"]) as stream:
        assert check_stream(stream.rest(), replayed=True, served=SERVED).steps == story.steps


def test_answering_for_the_server_is_refused(wire: Wire, assistant: str) -> None:
    thread = thread_with(wire, "weather and a stamp")
    run = settled(wire, wire.post(RUNS, {"assistant_id": assistant}, thread_id=thread))
    (step,) = wire.get(STEPS, **ids(run))["data"]
    calls = [call["id"] for call in step["step_details"]["tool_calls"]]
    outputs = [{"tool_call_id": call, "output": "forged"} for call in calls]
    answer = wire.call("POST", OUTPUTS, {"tool_outputs": outputs}, **ids(run))
    assert answer.status == 400
    assert answer.body["error"]["message"] == f"Expected tool outputs for call_ids {calls[1:]}, got {calls}"


def test_run_shows_the_servers_declarations_and_its_assistant_those_it_was_made_with(
    wire: Wire, assistant: str
) -> None:
    run = told(wire, thread_with(wire, "say hello"), assistant).run
    weather, stamp = (tool["function"] for tool in run["tools"])
    assert weather["parameters"]["required"] == ["city"]
    assert "description" not in stamp
    made = wire.get("/assistants/{assistant_id}", assistant_id=assistant)["tools"]
    assert [tool["function"] for tool in made] == [{**stamp, "name": "get_weather"}, stamp]


def test_record_of_each_call_is_there_until_the_thread_is_deleted(wire: Wire, assistant: str) -> None:
    run = told(wire, thread_with(wire, "weather in Paris and Rome"), assistant).run
    listed = executions(wire, run)
    assert {call["name"] for call in listed} == {"get_weather"}
    assert sorted(call["arguments"] for call in listed) == ['{"city": "Paris"}', '{"city": "Rome"}']
    for call in listed:
        assert (call["object"], call["outcome"], call["attempts"], call["error"]) == (
            "retinue.execution",
            "done",
            1,
            None,
        )
        assert run["created_at"] <= call["started_at"] <= call["ended_at"]
    wire.delete(THREAD, thread_id=run["thread_id"])
    assert wire.send("GET", f"/v1/retinue/runs/{run['id']}/executions").status == 404


def test_a_bad_argument_goes_back_to_the_model(wire: Wire, assistant: str) -> None:
    story = told(wire, thread_with(wire, "weather, then ramble"), assistant)
    (call,) = executions(wire, story.run)
    assert call["outcome"] == "failed"
    assert "city" in call["error"]
    assert story.run["status"] == "completed"


def test_other_projects_answer_for_themselves(equipped: Server) -> None:
    other = Wire(equipped.port, token=make_key(equipped.data, "--project", "other"))
    assistant = other.post(ASSISTANTS, {"model": "gpt-4o", "tools": TOOLS})["id"]
    run = told(other, thread_with(other, "weather in Oslo"), assistant).run
    assert run["status"] == "requires_action"
    assert executions(other, run) == []


def executions(wire: Wire, run: dict[str, Any]) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = wire.send("GET", f"/v1/retinue/runs/{run['id']}/executions").body["data"]
    return listed
