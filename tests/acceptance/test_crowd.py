"""Many clients at one thread, at one moment."""

import threading
from concurrent.futures import ThreadPoolExecutor

from acceptance.crashing import Crashing, begin
from acceptance.runs import ids, outputs_for, settled, thread_with
from acceptance.wire import CANCEL, OUTPUTS, RUNS, Answer, Wire
from contract.validator import check_stream

CLIENTS = 200


def test_one_of_two_hundred_runs_wins_the_thread(crashing: Crashing) -> None:
    assistant_id = crashing.assistant()
    thread_id = thread_with(crashing.wire, "silent")
    start = threading.Barrier(CLIENTS)

    def attempt(_: int) -> Answer:
        start.wait(60)
        return Wire(crashing.port).call("POST", RUNS, {"assistant_id": assistant_id}, thread_id=thread_id)

    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = list(pool.map(attempt, range(CLIENTS)))
    won = [answer.body for answer in answers if answer.status == 200]
    lost = [answer for answer in answers if answer.status != 200]
    assert len(won) == 1, [answer.status for answer in answers]
    message = f"Thread {thread_id} already has an active run {won[0]['id']}."
    assert {answer.status for answer in lost} == {400}
    assert {answer.body["error"]["message"] for answer in lost} == {message}
    assert crashing.wire.get(RUNS, thread_id=thread_id)["data"][0]["id"] == won[0]["id"]
    assert len(crashing.wire.get(RUNS, thread_id=thread_id)["data"]) == 1
    crashing.wire.post(CANCEL, **ids(won[0]))
    assert settled(crashing.wire, won[0])["status"] == "cancelled"


def test_outputs_submitted_twice_at_once_count_once(crashing: Crashing) -> None:
    with begin(crashing, "weather please", crashing.assistant()) as stream:
        run = check_stream(stream.rest()).run
    start = threading.Barrier(20)

    def attempt(_: int) -> Answer:
        start.wait(60)
        return Wire(crashing.port).call("POST", OUTPUTS, {"tool_outputs": outputs_for(run)}, **ids(run))

    with ThreadPoolExecutor(20) as pool:
        statuses = sorted(answer.status for answer in pool.map(attempt, range(20)))
    assert statuses == [200] + [400] * 19
    crashing.wire.post(CANCEL, **ids(run))
    settled(crashing.wire, run)
