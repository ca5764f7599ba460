"""Runs that search files, as their callers see them: order, replays, contents, and a server that dies meanwhile."""

from pathlib import Path
from typing import Any

from acceptance.runs import ids, settled
from acceptance.server import SCRIPT, Server
from acceptance.wire import ASSISTANTS, MESSAGES, RUNS, STEPS, THREADS, Wire
from contract.validator import check_stream

HOLIDAYS = "Everybody has 27 days of holiday a year. Up to five days may be taken along into the next one."
QUESTION = {"role": "user", "content": "How many days of holiday does everybody have a year?"}
ANSWER = "Everybody has 27 days of holiday a year."
CONTENT = "step_details.tool_calls[*].file_search.results[*].content"


def searching(wire: Wire) -> dict[str, str]:
    """An assistant that searches, and a thread whose question came with a file: its runs wait until that is read."""
    file = wire.upload(HOLIDAYS.encode(), "holidays.txt")["id"]
    message = {**QUESTION, "attachments": [{"file_id": file, "tools": [{"type": "file_search"}]}]}
    assistant = wire.post(ASSISTANTS, {"model": "gpt-4o", "tools": [{"type": "file_search"}]})
    return {"assistant": assistant["id"], "thread": wire.post(THREADS, {"messages": [message]})["id"], "file": file}


def searches_of(step: dict[str, Any]) -> list[dict[str, Any]]:
    return [call["file_search"] for call in step["step_details"]["tool_calls"]]


def test_a_search_is_streamed_in_the_contracts_order_and_told_again_just_so(wire: Wire) -> None:
    made = searching(wire)
    with wire.stream(RUNS, {"assistant_id": made["assistant"]}, thread_id=made["thread"]) as stream:
        streamed = stream.rest()
    story = check_stream(streamed)
    assert (story.run["status"], story.text.split("【")[0]) == ("completed", ANSWER)
    (citation,) = story.messages[0]["content"][0]["text"]["annotations"]
    assert citation["file_citation"] == {"file_id": made["file"]}
    assert citation["retinue"] == {"quote": ANSWER, "file_name": "holidays.txt"}
    stored = wire.get(MESSAGES, {"order": "desc"}, thread_id=made["thread"])["data"][0]
    assert stored["content"] == story.messages[0]["content"]
    numbered = [event for event in streamed if event.id is not None]
    for place in range(0, len(numbered), 2):
        with wire.events(story.run["id"], after=numbered[place].id) as stream:
            again = stream.rest()
        assert again == streamed[streamed.index(numbered[place]) + 1 :]


def test_contents_are_told_to_those_who_ask(wire: Wire) -> None:
    made = searching(wire)
    body = {"assistant_id": made["assistant"]}
    with wire.stream(f"{RUNS}?include[]={CONTENT}", body, thread_id=made["thread"]) as stream:
        story = check_stream(stream.rest())
    (search,) = searches_of(story.steps[0])
    assert search["results"][0]["content"] == [{"type": "text", "text": HOLIDAYS}]
    with_contents = wire.get(STEPS, {"include[]": CONTENT, "order": "asc"}, **ids(story.run))["data"]
    assert searches_of(with_contents[0]) == [search]
    without = wire.get(STEPS, {"order": "asc"}, **ids(story.run))["data"]
    assert [result.keys() & {"content"} for result in searches_of(without[0])[0]["results"]] == [set()]


def test_v1_retrieves(server: Server) -> None:
    wire = Wire(server.port, generation="v1")
    file = wire.upload(HOLIDAYS.encode(), "holidays.txt")["id"]
    assistant = wire.post(ASSISTANTS, {"model": "gpt-4", "tools": [{"type": "retrieval"}]})["id"]
    thread = wire.post(THREADS, {"messages": [{**QUESTION, "file_ids": [file]}]})["id"]
    with wire.stream(RUNS, {"assistant_id": assistant}, thread_id=thread) as stream:
        story = check_stream(stream.rest(), generation="v1")
    (call,) = story.steps[0]["step_details"]["tool_calls"]
    assert (call["type"], call["retrieval"]) == ("retrieval", {})
    (citation,) = story.messages[0]["content"][0]["text"]["annotations"]
    assert citation["file_citation"] == {"file_id": file, "quote": ANSWER}
    assert "retinue" not in citation


def test_a_run_that_searches_goes_on_after_kill_9(tmp_path: Path) -> None:
    with Server(tmp_path / "data", script=SCRIPT) as server:
        wire = Wire(server.port)
        made = searching(wire)
        run = wire.post(RUNS, {"assistant_id": made["assistant"]}, thread_id=made["thread"])
        server.kill()
        server.start()
        wire = Wire(server.port)
        assert settled(wire, run)["status"] == "completed"
        stored = wire.get(MESSAGES, {"order": "desc"}, thread_id=made["thread"])["data"][0]
        assert stored["content"][0]["text"]["value"].startswith(ANSWER)
        with wire.events(run["id"]) as stream:
            check_stream(stream.rest(), replayed=True, interrupted=True)
