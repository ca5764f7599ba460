"""The server is killed between what a function of its own did and the commit of that."""

import os
from pathlib import Path
from typing import Any

import pytest

from acceptance.crashing import expect_sound
from acceptance.runs import ids, settled
from acceptance.server import FUNCTIONS, Server
from acceptance.wire import ASSISTANTS, CANCEL, STEPS, THREAD_AND_RUN, Wire

SCRIPT = """
rules:
  - {match: ".", tools_done: true, reply: "The tool said: {outputs}"}
  - {match: "^pay", calls: [{name: pay, arguments: {}}]}
  - {match: "^subscribe", calls: [{name: subscribe, arguments: {}}]}
"""


class Ledger:
    """A server whose functions write into a file, and that file."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "ledger.txt"
        self._pipe = folder / "ledger.pipe"
        os.mkfifo(self._pipe)
        script = folder / "script.yaml"
        script.write_text(SCRIPT)
        environment = {"LEDGER": str(self._file), "RETINUE_CONFIG": str(FUNCTIONS)}
        self.server = Server(folder / "data", script=script, environment=environment)

    @property
    def keys(self) -> list[str]:
        return self._file.read_text().splitlines()

    def begin(self, said: str) -> dict[str, Any]:
        """Start a run that has the function of this name called; return it once the function has had its effect."""
        wire = Wire(self.server.port)
        declared = {"type": "function", "function": {"name": said}}
        assistant = wire.post(ASSISTANTS, {"model": "gpt-4o", "tools": [declared]})
        thread = {"messages": [{"role": "user", "content": said}]}
        run: dict[str, Any] = wire.post(THREAD_AND_RUN, {"assistant_id": assistant["id"], "thread": thread})
        assert self._pipe.read_text() == "entered"
        return run

    def killed(self) -> None:
        self.server.kill()
        expect_sound(self.server.data)
        self.server.start()


@pytest.fixture
def ledger(tmp_path: Path) -> Any:
    ledger = Ledger(tmp_path)
    with ledger.server:
        yield ledger


def test_a_function_that_may_not_be_repeated_runs_once_and_the_model_reads_that_nobody_knows(ledger: Ledger) -> None:
    run = ledger.begin("pay")
    ledger.killed()
    wire = Wire(ledger.server.port)
    assert settled(wire, run)["status"] == "completed"
    assert len(ledger.keys) == 1
    (execution,) = executions(wire, run)
    assert (execution["outcome"], execution["attempts"], execution["key"]) == ("unknown", 1, *ledger.keys)
    said, called = wire.get(STEPS, **ids(run))["data"]
    (call,) = called["step_details"]["tool_calls"]
    assert "outcome unknown" in call["function"]["output"]
    reply = wire.get(
        "/threads/{thread_id}/messages/{message_id}",
        thread_id=run["thread_id"],
        message_id=said["step_details"]["message_creation"]["message_id"],
    )
    assert call["function"]["output"] in reply["content"][0]["text"]["value"]


def test_a_function_that_may_be_repeated_runs_again_with_the_same_key(ledger: Ledger) -> None:
    run = ledger.begin("subscribe")
    ledger.killed()
    wire = Wire(ledger.server.port)
    assert settled(wire, run)["status"] == "completed"
    first, again = ledger.keys
    assert first == again
    (execution,) = executions(wire, run)
    assert (execution["outcome"], execution["attempts"], execution["key"]) == ("done", 2, first)
    *_, called = wire.get(STEPS, **ids(run))["data"]
    assert called["step_details"]["tool_calls"][0]["function"]["output"] == "entered"


def test_a_function_that_hangs_is_cancelled_with_its_run(ledger: Ledger) -> None:
    run = ledger.begin("pay")
    wire = Wire(ledger.server.port)
    wire.post(CANCEL, **ids(run))
    assert settled(wire, run)["status"] == "cancelled"
    assert [execution["outcome"] for execution in executions(wire, run)] == ["unknown"]
    assert ledger.server.stop() == 0, ledger.server.output


def executions(wire: Wire, run: dict[str, Any]) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = wire.send("GET", f"/v1/retinue/runs/{run['id']}/executions").body["data"]
    return listed
