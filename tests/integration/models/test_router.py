from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from msgspec import Raw

from retinue.core.errors import ModelFault
from retinue.models import ModelRequest, RelayRequest, TextPiece
from retinue.models.openai import OpenAICompatible
from retinue.models.router import Router
from retinue.testing import FakeProvider, says


@asynccontextmanager
async def routed(*, primary_models: tuple[str, ...] | None = ("gpt-4o",)) -> AsyncIterator[Router]:
    async with (
        FakeProvider(default=says("primary"), models=primary_models) as primary,
        FakeProvider(default=says("rehearsal"), models=("rehearsal",)) as rehearsal,
    ):
        router = Router(OpenAICompatible(primary.base_url, None), OpenAICompatible(rehearsal.base_url, None))
        yield router
        await router.close()


@pytest.mark.parametrize(
    ("name", "answers"), [("rehearsal", "rehearsal"), ("gpt-4o", "primary"), ("Rehearsal-2", "primary")]
)
async def test_the_name_chooses_the_provider(name: str, answers: str) -> None:
    async with routed() as router:
        events = [event async for event in await router.stream(ModelRequest(model=name, messages=()))]
    assert events[0] == TextPiece(answers)


async def test_cards_are_those_of_both() -> None:
    async with routed(primary_models=("gpt-4o", "rehearsal", "o3")) as router:
        assert [card.id for card in await router.cards()] == ["gpt-4o", "o3", "rehearsal"]


async def test_a_primary_that_can_not_list_is_a_fault() -> None:
    async with routed(primary_models=None) as router:
        with pytest.raises(ModelFault):
            await router.cards()


async def test_rehearsal_as_primary_is_listed_once() -> None:
    async with FakeProvider(models=("rehearsal",)) as provider:
        rehearsal = OpenAICompatible(provider.base_url, None)
        router = Router(rehearsal, rehearsal)
        assert [card.id for card in await router.cards()] == ["rehearsal"]
        await router.close()
    assert provider.listings == 1


@pytest.mark.parametrize(("name", "answers"), [("rehearsal", "rehearsal"), ("gpt-4o", "primary"), (None, "primary")])
async def test_the_name_chooses_who_is_handed_a_request(name: str | None, answers: str) -> None:
    parameters = {"messages": Raw(b"[]")}
    async with routed() as router:
        request = RelayRequest(operation="chat/completions", model=name, parameters=parameters)
        async with router.relay(request) as answer:
            raw = b"".join([piece async for piece in answer.pieces])
    assert answers in raw.decode()
