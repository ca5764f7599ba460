"""What a call tells of its tries while it waits for the next."""

import pytest
from msgspec import structs

from models.ticking import Ticking
from retinue.core.errors import ModelFault
from retinue.models import ModelRequest
from retinue.models.base import Wait
from retinue.models.openai import OpenAICompatible
from retinue.models.provider.patience import Patience
from retinue.models.provider.provider import Provider
from retinue.models.rehearsal import Rehearsal
from retinue.models.routing.router import Router
from retinue.testing import Answer, Fails, FakeProvider, says

HELLO = ({"role": "user", "content": "Hello"},)
LIMITED = Fails(429, "Slow down.", {"Retry-After": "20"})


class Waits:
    """Calls of a chain of providers, and what they told."""

    def __init__(self, *fakes: FakeProvider) -> None:
        self.ticking = Ticking()
        self.providers = [
            Provider(OpenAICompatible(fake.base_url, None, name=name, label=name), timer=self.ticking.timer)
            for fake, name in zip(fakes, "ab", strict=False)
        ]
        fallbacks = ("b/m",) if len(fakes) > 1 else ()
        self.router = Router(self.providers, Rehearsal(), fallbacks=fallbacks, patience_s=60, timer=self.ticking.timer)
        self.told: list[Wait] = []

    def request(self) -> ModelRequest:
        return ModelRequest(model="m", messages=HELLO, waiting=self.told.append)

    async def ask(self) -> None:
        async for _ in await self.router.stream(structs.replace(self.request(), model="a/m")):
            pass


async def waits(*script: Answer) -> list[Wait]:
    async with FakeProvider(*script) as fake:
        calls = Waits(fake)
        await calls.ask()
        await calls.router.close()
    return calls.told


async def test_each_failed_try_is_told_with_the_seconds_until_the_next() -> None:
    told = await waits(Fails(500, "No."), Fails(500, "No."), LIMITED, says("Hi"))
    assert [wait.seconds for wait in told] == [1, 2, 20]
    assert told[0].why.startswith("a failed (500): No.")
    assert "Slow down." in told[2].why


async def test_a_call_that_is_answered_at_once_tells_nothing() -> None:
    assert await waits(says("Hi")) == []


async def test_the_next_provider_is_asked_at_once() -> None:
    async with FakeProvider(Fails(401, "Bad key.")) as first, FakeProvider(says("Hi")) as second:
        calls = Waits(first, second)
        await calls.ask()
        await calls.router.close()
    [wait] = calls.told
    assert wait.seconds == 0
    assert "Bad key." in wait.why


async def test_what_ends_the_call_is_no_wait() -> None:
    async with FakeProvider(default=Fails(401, "Bad key.")) as first, FakeProvider(default=Fails(401)) as second:
        calls = Waits(first, second)
        with pytest.raises(ModelFault):
            await calls.ask()
        await calls.router.close()
    assert len(calls.told) == 1


async def test_a_call_that_comes_while_the_provider_rests_says_what_it_waits_for() -> None:
    async with FakeProvider(LIMITED, says("Hi")) as fake:
        calls = Waits(fake)
        with pytest.raises(ModelFault):
            await calls.providers[0].stream(calls.request(), Patience(5, timer=calls.ticking.timer))
        await calls.ask()
        await calls.router.close()
    [wait] = calls.told
    assert (wait.why, wait.seconds) == (
        "a asked to be left alone for 20 s more: too many requests. Try again then.",
        20,
    )
