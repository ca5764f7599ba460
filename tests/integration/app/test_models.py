"""Who serves, by the settings."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import structlog

from retinue.app.models import open_models
from retinue.core.errors import NotStarted
from retinue.models import Finished, ModelRequest
from retinue.models.routing.router import Router
from retinue.settings import ProviderSettings, Settings
from retinue.testing import FakeProvider, says

PORT = 4747


def settings(**more: Any) -> Settings:
    return Settings(data=Path(), **more)


def provider(name: str, fake: FakeProvider, **more: Any) -> ProviderSettings:
    return ProviderSettings(name=name, base_url=fake.base_url, **more)


def fake(*models: str) -> FakeProvider:
    return FakeProvider(default=says("Hi"), models=models)


async def answers(router: Router, model: str) -> str:
    request = ModelRequest(model=model, messages=({"role": "user", "content": "Hello"},))
    finished = [event async for batch in await router.stream(request) for event in batch][-1]
    assert isinstance(finished, Finished)
    return f"{finished.provider}/{finished.model}"


async def test_the_provider_of_the_environment_comes_before_those_of_the_settings() -> None:
    async with fake("x") as ours, fake("x", "y") as theirs:
        named = settings(base_url=ours.base_url, providers=(provider("groq", theirs),))
        async with open_models(named, PORT) as (router, serving):
            assert await answers(router, "x") == f"127.0.0.1:{ours.port}/x"
            assert await answers(router, "y") == "groq/y"
            assert await answers(router, "groq/x") == "groq/x"
    assert serving.label == f"127.0.0.1:{ours.port}, groq"
    assert serving.why.endswith("serves. The settings name a provider.")


async def test_a_provider_that_the_settings_name_already_is_there_once() -> None:
    async with fake("x") as ours:
        named = settings(base_url=ours.base_url, providers=(provider("mine", ours),))
        async with open_models(named, PORT) as (router, serving):
            assert [health.provider for health in router.health()] == ["mine"]
    assert (serving.label, serving.why) == ("mine", "The settings name a provider.")


async def test_the_settings_of_a_provider_reach_it() -> None:
    async with fake("x") as ours:
        named = settings(
            providers=(provider("mine", ours, api_key="sk-mine", default_model="x"),),
            aliases={"gpt-4-1106-preview": ("mine/small",)},
            fallbacks=("rehearsal",),
        )
        async with open_models(named, PORT) as (router, _):
            assert await answers(router, "gpt-4-1106-preview") == "mine/small"
            assert await answers(router, "what-is-this") == "mine/x"
            assert "gpt-4-1106-preview" in [card.id for card in await router.cards()]
    assert ours.requests[0].headers["Authorization"] == "Bearer sk-mine"


@pytest.mark.parametrize("names", [("a", "a"), ("a/b",), ("rehearsal",)])
async def test_names_that_lead_astray_are_refused(names: tuple[str, ...]) -> None:
    async with fake("x") as ours:
        named = settings(providers=tuple(provider(name, ours) for name in names))
        with pytest.raises(NotStarted, match="Choose another"):
            async with open_models(named, PORT):
                pass


async def test_aliases_in_a_circle_are_refused() -> None:
    with pytest.raises(NotStarted, match="leads nowhere: a -> b -> a"):
        async with open_models(settings(base_url="http://x/v1", aliases={"a": ("b",), "b": ("a",)}), PORT):
            pass


async def test_a_key_or_address_that_is_wrong_is_told_at_the_start_once() -> None:
    good, unlisted = fake("x"), FakeProvider(models=None)
    async with good, unlisted:
        down = ProviderSettings(name="down", base_url="http://127.0.0.1:1/v1")
        named = settings(providers=(provider("good", good), provider("unlisted", unlisted), down))
        with structlog.testing.capture_logs() as logs:
            async with open_models(named, PORT):
                async with asyncio.timeout(20):
                    while any(task.get_name() == "check providers" for task in asyncio.all_tasks()):
                        await asyncio.sleep(0.001)
    assert sorted(_brief(log) for log in logs) == [
        ("provider_not_ready", "down", True),
        ("provider_not_ready", "unlisted", True),
    ]


def _brief(log: Mapping[str, Any]) -> tuple[str, str, bool]:
    return log["event"], log["provider"], f"[providers.{log['provider']}]" in log["why"]
