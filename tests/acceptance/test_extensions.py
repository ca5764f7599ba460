"""What is ours beyond the API: turns with their manifests, and messages read while they are being said."""

import json
from typing import Any

from acceptance.wire import ASSISTANTS, CANCEL, MESSAGES, THREAD_AND_RUN, Wire


def turns(wire: Wire, run_id: str) -> list[dict[str, Any]]:
    answer = wire.send("GET", f"/v1/retinue/runs/{run_id}/turns")
    assert answer.status == 200, answer.raw
    listed: list[dict[str, Any]] = json.loads(answer.raw)["data"]
    return listed


def test_manifest_says_which_tools_were_offered(wire: Wire) -> None:
    tools = [{"type": "file_search"}, {"type": "code_interpreter"}]
    assistant = wire.post(ASSISTANTS, {"model": "gpt-4o", "tools": tools})
    thread = {"messages": [{"role": "user", "content": "say hello"}]}
    with wire.stream(THREAD_AND_RUN, {"assistant_id": assistant["id"], "thread": thread}) as stream:
        run = stream.until("thread.run.completed").data
    (turn,) = turns(wire, run["id"])
    assert turn["manifest"]["tools"] == ["file_search", "code_interpreter"]
    assert turn["manifest"]["notes"] == []
    assert turn["usage"]["total_tokens"] == run["usage"]["total_tokens"] > 0
    assert turn["model"] == "rehearsal"
    assert (turn["provider"], turn["attempts"]) == ("", 1)
    assert (turn["cost_usd"], turn["usage_estimated"], turn["problem"]) == (0, False, None)


def test_message_is_read_while_it_is_being_said(wire: Wire) -> None:
    assistant = wire.post(ASSISTANTS, {"model": "gpt-4o"})
    thread = {"messages": [{"role": "user", "content": "count slowly"}]}
    with wire.stream(THREAD_AND_RUN, {"assistant_id": assistant["id"], "thread": thread}) as stream:
        run = stream.until("thread.run.created").data
        stream.until("thread.message.delta", times=3)
        message = wire.get(MESSAGES, thread_id=run["thread_id"])["data"][0]
        assert message["status"] == "in_progress"
        assert message["content"][0]["text"]["value"].startswith("one more word, one more word, ")
        wire.post(CANCEL, thread_id=run["thread_id"], run_id=run["id"])
        stream.until("thread.run.cancelled")


def test_turns_of_an_unknown_run_are_not_found(wire: Wire) -> None:
    assert wire.send("GET", "/v1/retinue/runs/run_none/turns").status == 404
