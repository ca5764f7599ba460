"""The server is killed at every kind of moment: nothing acknowledged is lost, and every run goes on."""

import http.client
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from acceptance.crashing import Crashing, begin
from acceptance.runs import calls_of, ids, outputs_for, settled, thread_with, told
from acceptance.wire import CANCEL, MESSAGE, MESSAGES, OUTPUTS, RUN, RUNS, STEPS, Wire
from contract.samples import DONE
from contract.validator import Event, check_stream

WRITERS = 8
ACKNOWLEDGED_BEFORE_KILL = 60


# In the middle


@pytest.mark.parametrize(
    ("name", "times"), [("thread.run.in_progress", 1), ("thread.message.delta", 1), ("thread.message.delta", 5)]
)
def test_run_killed_while_it_streams_completes_after_the_restart(crashing: Crashing, name: str, times: int) -> None:
    with begin(crashing, "tell a long story", crashing.assistant()) as stream:
        last = stream.until(name, times=times)
        seen = list(stream.seen)
        crashing.die()
    crashing.come_back()
    run = seen[0].data
    with crashing.wire.events(run["id"], after=last.id) as stream:
        story = check_stream([*seen, *stream.rest()], interrupted=True)
    assert story.run["status"] == "completed"
    assert story.messages[-1]["content"][0]["text"]["value"] == "Said at once."
    assert crashing.wire.get(RUN, **ids(run)) == story.run
    listed = crashing.wire.get(MESSAGES, {"order": "asc", "run_id": run["id"]}, thread_id=run["thread_id"])
    assert listed["data"] == story.messages
    steps = crashing.wire.get(STEPS, {"order": "asc"}, **ids(run))["data"]
    assert steps == story.steps
    with crashing.wire.events(run["id"]) as stream:
        again = check_stream(stream.rest(), replayed=True, interrupted=True)
    assert again.run == story.run
    told(crashing.wire, run["thread_id"], run["assistant_id"])


def test_run_killed_before_the_model_spoke_completes(crashing: Crashing) -> None:
    with begin(crashing, "silent", crashing.assistant()) as stream:
        last = stream.until("thread.run.in_progress")
        seen = list(stream.seen)
        crashing.die()
    crashing.come_back()
    with crashing.wire.events(last.data["id"], after=last.id) as stream:
        story = check_stream([*seen, *stream.rest()], interrupted=True)
    assert story.run["status"] == "completed"


def test_many_runs_killed_at_once_all_complete(crashing: Crashing) -> None:
    assistant_id = crashing.assistant()
    runs = []
    for number in range(20):
        thread_id = thread_with(crashing.wire, f"story {number}")
        runs.append(crashing.wire.post(RUNS, {"assistant_id": assistant_id}, thread_id=thread_id))
    crashing.die()
    crashing.come_back()
    assert [settled(crashing.wire, run)["status"] for run in runs] == ["completed"] * len(runs)


def test_run_killed_twice_completes(crashing: Crashing) -> None:
    with begin(crashing, "tell a long story", crashing.assistant()) as stream:
        last = stream.until("thread.message.delta", times=2)
        seen = list(stream.seen)
        crashing.die()
    crashing.start()
    with crashing.wire.events(seen[0].data["id"], after=last.id) as stream:
        last = stream.until("thread.message.delta", times=2)
        seen.extend(stream.seen)
        crashing.die()
    crashing.come_back()
    with crashing.wire.events(seen[0].data["id"], after=last.id) as stream:
        story = check_stream([*seen, *stream.rest()], interrupted=True)
    assert story.run["status"] == "completed"


