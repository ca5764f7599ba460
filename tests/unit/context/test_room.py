from typing import Any

import pytest
from context_world import World, exchanges, user

from retinue.context.room import room_for
from retinue.core.next_action import CallModel
from retinue.models import ModelFacts


def room(
    *,
    prompt: int | None = None,
    completion: int | None = None,
    reply: int | None = None,
    exact: bool = True,
    **facts: Any,
) -> tuple[int, int | None]:
    """What there is room for, and what the reply is bounded to."""
    action = CallModel(turn=0, prompt_tokens=prompt, completion_tokens=completion)
    made = room_for(action, ModelFacts(model="m", **facts), reply_tokens=reply, exact=exact, limit=None)
    return made.prompt, made.reply


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, (120_000, None)),
        ({"exact": False}, (108_000, None)),
        ({"context_tokens": 128_000, "completion_tokens": 16_384}, (111_616, None)),
        ({"context_tokens": 1_000_000, "completion_tokens": 32_768}, (967_232, None)),
        ({"context_tokens": 200_000, "completion_tokens": 100_000}, (150_000, None)),
        ({"context_tokens": 128_000, "completion": 1_000}, (127_000, 1_000)),
        ({"context_tokens": 128_000, "completion": 1_000, "reply": 500}, (127_500, 500)),
        ({"context_tokens": 128_000, "reply": 50_000, "completion_tokens": 16_384}, (111_616, 16_384)),
        ({"context_tokens": 8_000, "completion": 1_000_000}, (4_000, 1_000_000)),
        ({"context_tokens": 128_000, "prompt": 5_000}, (5_000, None)),
    ],
)
def test_a_prompt_has_the_models_context_less_the_replys_share(asked: Any, expected: tuple[int, int | None]) -> None:
    assert room(**asked) == expected


async def test_settings_cap_the_reply_that_is_asked_for() -> None:
    request, _ = await World(exchanges(1), reply_tokens=300).build(completion=1_000)
    assert request.max_tokens == 300


async def test_a_reply_is_bounded_to_what_the_prompt_leaves_of_the_context() -> None:
    request, manifest = await World(exchanges(1), context_tokens=8_192).build(completion=50_000)
    assert request.max_tokens == 8_192 - manifest.tokens


async def test_a_reply_keeps_what_was_reserved_for_it() -> None:
    request, manifest = await World([user("word " * 4_080)], context_tokens=8_192).build(completion=50_000)
    assert manifest.room == 4_096
    assert request.max_tokens is not None
    assert 4_096 <= request.max_tokens <= 4_106


async def test_a_reply_that_fits_is_left_as_it_was_asked_for() -> None:
    request, _ = await World(exchanges(1), context_tokens=8_192).build(completion=1_000)
    assert request.max_tokens == 1_000


async def test_a_request_says_for_whom_it_is() -> None:
    request, _ = await World(exchanges(1)).build(user="ann")
    assert request.caller is not None
    assert (request.caller.project, request.caller.user) == ("default", "ann")
