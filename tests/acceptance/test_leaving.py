"""The server is asked to stop: it lets go of what ends soon, and keeps what does not."""

from acceptance.crashing import Crashing, begin
from contract.validator import check_stream

LEAVE_BOUND_S = 30


def test_stream_finishes_when_the_server_is_asked_to_leave(crashing: Crashing) -> None:
    with begin(crashing, "short", crashing.assistant()) as stream:
        stream.until("thread.message.delta")
        crashing.terminate()
        story = check_stream(stream.rest())
    assert story.run["status"] == "completed"
    assert story.text == "This takes about one second."
    assert crashing.wait(LEAVE_BOUND_S) == 0, crashing.output


def test_server_leaves_in_bounded_time_though_a_stream_hangs(crashing: Crashing) -> None:
    with begin(crashing, "hang", crashing.assistant()) as stream:
        last = stream.until("thread.message.delta", times=3)
        crashing.terminate()
        seen = stream.rest()
        assert crashing.wait(LEAVE_BOUND_S) == 0, crashing.output
    check_stream([event for event in seen if event.name not in ("error", "done")], whole=False)
    crashing.come_back()
    run = seen[0].data
    with crashing.wire.events(run["id"], after=last.id) as stream:
        story = check_stream([*seen[: seen.index(last) + 1], *stream.rest()], interrupted=True)
    assert story.run["status"] == "completed"


def test_listener_who_heard_nothing_new_is_not_told_that_the_run_is_done(crashing: Crashing) -> None:
    with begin(crashing, "hang", crashing.assistant()) as stream:
        last = stream.until("thread.message.delta", times=3)
        with crashing.wire.events(stream.seen[0].data["id"], after=last.id) as again:
            crashing.terminate()
            heard = [event.name for event in again.rest()]
    assert crashing.wait(LEAVE_BOUND_S) == 0, crashing.output
    assert heard == ["error", "done"]


def test_server_without_work_leaves_at_once(crashing: Crashing) -> None:
    assert crashing.stop() == 0, crashing.output
    assert "Traceback" not in crashing.output, crashing.output
