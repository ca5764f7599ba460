"""A probe, against providers of every character."""

from typing import Any

import pytest

from retinue.core.errors import ModelFault
from retinue.core.model_profile import Findings
from retinue.models.about.probe import REQUESTS, Found, Probed, probe
from retinue.models.openai import OpenAICompatible
from retinue.testing import Answer, Fails, FakeProvider, Json, Picky, says, sends


async def probed(entry: Any) -> tuple[Probed, list[Found], FakeProvider]:
    told: list[Found] = []
    async with FakeProvider(default=entry) as provider:
        model = OpenAICompatible(provider.base_url, "sk-0123456789", label="Acme")
        try:
            found = await probe(model, "m", told.append)
        finally:
            await model.close()
    return found, told, provider


ALL = Findings(
    bound="max_tokens",
    developer=True,
    stream_usage=True,
    temperature=True,
    json_object=True,
    json_schema=True,
    parallel_tool_calls=True,
)


def obliging(**habits: Any) -> Any:
    """A picky provider whose model answers a schema by what it asks for."""
    picky = Picky(**habits)

    def answer(body: Json) -> Answer:
        given = picky(body)
        asks = body.get("response_format", {}).get("type") == "json_schema"
        return given if isinstance(given, Fails) or not asks else says('{"is_it_so": true}')

    return answer


CHARACTERS: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    ({}, {}, True),
    ({"refuses": ("max_tokens",)}, {"bound": "max_completion_tokens"}, True),
    ({"roles": ("system", "user", "assistant", "tool")}, {"developer": False}, True),
    ({"refuses": ("stream_options",)}, {"stream_usage": False}, True),
    ({"refuses": ("temperature",)}, {"temperature": False}, True),
    ({"formats": ("text", "json_object")}, {"json_schema": False}, True),
    ({"formats": ("text",)}, {"json_schema": False, "json_object": False}, True),
    ({"calls": 0}, {"parallel_tool_calls": None}, True),
    ({"refuses": ("parallel_tool_calls",)}, {"parallel_tool_calls": False}, True),
    ({"images": False}, {}, False),
]


@pytest.mark.parametrize(("habits", "differences", "images"), CHARACTERS)
async def test_a_probe_finds_out_what_is_taken(
    habits: dict[str, Any], differences: dict[str, Any], images: bool
) -> None:
    found, told, provider = await probed(obliging(**habits))
    expected = {name: getattr(ALL, name) for name in Findings.__struct_fields__} | differences
    assert found.findings == Findings(**expected)
    assert found.sizes.images == images
    assert len(provider.requests) <= REQUESTS
    assert len(told) >= 8


async def test_a_format_that_is_taken_and_not_held_to_is_not_taken() -> None:
    found, _, _ = await probed(Picky())
    assert (found.findings.json_object, found.findings.json_schema) == (True, False)
    found, _, _ = await probed(lambda body: says("Gladly!"))
    assert (found.findings.json_object, found.findings.json_schema) == (False, False)


async def test_what_an_overloaded_provider_refuses_is_not_found_out() -> None:
    found, _, _ = await probed(lambda body: Fails(503, "busy") if "temperature" in body else Picky()(body))
    assert found.findings.temperature is None
    assert found.findings.developer is True


async def test_an_image_that_fails_for_another_reason_tells_nothing() -> None:
    def answer(body: Json) -> Answer:
        return Fails(400, "out of memory") if isinstance(body["messages"][0]["content"], list) else Picky()(body)

    found, _, _ = await probed(answer)
    assert found.sizes.images is None


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key_ends_the_probe_at_once(status: int) -> None:
    async with FakeProvider(default=Fails(status, "Incorrect API key: sk-0123456789")) as provider:
        model = OpenAICompatible(provider.base_url, "sk-0123456789", label="Acme")
        with pytest.raises(ModelFault, match="Acme refused the API key") as caught:
            await probe(model, "m", print)
        await model.close()
    assert len(provider.requests) == 1
    assert "sk-0123456789" not in caught.value.message


async def test_a_model_that_is_not_there_ends_the_probe_at_once() -> None:
    with pytest.raises(ModelFault, match=r"'m' \(404\): .*does not exist.*--model"):
        await probed(Fails(404, "The model `m` does not exist"))


async def test_a_provider_that_is_not_there_is_told() -> None:
    model = OpenAICompatible("http://127.0.0.1:9/v1", None, label="Acme")
    with pytest.raises(ModelFault, match="Acme could not be reached"):
        await probe(model, "m", print)
    await model.close()


@pytest.mark.parametrize("body", [b"nonsense", b"{}", b'{"choices":[{"message":{"role":"assistant","content":null}}]}'])
async def test_a_provider_without_a_readable_reply_ends_the_probe(body: bytes) -> None:
    with pytest.raises(ModelFault, match="holds no reply that can be read"):
        await probed(sends(body, content_type="application/json"))


async def test_a_reply_that_reasoning_used_up_counts_as_one() -> None:
    body = b'{"choices":[{"message":{"role":"assistant","content":null},"finish_reason":"length"}]}'
    found, _, _ = await probed(sends(body, content_type="application/json"))
    assert found.findings.bound == "max_tokens"
