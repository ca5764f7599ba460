"""Fakes for tests, of Retinue and of what people build on it: a model provider and a clock.

A test of a program that talks to a provider looks like this:

    async with FakeProvider(says("Hello", " there"), Fails(429, "Slow down.")) as provider:
        client = AsyncOpenAI(base_url=provider.base_url, api_key="any")
        ...
        assert provider.requests[0].body["model"] == "gpt-4o"
"""

from retinue.testing.answers import (
    Answer,
    Call,
    Cut,
    Embeds,
    Fails,
    Flags,
    Hold,
    Part,
    Pause,
    Raw,
    Says,
    Sends,
    calls,
    raw,
    says,
    sends,
)
from retinue.testing.clock import FakeClock
from retinue.testing.completions import Json, chunk, event
from retinue.testing.picky import Picky
from retinue.testing.provider import FakeProvider, Recorded

__all__ = [
    "Answer",
    "Call",
    "Cut",
    "Embeds",
    "Fails",
    "FakeClock",
    "FakeProvider",
    "Flags",
    "Hold",
    "Json",
    "Part",
    "Pause",
    "Picky",
    "Raw",
    "Recorded",
    "Says",
    "Sends",
    "calls",
    "chunk",
    "event",
    "raw",
    "says",
    "sends",
]
