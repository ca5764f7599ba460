"""Cancelling and expiry, wherever in a run they come."""

import asyncio
import itertools

import pytest

from engine.scripted import Gate, calls, says
from engine.world import PROJECT, World, check_numbers, driven, names, replayed, stream
from retinue.core.errors import InvalidRequest, StoreUnavailable
from retinue.core.history import History
from retinue.core.job import EXPIRE_RUN, Job
from retinue.core.run import LEGAL, Run, Status
from retinue.engine import engine
from retinue.jobs.embedded import EmbeddedWorker


async def test_cancelling_amid_a_stream_keeps_the_text_so_far(world: World) -> None:
    gate = Gate()
    model = world.script(says("Half a", " sentence", gate, "."))
    run = await world.start()
    await gate.reached.wait()
    assert (await world.cancel(run)).status is Status.CANCELLING
    events = await world.listen(run)
    assert names(events)[-4:] == [
        "thread.run.cancelling",
        "thread.message.incomplete",
        "thread.run.step.cancelled",
        "thread.run.cancelled",
    ]
    reply = (await world.messages())[-1]
    assert (reply.text, reply.status, reply.reason) == ("Half a sentence", "incomplete", "run_cancelled")
    assert model.closed == 1
    assert stream(events) == replayed(await world.history(run))


async def test_cancelling_keeps_text_that_was_said_after_a_call(world: World) -> None:
    gate = Gate()
    first, second, _ = calls(("a", "{}"))
    world.script((first, second, *says("So far.", gate)))
    run = await world.start()
    await gate.reached.wait()
    await world.cancel(run)
    await world.listen(run)
    assert [message.text for message in await world.messages()] == ["Hi!", "So far."]


async def test_cancelling_before_the_first_piece_leaves_no_message(world: World) -> None:
    gate = Gate()
    world.script(says(gate))
    run = await world.start()
    await gate.reached.wait()
    await world.cancel(run)
    events = await world.listen(run)
    assert names(events)[-2:] == ["thread.run.cancelling", "thread.run.cancelled"]
    assert len(await world.messages()) == 1


async def test_cancelling_while_the_client_is_asked_closes_the_step(world: World) -> None:
    world.script(calls(("a", "{}")))
    run = await world.start()
    first = await world.listen(run)
    await world.cancel(run)
    second = await world.listen(run, after=first[-1].number)
    assert names(second) == ["thread.run.cancelling", "thread.run.step.cancelled", "thread.run.cancelled"]
    assert stream([*first, *second]) == replayed(await world.history(run))


async def test_a_cancelled_run_frees_its_thread(world: World) -> None:
    gate = Gate()
    world.script(says("Half", gate), says("Whole."))
    run = await world.start()
    await gate.reached.wait()
    await world.cancel(run)
    await world.listen(run)
    check_ended(await world.finished(), Status.COMPLETED)


async def test_a_listener_from_the_start_hears_of_a_cancelled_wait_once(world: World) -> None:
    world.script(calls(("a", "{}")))
    run = await world.start()
    await world.listen(run)
    with world.tap.held():
        cancelling = asyncio.create_task(world.cancel(run))
        await asyncio.sleep(0)
    await cancelling
    told = names(await world.listen(run))
    assert told.count("thread.run.cancelling") == 1
    assert "thread.run.requires_action" in told


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.CANCELLED])
async def test_a_run_that_has_ended_can_not_be_cancelled(world: World, status: Status) -> None:
    gate = Gate()
    world.script(says(gate))
    run = await world.start()
    await gate.reached.wait()
    if status is Status.CANCELLED:
        await world.cancel(run)
    gate.go.set()
    await world.listen(run)
    with pytest.raises(InvalidRequest, match=f"^Cannot cancel run with status '{status}'\\.$"):
        await world.cancel(run)


async def test_a_run_that_is_cancelling_can_not_be_cancelled_again(world: World) -> None:
    gate = Gate()
    world.script(says(gate))
    run = await world.start()
    await gate.reached.wait()
    both = await asyncio.gather(world.cancel(run), world.cancel(run), return_exceptions=True)
    assert [type(answer) for answer in both] == [Run, InvalidRequest]
    await world.listen(run)
    check_ended(await world.history(run), Status.CANCELLED)


