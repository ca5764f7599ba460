"""Queries rewritten by a model that a real provider serves, or by rule where it doesn't help."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from retinue.core.caller import Caller
from retinue.engine.rewriting import rewritten
from retinue.models.openai import OpenAICompatible
from retinue.models.provider.provider import Provider
from retinue.models.rehearsal import Rehearsal
from retinue.models.routing.router import Router
from retinue.testing import FakeProvider, Hold, says

CALLER = Caller(project="default")
ASKED = ("Could you tell me who feeds the cats?", "Where do the ships lie?")
BY_RULE = ("feeds cats", "ships lie")


@contextlib.asynccontextmanager
async def asked(base_url: str) -> AsyncIterator[Router]:
    """The models of the provider at this address."""
    model = Router(
        [Provider(OpenAICompatible(base_url, "sk-any", label="Fake"), default_model="fake-model")],
        Rehearsal(),
        patience_s=0,
    )
    yield model
    await model.close()


@pytest.mark.parametrize(
    ("said", "searched"),
    [
        ("cat keeper food\n\n ship anchorage \n", ("cat keeper food", "ship anchorage")),
        ("Sure! Here you are:\ncat keeper food\nship anchorage", BY_RULE),
        ("", BY_RULE),
    ],
)
async def test_the_default_model_rewrites_each_query_or_the_rule_does(said: str, searched: tuple[str, ...]) -> None:
    async with FakeProvider(says(said)) as provider, asked(provider.base_url) as model:
        assert await rewritten(ASKED, model, "fake-model", caller=CALLER) == searched


async def test_the_rule_rewrites_where_the_model_takes_long() -> None:
    answered = asyncio.Event()
    async with FakeProvider(says("cat keeper food", Hold(answered))) as provider, asked(provider.base_url) as model:
        assert await rewritten(ASKED, model, "fake-model", caller=CALLER, patience_s=0.05) == BY_RULE
        answered.set()


async def test_the_rule_rewrites_where_no_model_answers() -> None:
    async with asked("http://127.0.0.1:9/v1") as model:
        assert await rewritten(ASKED, model, "fake-model", caller=CALLER) == BY_RULE


@pytest.mark.parametrize("name", [None, "rehearsal"])
async def test_the_rehearsal_model_is_not_asked(name: str | None) -> None:
    assert await rewritten(ASKED, Router([], Rehearsal()), name, caller=CALLER) == BY_RULE
