"""Who is asked for a model: by its name, and where the first one fails."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import msgspec
import pytest
from msgspec import Raw

from models.ticking import Ticking
from retinue.core.errors import ModelFault, NotStarted
from retinue.models import Finished, ModelRequest, RelayRequest
from retinue.models.openai import OpenAICompatible
from retinue.models.provider import patience
from retinue.models.provider.provider import Provider
from retinue.models.rehearsal import Rehearsal
from retinue.models.routing.router import Router
from retinue.testing import Fails, FakeProvider, Pause, raw, says, sends

HELLO = ({"role": "user", "content": "Hello"},)


class Serving:
    """A router over fake providers."""

    def __init__(self, router: Router, fakes: Mapping[str, FakeProvider], ticking: Ticking) -> None:
        self.router, self.fakes, self.ticking = router, fakes, ticking

    async def answer(self, name: str) -> str:
        """Who answers, and as which model: `provider/model`; `rehearsal` is the built-in model."""
        events = [
            event
            async for batch in await self.router.stream(ModelRequest(model=name, messages=HELLO))
            for event in batch
        ]
        finished = events[-1]
        assert isinstance(finished, Finished)
        return f"{finished.provider}/{finished.model}" if finished.provider else finished.model

    async def relayed(self, name: str | None, operation: Any = "chat/completions") -> tuple[int, Any]:
        request = RelayRequest(
            operation=operation, model=name, parameters={"messages": Raw(b"[]"), "input": Raw(b'"x"')}
        )
        async with self.router.relay(request) as answer:
            return answer.status, msgspec.json.decode(b"".join([piece async for piece in answer.pieces]))

    def asked(self) -> list[str]:
        return [name for name, fake in self.fakes.items() for _ in fake.requests]


@asynccontextmanager
async def routed(
    fakes: Mapping[str, FakeProvider], *, about: Mapping[str, Mapping[str, Any]] | None = None, **options: Any
) -> AsyncIterator[Serving]:
    """`about` holds what the settings say of a provider."""
    ticking = Ticking()
    async with AsyncExitStack() as stack:
        providers = []
        for name, fake in fakes.items():
            await stack.enter_async_context(fake)
            wire = OpenAICompatible(fake.base_url, None, name=name, label=name)
            providers.append(Provider(wire, timer=ticking.timer, **(about or {}).get(name, {})))
        router = Router(providers, Rehearsal(), timer=ticking.timer, **options)
        stack.push_async_callback(router.close)
        yield Serving(router, fakes, ticking)


def fake(*models: str, answer: Any = None, **options: Any) -> FakeProvider:
    return FakeProvider(default=answer or says("Hi"), models=models, **options)


ABOUT: dict[str, dict[str, Any]] = {
    "groq": {"models": ("llama-*", "meta-llama/*")},
    "box": {"default_model": "qwen3"},
    "mirror": {"models": ("llama-3*",)},
}


def three() -> dict[str, FakeProvider]:
    return {
        "groq": fake("llama-3", "other"),
        "openai": fake("gpt-4o", "o3"),
        "box": fake("qwen3", "phi:latest", "gpt-4o"),
        "mirror": fake(),
    }


@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("rehearsal", "rehearsal"),
        ("llama-3", "groq/llama-3"),
        ("meta-llama/llama-3", "groq/meta-llama/llama-3"),
        ("groq/other", "groq/other"),
        ("box/meta-llama/x", "box/meta-llama/x"),
        ("gpt-4o", "openai/gpt-4o"),
        ("box/gpt-4o", "box/gpt-4o"),
        ("phi", "box/phi"),
        ("other", "box/qwen3"),
        ("nobody/has-it", "box/qwen3"),
        ("gpt-4-1106-preview", "openai/o3"),
        ("cheap", "groq/llama-3"),
        ("same", "box/qwen3"),
        ("o3", "openai/o3"),
    ],
)
async def test_the_name_chooses_who_answers(name: str, answers: str) -> None:
    aliases = {
        "gpt-4-1106-preview": ("best",),
        "best": ("o3",),
        "cheap": ("llama-3", "phi"),
        "same": ("same",),
        "o3": ("o3", "phi"),
    }
    async with routed(three(), about=ABOUT, aliases=aliases) as serving:
        assert await serving.answer(name) == answers


async def test_lists_are_asked_for_only_as_far_as_needed_and_once_a_minute() -> None:
    async with routed(three(), about=ABOUT) as serving:
        for name in ("llama-3", "groq/x", "rehearsal"):
            await serving.answer(name)
        assert [fake.listings for fake in serving.fakes.values()] == [0, 0, 0, 0]
        for _ in range(3):
            await serving.answer("gpt-4o")
        assert [fake.listings for fake in serving.fakes.values()] == [0, 1, 0, 0]
        for _ in range(3):
            await serving.answer("unheard-of")
        assert [fake.listings for fake in serving.fakes.values()] == [0, 1, 1, 0]
        serving.ticking.now += 61
        await serving.answer("unheard-of")
        assert [fake.listings for fake in serving.fakes.values()] == [0, 2, 2, 0]


async def test_one_provider_alone_is_asked_for_any_name_without_its_list() -> None:
    async with routed({"acme": fake("a")}) as serving:
        assert await serving.answer("whatever") == "acme/whatever"
        assert serving.fakes["acme"].listings == 0


async def test_a_list_that_can_not_be_had_anew_is_used_as_it_was() -> None:
    async with routed({"a": fake("x"), "b": fake("y")}) as serving:
        assert await serving.answer("y") == "b/y"
        serving.fakes["b"].models = None
        serving.ticking.now += 61
        assert await serving.answer("y") == "b/y"


async def test_who_does_not_list_is_asked_for_what_nobody_lists() -> None:
    async with routed({"a": fake("x"), "b": FakeProvider(default=says("Hi"), models=None)}) as serving:
        assert await serving.answer("y") == "b/y"


async def test_a_name_that_nobody_has_is_a_fault_with_near_misses() -> None:
    async with routed({"a": fake("gpt-4o-mini"), "b": fake("o3")}) as serving:
        with pytest.raises(ModelFault) as caught:
            await serving.answer("gpt-4o-minni")
        status, body = await serving.relayed("gpt-4o-minni")
    assert caught.value.message == (
        "No provider has a model 'gpt-4o-minni'. Did you mean 'gpt-4o-mini'? `retinue models` lists what there is."
    )
    assert status == 404
    assert body["error"]["code"] == "model_not_found"
    assert body["error"]["message"] == caught.value.message


async def test_the_settings_default_stands_in_at_a_lone_provider_too() -> None:
    async with routed({"a": fake("x")}, default_model="x") as serving:
        assert await serving.answer("gpt-4-1106-preview") == "a/x"
        assert await serving.answer("x") == "a/x"


async def test_the_settings_default_may_be_an_alias() -> None:
    aliases = {"fast": ("b/y",)}
    async with routed({"a": fake("x"), "b": fake("y")}, default_model="fast", aliases=aliases) as serving:
        assert await serving.answer("gpt-4-1106-preview") == "b/y"


async def test_the_default_model_of_all_serves_what_nobody_has() -> None:
    async with routed({"a": fake("x"), "b": fake("y")}, default_model="y") as serving:
        assert await serving.answer("gpt-4o") == "b/y"


async def test_without_providers_the_rehearsal_model_answers_for_all() -> None:
    async with routed({}) as serving:
        assert await serving.answer("gpt-4o") == "rehearsal"
        assert (await serving.relayed("gpt-4o"))[0] == 200


@pytest.mark.parametrize(
    ("aliases", "words"),
    [
        ({"a": ("b",), "b": ("a",)}, "leads nowhere: a -> b -> a."),
        ({"a": ()}, "has 'a' without a model."),
        ({f"a{n}": (f"a{n + 1}",) for n in range(12)}, "leads nowhere: a0 -> a1"),
    ],
)
def test_aliases_that_lead_nowhere_are_refused(aliases: Any, words: str) -> None:
    with pytest.raises(NotStarted) as caught:
        Router([], Rehearsal(), aliases=aliases)
    assert words in caught.value.message


# Fallbacks


@pytest.mark.parametrize("status", [401, 402, 403, 404, 429, 500, 529])
async def test_the_next_one_is_asked_where_the_first_can_not(status: int) -> None:
    fakes = {"a": fake("x", answer=Fails(status, "No.")), "b": fake("y")}
    async with routed(fakes, fallbacks=("b/y",)) as serving:
        assert await serving.answer("a/x") == "b/y"
        assert (await serving.relayed("a/x"))[1]["model"] == "y"


@pytest.mark.parametrize("status", [400, 413, 422])
async def test_what_is_the_requests_own_fault_goes_to_nobody_else(status: int) -> None:
    fakes = {"a": fake("x", answer=Fails(status, "No.")), "b": fake("y")}
    async with routed(fakes, fallbacks=("b/y",)) as serving:
        with pytest.raises(ModelFault, match="No"):
            await serving.answer("a/x")
        assert (await serving.relayed("a/x"))[0] == status
        assert serving.asked() == ["a", "a"]


async def test_a_chain_does_not_wait_long_for_its_first_member() -> None:
    fakes = {"a": fake("x", answer=Fails(500, "No.")), "b": fake("y", answer=Fails(500, "Nor I."))}
    async with routed(fakes, fallbacks=("b/y",), patience_s=60) as serving:
        with pytest.raises(ModelFault) as caught:
            await serving.answer("a/x")
        assert serving.asked().count("a") == 3
        assert serving.ticking.slept == [1, 2, 1, 2, 4, 8, 30]
    assert "a failed (500): No." in caught.value.message
    assert "b failed (500): Nor I." in caught.value.message


@pytest.mark.parametrize("silence", [raw(Pause(3_600)), sends(Pause(3_600))])
async def test_the_next_one_is_asked_where_the_first_is_silent(monkeypatch: pytest.MonkeyPatch, silence: Any) -> None:
    monkeypatch.setattr(patience, "FIRST_BYTE_S", 0.1)
    fakes = {"a": fake("x", answer=silence), "b": fake("y")}
    async with routed(fakes, fallbacks=("b/y",), patience_s=0) as serving:
        assert await serving.answer("a/x") == "b/y"


async def test_the_last_one_may_take_as_long_as_its_own_bound_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "FIRST_BYTE_S", 0.0)
    async with routed({"a": fake("x")}) as serving:
        assert await serving.answer("a/x") == "a/x"


async def test_who_is_known_to_list_it_too_is_asked_next() -> None:
    fakes = {"a": fake("x", answer=Fails(500, "No.")), "b": fake("x"), "c": fake("y")}
    async with routed(fakes) as serving:
        await serving.router.cards()
        assert await serving.answer("x") == "b/x"


async def test_attempts_count_all_that_were_asked() -> None:
    fakes = {"a": fake("x", answer=Fails(500, "No.")), "b": fake("y")}
    async with routed(fakes, fallbacks=("b/y",)) as serving:
        request = ModelRequest(model="a/x", messages=HELLO)
        finished = [event async for batch in await serving.router.stream(request) for event in batch][-1]
    assert isinstance(finished, Finished)
    assert finished.attempts == 4


async def test_the_last_refusal_is_handed_on_as_it_is() -> None:
    fakes = {"a": fake("x", answer=Fails(500, "No.")), "b": fake("y", answer=Fails(429, "Nor I."))}
    async with routed(fakes, fallbacks=("b/y",), patience_s=1) as serving:
        status, body = await serving.relayed("a/x")
    assert (status, body["error"]["message"]) == (429, "Nor I.")


async def test_rehearsal_can_be_the_last_resort() -> None:
    async with routed({"a": fake("x", answer=Fails(401))}, fallbacks=("rehearsal",)) as serving:
        assert await serving.answer("a/x") == "rehearsal"


async def test_moderations_without_a_model_go_to_who_serves_them() -> None:
    fakes = {"a": fake("x", moderations=Fails(404, "No such thing.")), "b": fake("y")}
    async with routed(fakes) as serving:
        assert (await serving.relayed(None, "moderations"))[0] == 200


async def test_no_default_model_answers_for_embeddings() -> None:
    async with routed({"a": fake("x"), "b": fake("y")}, about={"b": {"default_model": "y"}}) as serving:
        assert (await serving.relayed("embed-small", "embeddings"))[0] == 404


async def test_a_provider_of_the_settings_is_said_to_be_wrong_there() -> None:
    gone = FakeProvider()
    async with routed({"a": gone}) as serving:
        await gone.__aexit__(None, None, None)
        with pytest.raises(ModelFault, match=r"Check base_url in \[providers.a\]"):
            await serving.answer("a/x")


async def test_what_a_long_chain_says_is_bounded() -> None:
    fakes = {name: fake("x", answer=Fails(401, name * 300)) for name in "abcdefgh"}
    async with routed(fakes, fallbacks=tuple(f"{name}/x" for name in "bcdefgh")) as serving:
        with pytest.raises(ModelFault) as caught:
            await serving.answer("a/x")
    assert len(caught.value.message) <= 2_000
    assert all(f"{name} refused the API key (401): {name * 100}" in caught.value.message for name in fakes)


# Lists


async def test_cards_of_all_stand_side_by_side() -> None:
    async with routed(three(), about=ABOUT, aliases={"gpt-4": ("gpt-4o",), "o3": ("o3", "phi")}) as serving:
        cards = await serving.router.cards()
    assert [card.id for card in cards] == [
        "llama-3",
        "gpt-4o",
        "o3",
        "qwen3",
        "phi:latest",
        "box/gpt-4o",
        "rehearsal",
        "gpt-4",
    ]
    assert cards[-1].description == "Served by gpt-4o."


async def test_a_provider_that_can_not_list_is_left_out() -> None:
    fakes = {"a": FakeProvider(models=None), "b": fake("y"), "c": FakeProvider(models=None)}
    async with routed(fakes, about={"c": {"models": ("named", "any-*", "gpt-?", "o[13]")}}) as serving:
        assert [card.id for card in await serving.router.cards()] == ["y", "named", "rehearsal"]