async def test_a_wish_to_cancel_that_comes_with_the_end_of_the_answer_is_too_late(world: World) -> None:
    gate = Gate()
    world.script(says("Whole.", gate))
    run = await world.start()
    await gate.reached.wait()
    with world.tap.held():
        cancelling = asyncio.create_task(world.cancel(run))
        await asyncio.sleep(0)
        gate.go.set()
        await turns()
    assert (await cancelling).status is Status.CANCELLING
    events = await world.listen(run)
    check_ended(await world.history(run), Status.COMPLETED)
    check_numbers(events)
    assert (await world.messages())[-1].status == "completed"
    assert stream(events) == replayed(await world.history(run))


async def test_a_wish_to_cancel_that_comes_just_after_the_end_is_refused(world: World) -> None:
    gate = Gate()
    world.script(says("Whole.", gate))
    run = await world.start()
    await gate.reached.wait()
    with world.tap.held():
        gate.go.set()
        await turns()
        cancelling = asyncio.create_task(world.cancel(run))
        await turns()
    with pytest.raises(InvalidRequest, match="Cannot cancel run with status 'completed'"):
        await cancelling
    check_ended(await world.history(run), Status.COMPLETED)


async def test_a_wish_to_cancel_that_comes_just_after_the_client_was_asked_ends_the_run(world: World) -> None:
    gate = Gate()
    *pieces, done = calls(("a", "{}"))
    world.script((*pieces, gate, done))
    run = await world.start()
    await gate.reached.wait()
    with world.tap.held():
        gate.go.set()
        await turns()
        cancelling = asyncio.create_task(world.cancel(run))
        await turns()
    assert (await cancelling).status is Status.CANCELLING
    await world.listen(run)
    await driven(run)
    check_ended(await world.history(run), Status.CANCELLED)


async def test_outputs_that_come_just_after_the_client_was_asked_let_the_run_go_on(world: World) -> None:
    gate = Gate()
    *pieces, done = calls(("a", "{}"))
    world.script((*pieces, gate, done), says("Done."))
    run = await world.start()
    await gate.reached.wait()
    with world.tap.held():
        gate.go.set()
        await turns()
        submitting = asyncio.create_task(world.submit(run, a="1"))
        await turns()
    history = await submitting
    await world.listen(run, after=history.run.first_number - 1)
    await driven(run)
    check_ended(await world.history(run), Status.COMPLETED)


@pytest.mark.parametrize("cancel_first", [True, False])
async def test_of_a_cancel_and_a_submit_that_meet_the_run_ends_cancelled(world: World, cancel_first: bool) -> None:
    world.script(calls(("a", "{}")), says(Gate()))
    run = await world.start()
    await world.listen(run)
    await driven(run)
    with world.tap.held():
        wishes = [world.cancel(run), world.submit(run, a="1")]
        both = asyncio.gather(*(wishes if cancel_first else wishes[::-1]), return_exceptions=True)
        await turns()
    answers = await both
    assert not [answer for answer in answers if isinstance(answer, Exception)] or cancel_first
    await world.listen(run)
    await driven(run)
    check_ended(await world.history(run), Status.CANCELLED)


@pytest.mark.parametrize("expiry_first", [True, False])
async def test_of_an_expiry_and_a_submit_that_meet_the_run_ends(world: World, expiry_first: bool) -> None:
    world.script(calls(("a", "{}")), says("Done."))
    run = await world.start()
    await world.listen(run)
    await driven(run)
    with world.tap.held():
        wishes = [world.expire(run), world.submit(run, a="1")]
        both = asyncio.gather(*(wishes if expiry_first else wishes[::-1]), return_exceptions=True)
        await turns()
    await both
    await world.listen(run)
    await driven(run)
    assert (await world.history(run)).run.status.final


@pytest.mark.parametrize("expiry_first", [True, False])
async def test_of_an_expiry_and_a_cancel_that_meet_the_run_ends(world: World, expiry_first: bool) -> None:
    world.script(calls(("a", "{}")), says("Done."))
    run = await world.start()
    await world.listen(run)
    await driven(run)
    with world.tap.held():
        wishes = [world.expire(run), world.cancel(run)]
        both = asyncio.gather(*(wishes if expiry_first else wishes[::-1]), return_exceptions=True)
        await turns()
    await both
    await world.listen(run)
    await driven(run)
    assert (await world.history(run)).run.status.final


