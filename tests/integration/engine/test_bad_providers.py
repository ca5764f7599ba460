"""Each bad thing that a provider does ends the run as it should, with what was said kept; nothing hangs."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from models.bad import BAD, Bad, doing

from engine.world import World, driven
from retinue.core.item import Text
from retinue.core.run import Status
from retinue.engine import Engine
from retinue.models import Model
from retinue.models.timer import Timer


@contextlib.asynccontextmanager
async def running(path: Path, model: Model) -> AsyncIterator[World]:
    """A world whose engine asks this model."""
    async with World.opened(path / "retinue.db") as world:
        world.engine = Engine(
            world.store, world.engine.blobs, model, clock=world.clock, limits=world.limits, price=world.price
        )
        world.engines.append(world.engine)
        yield world


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
async def test_the_run_ends_as_it_should(bad: Bad, tmp_path: Path) -> None:
    async with doing(bad) as model, running(tmp_path, model) as world, asyncio.timeout(30):
        history = await world.finished()
        messages = await world.messages()
    run = history.run
    said = "".join(part.value for part in messages[-1].content if isinstance(part, Text)) if len(messages) > 1 else ""
    assert said == bad.said
    if bad.fault is not None:
        assert run.status is Status.FAILED
        assert run.error is not None
        assert bad.fault in run.error.message
        assert run.error.code == bad.code
    elif bad.calls:
        assert run.status is Status.REQUIRES_ACTION
        assert tuple(call.arguments for call in run.pending) == bad.calls
        assert len({call.call_id for call in run.pending}) == len(bad.calls)
    else:
        assert run.status is Status.COMPLETED
        (turn,) = history.turns
        assert (turn.provider, turn.attempts) == ("acme", 1)
        assert turn.usage is not None
        assert turn.usage.estimated is not bad.counted


@pytest.mark.parametrize("name", ["429", "silent before the head", "silent before the first byte"])
async def test_a_run_that_waits_for_its_provider_is_cancelled_at_once(name: str, tmp_path: Path) -> None:
    arrived, never = asyncio.Event(), asyncio.Event()

    async def sleep(_: float) -> None:
        await never.wait()

    async with doing(BAD[name], timer=Timer(sleep=sleep), patience_s=60, silence_s=3_600, arrived=arrived) as model:
        async with running(tmp_path, model) as world, asyncio.timeout(30):
            run = await world.start()
            await arrived.wait()
            await world.cancel(run)
            await driven(run)
            assert (await world.history(run)).run.status is Status.CANCELLED
        (health,) = model.health()
    assert (health.running, health.queued) == (0, 0)
