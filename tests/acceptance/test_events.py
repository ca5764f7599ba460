"""The events of a run, taken up again by whoever lost them: `GET /v1/retinue/runs/{id}/events`."""

from acceptance.runs import ids, outputs_for, thread_with
from acceptance.wire import CANCEL, OUTPUTS, RUNS, Wire, expect_error
from contract.validator import check_stream


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