class Persistent:
    """One client that follows its run through every restart: it reconnects, and answers what is asked."""

    def __init__(self, server: Crashing, assistant_id: str, saw: Callable[[], None]) -> None:
        self._server = server
        self._saw = saw
        thread_id = thread_with(server.wire, "weather please")
        self.run = server.wire.post(RUNS, {"assistant_id": assistant_id}, thread_id=thread_id)
        self.events: list[Event] = []

    def follow(self) -> None:
        while True:
            whole = self._tenaciously(self._read)
            self.run = self._tenaciously(lambda wire: wire.get(RUN, **ids(self.run)))
            if self.run["status"] == "requires_action":
                self._tenaciously(self._answer)
            elif whole and self.events[-1].data == self.run:
                return

    def _read(self, wire: Wire) -> bool:
        """Read on after what was seen; true if the stream came to its end."""
        last = max((event.id for event in self.events if event.id is not None), default=None)
        with wire.events(self.run["id"], after=last) as stream:
            for event in stream:
                self._saw()
                if event.name == "done":
                    return True
                self.events.append(event)
        return False

    def _answer(self, wire: Wire) -> None:
        answer = wire.call("POST", OUTPUTS, {"tool_outputs": outputs_for(self.run)}, **ids(self.run))
        # 400: they were taken in the moment before the server died, and the answer was lost.
        assert answer.status == 200 or "do not accept tool outputs" in answer.body["error"]["message"], answer

    def _tenaciously(self, ask: Callable[[Wire], Any]) -> Any:
        while True:
            self._server.up.wait(60)
            try:
                return ask(self._server.wire)
            except (OSError, http.client.HTTPException):
                continue  # killed, or not yet back


def test_runs_go_on_through_one_kill_after_another(crashing: Crashing) -> None:
    assistant_id = crashing.assistant()
    progress = threading.Semaphore(0)
    clients = [Persistent(crashing, assistant_id, progress.release) for _ in range(WRITERS)]
    with ThreadPoolExecutor(WRITERS) as pool:
        futures = [pool.submit(client.follow) for client in clients]
        for events_between_kills in (30, 90, 60):
            for _ in range(events_between_kills):
                assert progress.acquire(timeout=60), "the runs stand still"
            crashing.die()
            crashing.start()
        crashing.die()
        crashing.come_back()
        for future in futures:
            future.result()
    for client in clients:
        story = check_stream([*client.events, DONE], replayed=True, interrupted=True)
        assert story.run == client.run
        assert story.run["status"] == "completed"
        where = {"thread_id": client.run["thread_id"]}
        said = crashing.wire.get(MESSAGES, {"order": "asc", "run_id": client.run["id"]}, **where)
        assert said["data"] == story.messages
        assert crashing.wire.get(STEPS, {"order": "asc"}, **ids(client.run))["data"] == story.steps


# Between tool calls


def test_run_that_waits_for_outputs_waits_on_after_a_kill(crashing: Crashing) -> None:
    assistant_id = crashing.assistant()
    with begin(crashing, "weather please", assistant_id) as stream:
        run = check_stream(stream.rest()).run
    crashing.die()
    crashing.come_back()
    assert crashing.wire.get(RUN, **ids(run)) == run
    (step,) = crashing.wire.get(STEPS, **ids(run))["data"]
    with crashing.wire.stream(OUTPUTS, {"tool_outputs": outputs_for(run)}, **ids(run)) as stream:
        story = check_stream(stream.rest(), begins="outputs", pending=step)
    assert story.run["status"] == "completed"
    assert "dry" in story.text
    assert story.steps[0]["id"] == step["id"]


def test_outputs_once_accepted_outlive_a_kill(crashing: Crashing) -> None:
    with begin(crashing, "weather please", crashing.assistant()) as stream:
        run = check_stream(stream.rest()).run
    crashing.wire.post(OUTPUTS, {"tool_outputs": outputs_for(run)}, **ids(run))
    crashing.die()
    crashing.come_back()
    assert settled(crashing.wire, run)["status"] == "completed"
    steps = crashing.wire.get(STEPS, {"order": "asc"}, **ids(run))["data"]
    done = steps[0]["step_details"]["tool_calls"]
    assert [call["id"] for call in done] == [call["id"] for call in calls_of(run)]
    assert [call["function"]["output"] for call in done] == ["dry", "dry"]


def test_stream_of_outputs_killed_midway_is_taken_up_again(crashing: Crashing) -> None:
    with begin(crashing, "weather please", crashing.assistant()) as stream:
        asked = stream.rest()
    run = check_stream(asked).run
    with crashing.wire.stream(OUTPUTS, {"tool_outputs": outputs_for(run)}, **ids(run)) as stream:
        last = stream.until("thread.message.delta", times=3)
        answered = list(stream.seen)
        crashing.die()
    crashing.come_back()
    with crashing.wire.events(run["id"], after=last.id) as stream:
        story = check_stream(asked, [*answered, *stream.rest()], interrupted=True)
    assert story.run["status"] == "completed"
    assert story.messages[-1]["content"][0]["text"]["value"].startswith("It will be")