async def test_expiry_amid_a_stream_keeps_the_text_so_far(world: World) -> None:
    gate = Gate()
    world.script(says("Half a", gate, "."))
    run = await world.start()
    await gate.reached.wait()
    await world.expire(run)
    events = await world.listen(run)
    assert names(events)[-3:] == ["thread.message.incomplete", "thread.run.step.expired", "thread.run.expired"]
    reply = (await world.messages())[-1]
    assert (reply.text, reply.reason) == ("Half a", "run_expired")
    check_ended(await world.history(run), Status.EXPIRED)
    assert stream(events) == replayed(await world.history(run))


async def test_expiry_while_the_client_is_asked_closes_the_step(world: World) -> None:
    world.script(calls(("a", "{}")))
    run = await world.start()
    first = await world.listen(run)
    await world.expire(run)
    second = await world.listen(run, after=first[-1].number)
    assert names(second) == ["thread.run.step.expired", "thread.run.expired"]
    check_ended(await world.history(run), Status.EXPIRED)
    assert stream([*first, *second]) == replayed(await world.history(run))


async def test_expiry_just_as_the_client_is_asked_ends_the_run(world: World) -> None:
    gate = Gate()
    *pieces, done = calls(("a", "{}"))
    world.script((*pieces, gate, done))
    run = await world.start()
    await gate.reached.wait()
    with world.tap.held():
        gate.go.set()
        await turns()
        expiring = asyncio.create_task(world.expire(run))
        await turns()
    await expiring
    await world.listen(run)
    await driven(run)
    check_ended(await world.history(run), Status.EXPIRED)


async def test_cancel_and_expiry_together_end_the_run_cancelled(world: World) -> None:
    gate = Gate()
    world.script(says("Half", gate))
    run = await world.start()
    await gate.reached.wait()
    await world.cancel(run)
    await world.expire(run)
    await world.listen(run)
    check_ended(await world.history(run), Status.CANCELLED)


async def test_a_run_that_ended_in_time_has_no_expiry_left(world: World) -> None:
    await world.finished()
    assert await world.store.jobs.next_due(EXPIRE_RUN) is None


async def test_outputs_that_come_too_late_meet_an_expired_run(world: World) -> None:
    world.script(calls(("a", "{}")), says("Done."))
    run = await world.start()
    await world.listen(run)
    await world.expire(run)
    await world.listen(run)
    with pytest.raises(InvalidRequest, match=r'Runs in status "expired" do not accept tool outputs.'):
        await world.submit(run, a="1")


async def test_the_job_of_expiry_is_not_done_before_the_run_is_expired(world: World) -> None:
    """Else a crash between the two leaves a run that waits for ever, and its thread locked."""
    world.script(calls(("a", "{}")))
    run = await world.start()
    await world.listen(run)
    await driven(run)
    world.clock.now = run.expires_at
    left_behind: list[Status] = []

    async def expire_and_look(job: Job) -> None:
        await world.engine.expire(job)
        left_behind.append((await world.history(run)).run.status)

    await EmbeddedWorker(world.store.jobs, {EXPIRE_RUN: expire_and_look}, clock=world.clock).do_due()
    assert left_behind == [Status.EXPIRED]


async def test_expiry_of_a_run_that_is_gone_is_no_error(world: World) -> None:
    await world.engine.expire(Job(kind=EXPIRE_RUN, project=PROJECT, key="run_gone", due=0))


async def turns() -> None:
    """Let the event loop turn a few times, so that everybody who can go on has gone on."""
    for _ in range(20):
        await asyncio.sleep(0)


def check_ended(history: History, status: Status) -> None:
    """The run ended as said, by legal moves, and nothing of it is open."""
    assert history.run.status is status
    reached = [transition.status for transition in history.run.transitions]
    assert reached[0] is Status.QUEUED
    assert all(later in LEGAL[earlier] for earlier, later in itertools.pairwise(reached))
    assert reached[-1] is status
    assert "in_progress" not in [step.status for step in history.steps]
    assert history.run.ended_at is not None


async def test_an_expiry_whose_end_the_disk_does_not_take_is_a_job_to_be_done_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_EXPIRY_PATIENCE_S", 0.0)
    gate = Gate()
    world.script(says("Half a", gate))
    run = await world.start()
    await gate.reached.wait()
    await world.tap.flush()
    world.tap.full = 1
    with pytest.raises(StoreUnavailable, match="not stored yet"):
        await world.expire(run)
    await world.listen(run)
    assert (await world.history(run)).run.status is Status.EXPIRED
