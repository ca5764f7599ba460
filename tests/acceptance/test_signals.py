"""A second signal ends a server that drains, whatever it waits for; nothing is lost by that."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from acceptance.crashing import Crashing, begin, expect_sound
from acceptance.runs import settled
from contract.validator import check_stream

DRAIN_S = "60"
LEAVE_BOUND_S = 40  # less than the drain


class Draining(Crashing):
    """A server that would wait for a minute."""

    def until_said(self, text: str) -> None:
        """Wait until the server has printed this."""
        with self._changed:
            assert self._changed.wait_for(lambda: text in self.output, LEAVE_BOUND_S), self.output

    def ask_to_leave(self, number: int) -> None:
        """Send a signal, and wait until the server drains: two at once would be as one."""
        self._running().send_signal(number)
        self.until_said("if stopped again")


@pytest.fixture
def draining(tmp_path: Path) -> Iterator[Draining]:
    with Draining(tmp_path, RETINUE_DRAIN_S=DRAIN_S) as server:
        yield server
    expect_sound(server.data)


def hanging_run(server: Draining) -> dict[str, str]:
    """A run amid an answer that never ends, and nobody who listens."""
    with begin(server, "hang", server.assistant()) as stream:
        stream.until("thread.message.delta", times=3)
        run: dict[str, str] = stream.seen[0].data
        return run


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_second_signal_ends_a_draining_server_though_a_run_hangs(draining: Draining, number: int) -> None:
    hanging_run(draining)
    draining.ask_to_leave(number)
    draining.terminate()
    draining.wait(LEAVE_BOUND_S)
    assert "Traceback" not in draining.output, draining.output


def test_second_signal_ends_a_draining_server_though_somebody_listens(draining: Draining) -> None:
    with begin(draining, "hang", draining.assistant()) as stream:
        stream.until("thread.message.delta", times=3)
        draining.ask_to_leave(signal.SIGTERM)
        draining.terminate()
        stream.rest()
        draining.wait(LEAVE_BOUND_S)
    assert "Traceback" not in draining.output, draining.output


def test_run_that_a_second_signal_broke_off_is_resumed_at_the_next_start(draining: Draining) -> None:
    run = hanging_run(draining)
    draining.ask_to_leave(signal.SIGTERM)
    draining.terminate()
    draining.wait(LEAVE_BOUND_S)
    draining.come_back()
    assert settled(draining.wire, run)["status"] == "completed"


def test_listener_of_a_run_that_a_second_signal_broke_off_hears_the_rest_later(draining: Draining) -> None:
    with begin(draining, "hang", draining.assistant()) as stream:
        last = stream.until("thread.message.delta", times=3)
        seen = list(stream.seen)
        draining.ask_to_leave(signal.SIGTERM)
        draining.terminate()
        draining.wait(LEAVE_BOUND_S)
    draining.come_back()
    with draining.wire.events(seen[0].data["id"], after=last.id) as stream:
        story = check_stream([*seen, *stream.rest()], interrupted=True)
    assert story.run["status"] == "completed"