def test_cancel_once_acknowledged_outlives_a_kill(crashing: Crashing) -> None:
    with begin(crashing, "tell a long story", crashing.assistant()) as stream:
        stream.until("thread.message.delta", times=2)
        run = stream.seen[0].data
        assert crashing.wire.post(CANCEL, **ids(run))["status"] == "cancelling"
        crashing.die()
    crashing.come_back()
    assert settled(crashing.wire, run)["status"] == "cancelled"


def test_run_expires_while_nobody_serves_it(tmp_path: Path) -> None:
    with Crashing(tmp_path, RETINUE_RUN_EXPIRES_S="1") as server:
        assistant_id = server.assistant()
        with begin(server, "weather please", assistant_id) as stream:
            run = check_stream(stream.rest()).run
        server.die()
        server.come_back()
        with server.wire.events(run["id"]) as stream:
            stream.rest()
        while (now := server.wire.get(RUN, **ids(run)))["status"] == "requires_action":
            pass
        assert now["status"] == "expired"
        assert server.stop() == 0, server.output


# Between commit and answer


class Writer:
    """One client that writes until the server dies, and remembers what it was told is done."""

    def __init__(self, port: int, assistant_id: str, acknowledged: Callable[[], None]) -> None:
        self._wire = Wire(port)
        self._assistant_id = assistant_id
        self._acknowledged = acknowledged
        self.thread_id = ""
        self.messages: list[dict[str, Any]] = []
        self.runs: list[dict[str, Any]] = []

    def write_until_cut_off(self) -> None:
        try:
            self.thread_id = thread_with(self._wire)
            while True:
                self._message()
                if len(self.messages) % 10 == 0:
                    self._run()
        except (OSError, http.client.HTTPException):
            return  # killed

    def _message(self) -> None:
        body = {"role": "user", "content": f"line {len(self.messages)}"}
        self.messages.append(self._wire.post(MESSAGES, body, thread_id=self.thread_id))
        self._acknowledged()

    def _run(self) -> None:
        own = thread_with(self._wire, "story")
        self.runs.append(self._wire.post(RUNS, {"assistant_id": self._assistant_id}, thread_id=own))
        self._acknowledged()


def test_everything_acknowledged_is_there_after_a_kill(crashing: Crashing) -> None:
    assistant_id = crashing.assistant()
    enough = threading.Semaphore(0)
    writers = [Writer(crashing.port, assistant_id, enough.release) for _ in range(WRITERS)]
    with ThreadPoolExecutor(WRITERS) as pool:
        futures = [pool.submit(writer.write_until_cut_off) for writer in writers]
        for _ in range(ACKNOWLEDGED_BEFORE_KILL):
            assert enough.acquire(timeout=60), "the server acknowledges too little"
        crashing.die()
        for future in futures:
            future.result()
    crashing.come_back()
    wire = crashing.wire
    for writer in writers:
        there = messages_of(wire, writer.thread_id) if writer.thread_id else []
        assert there[: len(writer.messages)] == writer.messages
        # At most the one message that was committed and not answered any more, and that one whole.
        unanswered = [message["content"][0]["text"]["value"] for message in there[len(writer.messages) :]]
        assert unanswered in ([], [f"line {len(writer.messages)}"])
        for run in writer.runs:
            assert settled(wire, run)["status"] == "completed"


def messages_of(wire: Wire, thread_id: str) -> list[dict[str, Any]]:
    """All of them, oldest first."""
    found: list[dict[str, Any]] = []
    query: dict[str, Any] = {"order": "asc", "limit": 100}
    while True:
        page = wire.get(MESSAGES, query, thread_id=thread_id)
        found.extend(page["data"])
        if not page["has_more"]:
            return found
        query["after"] = page["last_id"]


def test_what_was_deleted_stays_deleted_after_a_kill(crashing: Crashing) -> None:
    thread_id = thread_with(crashing.wire, "keep", "drop")
    drop, keep = crashing.wire.get(MESSAGES, thread_id=thread_id)["data"]
    crashing.wire.delete(MESSAGE, thread_id=thread_id, message_id=drop["id"])
    crashing.die()
    crashing.come_back()
    assert messages_of(crashing.wire, thread_id) == [keep]
