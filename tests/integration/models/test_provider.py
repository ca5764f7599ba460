"""What makes a provider dependable: it is asked again, left alone for a while, and by so many at once."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from msgspec import Raw

from models.ticking import Ticking
from retinue.core.caller import Caller
from retinue.core.errors import ModelFault
from retinue.models import Finished, ModelRequest, RelayRequest, TextPiece
from retinue.models.openai import OpenAICompatible
from retinue.models.provider.breaker import FAILURES, REST_S
from retinue.models.provider.health import Health
from retinue.models.provider.patience import Patience
from retinue.models.provider.provider import Provider
from retinue.models.rehearsal import Rehearsal
from retinue.models.routing.router import Router
from retinue.models.timer import Timer
from retinue.testing import Answer, Cut, Fails, FakeProvider, Hold, Pause, chunk, raw, says, sends

HELLO = ({"role": "user", "content": "Hello"},)
LIMITED = Fails(429, "Slow down.", {"Retry-After": "20"})
NEVER = Pause(3_600)


def asking(model: str = "m", project: str = "default") -> ModelRequest:
    return ModelRequest(model=model, messages=HELLO, caller=Caller(project=project))


def relaying(*, stream: bool = False, project: str = "default") -> RelayRequest:
    parameters = {"messages": Raw(b"[]"), "stream": Raw(b"true" if stream else b"false")}
    caller = Caller(project=project)
    return RelayRequest(operation="chat/completions", model="m", parameters=parameters, stream=stream, caller=caller)


class Serving:
    """A router over one provider."""

    def __init__(self, fake: FakeProvider, provider: Provider, router: Router, ticking: Ticking) -> None:
        self.fake, self.provider, self.router, self.ticking = fake, provider, router, ticking

    async def answer(self, model: str = "m") -> Finished:
        events = [event async for batch in await self.router.stream(asking(model)) for event in batch]
        assert isinstance(events[-1], Finished)
        return events[-1]

    async def fault(self, model: str = "m") -> ModelFault:
        with pytest.raises(ModelFault) as caught:
            await self.answer(model)
        return caught.value

    async def relayed(self, request: RelayRequest | None = None) -> tuple[int, dict[str, str], bytes]:
        async with self.router.relay(request or relaying()) as answer:
            return answer.status, dict(answer.headers), b"".join([piece async for piece in answer.pieces])

    async def ask_for(self, seconds: float) -> None:
        """Ask the provider itself, with this patience."""
        stream = await self.provider.stream(asking(), Patience(seconds, timer=self.ticking.timer))
        await stream.aclose()

    @property
    def health(self) -> Health:
        return self.router.health()[0]


@asynccontextmanager
async def serving(
    *script: Any, default: Any = None, patience_s: float = 60, timer: Timer | None = None, **options: Any
) -> AsyncIterator[Serving]:
    ticking = Ticking()
    timer = timer or ticking.timer
    async with FakeProvider(*script, default=default) as fake:
        wire = OpenAICompatible(fake.base_url, None, name="acme", label="Acme", first_byte_seconds=3_600)
        provider = Provider(wire, timer=timer, **options)
        router = Router([provider], Rehearsal(), patience_s=patience_s, timer=timer)
        yield Serving(fake, provider, router, ticking)
        await router.close()


# Asked again


async def test_it_is_asked_again_after_waits_that_double() -> None:
    async with serving(*[Fails(500)] * 3, says("Hi")) as acme:
        assert (await acme.answer()).attempts == 4
    assert acme.ticking.slept == [1, 2, 4]


async def test_a_pause_that_it_asks_for_is_kept() -> None:
    async with serving(LIMITED, says("Hi")) as acme:
        assert (await acme.answer()).attempts == 2
    assert acme.ticking.slept == [20]


async def test_a_pause_longer_than_patience_ends_the_call_at_once() -> None:
    async with serving(LIMITED, patience_s=10) as acme:
        fault = await acme.fault()
    assert fault.message.endswith("It asks to be left alone for 20 s.")
    assert fault.retry_after_s == 20
    assert acme.ticking.slept == []


async def test_who_asks_for_no_pause_is_not_said_to() -> None:
    async with serving(default=Fails(500, "No."), patience_s=-1) as acme:
        assert "left alone" not in (await acme.fault()).message


async def test_patience_has_an_end() -> None:
    async with serving(default=Fails(500, "No."), patience_s=10) as acme:
        assert "Acme failed (500): No." in (await acme.fault()).message
    assert sum(acme.ticking.slept) == 10


@pytest.mark.parametrize("answer", [Fails(500, headers={"X-Should-Retry": "false"}), Fails(401), Fails(400)])
async def test_where_asking_again_is_of_no_use_it_is_not_asked(answer: Answer) -> None:
    async with serving(answer) as acme:
        await acme.fault()
    assert len(acme.fake.requests) == 1


async def test_a_stream_that_dies_before_its_first_event_is_asked_for_again() -> None:
    async with serving(sends(chunk({}), Cut()), raw(), says("Hi")) as acme:
        assert (await acme.answer()).attempts == 3


async def test_a_stream_that_has_begun_is_never_asked_for_again() -> None:
    async with serving(sends(chunk({"content": "Hel"}), Pause(0.01), Cut()), says("Hi")) as acme:
        stream = await acme.router.stream(asking())
        assert await anext(stream) == [TextPiece("Hel")]
        with pytest.raises(ModelFault, match="broke the reply off"):
            await anext(stream)
    assert len(acme.fake.requests) == 1


@pytest.mark.parametrize("stream", [False, True])
async def test_what_is_relayed_is_asked_again_too(stream: bool) -> None:
    async with serving(Fails(500), raw(), sends(Pause(0.01), Cut()), says("Hi")) as acme:
        status, _, body = await acme.relayed(relaying(stream=stream))
    assert (status, b"Hi" in body) == (200, True)
    assert acme.ticking.slept == [1, 2, 4]


async def test_the_last_refusal_of_what_is_relayed_is_handed_on() -> None:
    async with serving(default=Fails(503, "Later.", {"Retry-After": "3"}), patience_s=7) as acme:
        status, headers, body = await acme.relayed()
    assert (status, headers["retry-after"], b"Later." in body) == (503, "3", True)
    assert acme.ticking.slept == [3, 3]


# Left alone


async def test_who_comes_while_it_wants_to_be_left_alone_waits_too() -> None:
    async with serving(LIMITED, default=says("Hi"), patience_s=5) as acme:
        await acme.fault()
        assert acme.health.paused_s == {"m": 20}
        await acme.ask_for(30)
    assert acme.ticking.slept == [20]


async def test_a_pause_holds_for_its_model_alone() -> None:
    async with serving(LIMITED, default=says("Hi"), patience_s=5) as acme:
        await acme.fault()
        assert (await acme.answer("another")).attempts == 1
        fault = await acme.fault()
        status, headers, _ = await acme.relayed()
    assert fault.message == "Acme asked to be left alone for 20 s more: too many requests. Try again then."
    assert fault.run_code == "rate_limit_exceeded"
    assert (status, headers["retry-after"]) == (429, "20")
    assert len(acme.fake.requests) == 2


async def test_the_breaker_opens_and_says_so() -> None:
    async with serving(*[Fails(500, "No.")] * FAILURES, default=says("Hi"), patience_s=0) as acme:
        for _ in range(FAILURES):
            await acme.fault()
        acme.ticking.now += 10
        fault = await acme.fault()
        status, headers, _ = await acme.relayed()
        assert acme.health.state == "open"
    assert fault.message.startswith(
        "Acme has failed 5 times in a row for 10 s and is asked again in 20 s. The last time: Acme failed (500): No."
    )
    assert (status, headers["retry-after"]) == (503, "20")
    assert len(acme.fake.requests) == FAILURES


async def test_the_breaker_heals_with_one_call() -> None:
    async with serving(*[Fails(500)] * FAILURES, default=says("Hi"), patience_s=0) as acme:
        for _ in range(FAILURES):
            await acme.fault()
        acme.ticking.now += REST_S
        assert acme.health.state == "half_open"
        await acme.answer()
        assert (acme.health.state, acme.health.failures, acme.health.why) == ("closed", 0, None)


async def test_while_one_call_probes_the_others_wait_for_what_it_finds() -> None:
    gate = asyncio.Event()
    script = [*[Fails(500)] * FAILURES, says(Hold(gate), "Hi")]
    async with serving(*script, default=says("Hi"), patience_s=3_600) as acme:
        for _ in range(FAILURES):
            with suppress(ModelFault):
                await acme.ask_for(0)
        acme.ticking.now += REST_S
        probe = asyncio.create_task(acme.answer())
        await _until(lambda: len(acme.fake.requests) == FAILURES + 1)
        others = [asyncio.create_task(acme.answer()) for _ in range(5)]
        await _until(lambda: len(acme.ticking.slept) > 10)
        assert len(acme.fake.requests) == FAILURES + 1
        gate.set()
        await asyncio.gather(probe, *others)
    assert len(acme.fake.requests) == FAILURES + 6


async def test_too_many_requests_do_not_open_the_breaker() -> None:
    async with serving(default=Fails(429), patience_s=0) as acme:
        for _ in range(2 * FAILURES):
            await acme.fault()
        assert acme.health.state == "closed"


async def test_an_open_breaker_with_another_provider_costs_no_time() -> None:
    ticking = Ticking()
    async with FakeProvider(default=Fails(500), models=("m",)) as bad, FakeProvider(default=says("Hi")) as good:
        wires = [OpenAICompatible(fake.base_url, None, name=name) for name, fake in (("a", bad), ("b", good))]
        providers = [Provider(wire, timer=ticking.timer) for wire in wires]
        router = Router(providers, Rehearsal(), fallbacks=("b/m",), timer=ticking.timer)
        for _ in range(2):
            assert [event async for batch in await router.stream(asking("a/m")) for event in batch]
        ticking.slept.clear()
        assert [event async for batch in await router.stream(asking("a/m")) for event in batch]
        assert ticking.slept == []
        assert len(bad.requests) == FAILURES
        await router.close()


# By so many at once


async def test_only_so_many_are_asked_at_once_and_projects_take_turns() -> None:
    gates = [asyncio.Event() for _ in range(6)]
    script = [says("x", Hold(gate)) for gate in gates]
    async with serving(*script, parallel=1) as acme:
        order: list[str] = []

        async def ask(project: str) -> None:
            stream = await acme.router.stream(asking(project=project))
            order.append(project)
            async for _ in stream:
                pass

        tasks = [asyncio.create_task(ask(project)) for project in "aaabc"]
        await _until(lambda: acme.health.queued == 4)
        for number, gate in enumerate(gates[:5]):
            await _until(lambda number=number: len(acme.fake.requests) == number + 1)
            gate.set()
        await asyncio.gather(*tasks)
        assert order == ["a", "a", "b", "c", "a"]
        assert (acme.health.running, acme.health.queued) == (0, 0)


async def test_what_is_relayed_waits_for_a_place_as_long_as_patience_is() -> None:
    async with serving(default=says("x", NEVER), parallel=1, patience_s=0.05) as acme:
        stream = await acme.router.stream(asking())
        await anext(stream)
        status, headers, body = await acme.relayed()
        assert (status, headers["retry-after"]) == (429, "1")
        assert b"All 1 places at Acme were taken" in body
        assert acme.health.queued == 0
        await stream.aclose()


async def test_a_run_waits_for_a_place_longer_than_patience_is() -> None:
    gate = asyncio.Event()
    async with serving(says("x", Hold(gate)), default=says("Hi"), parallel=1, patience_s=5) as acme:
        first = asyncio.create_task(acme.answer())
        await _until(lambda: acme.health.running == 1)
        second = asyncio.create_task(acme.answer())
        await _until(lambda: acme.health.queued == 1)
        acme.ticking.now += 100
        gate.set()
        assert (await first).attempts == (await second).attempts == 1


@pytest.mark.parametrize("end", ["exhausted", "closed", "forgotten", "cut"])
async def test_the_place_is_free_when_the_stream_is_over(end: str) -> None:
    last = Cut() if end == "cut" else "b" if end == "exhausted" else NEVER
    async with serving(default=says("a", last), parallel=1) as acme:
        stream = await acme.router.stream(asking())
        assert acme.health.running == 1
        await anext(stream)
        if end == "closed":
            await stream.aclose()
        elif end == "forgotten":
            del stream
            gc.collect()
        else:
            with suppress(ModelFault):
                [event async for event in stream]
        await _until(lambda: acme.health.running == 0)


async def test_the_place_of_what_is_relayed_is_free_after_it() -> None:
    async with serving(default=says("Hi"), parallel=1) as acme:
        async with acme.router.relay(relaying()):
            assert acme.health.running == 1
        assert acme.health.running == 0


@pytest.mark.parametrize("relayed", [False, True])
@pytest.mark.parametrize(
    "answer", [raw(NEVER), sends(NEVER), Fails(500), LIMITED], ids=["head", "first byte", "wait", "pause"]
)
async def test_who_is_cancelled_while_waiting_leaves_nothing(answer: Answer, relayed: bool) -> None:
    arrived, asleep = asyncio.Event(), asyncio.Event()

    def answered(_: object) -> Answer:
        arrived.set()
        return answer

    async def sleep(_: float) -> None:
        asleep.set()
        await asyncio.Event().wait()

    timer = Timer(now=lambda: 0.0, sleep=sleep, chance=lambda: 1.0)
    async with serving(default=answered, timer=timer, parallel=1) as acme:
        asked = acme.relayed() if relayed else acme.answer()
        waiting = asyncio.ensure_future(asked)
        await (asleep if isinstance(answer, Fails) else arrived).wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert (acme.health.running, acme.health.queued) == (0, 0)
        if not isinstance(answer, Fails):
            async with asyncio.timeout(10):
                await acme.fake.left.wait()


async def test_a_thousand_in_the_queue_that_are_cancelled_leave_nothing() -> None:
    async with serving(default=says("x", NEVER), parallel=1) as acme:
        stream = await acme.router.stream(asking())
        waiting = [asyncio.create_task(acme.answer()) for _ in range(1_000)]
        await _until(lambda: acme.health.queued == 1_000)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        assert (acme.health.running, acme.health.queued) == (1, 0)
        await stream.aclose()
        assert acme.health.running == 0
    assert len(acme.fake.requests) == 1


async def _until(true: Any) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.001)
