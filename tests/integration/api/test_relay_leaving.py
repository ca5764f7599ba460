"""Clients that go away or are slow, over real HTTP on both sides."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from api.serving import BODIES, CHAT, JSON, posted, relaying
from retinue.testing import FakeProvider, Hold, Part, Sends, chunk, event, says, sends

HALF = (chunk({"content": "Hel"}), chunk({"content": "lo"}))


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("said", [(), HALF])
async def test_a_client_that_goes_away_ends_the_request_to_the_provider(
    said: Any, stream: bool, tmp_path: Path
) -> None:
    asked = asyncio.Event()

    def answer(body: Any) -> Sends:
        asked.set()
        return sends(*said, Hold(asyncio.Event()), content_type="text/event-stream" if stream else JSON)

    async with FakeProvider(answer) as provider, relaying(tmp_path, provider.base_url) as client:
        leaving = asyncio.create_task(posted(client, CHAT, BODIES["chat/completions"] | {"stream": stream}))
        await asked.wait()
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
        await asyncio.wait_for(provider.left.wait(), 30)


async def test_a_client_that_goes_away_before_the_provider_answers_ends_the_request(tmp_path: Path) -> None:
    """A provider that thinks has sent nothing, not even a status: there is nothing to fail on in sending."""
    asked, closed = asyncio.Event(), asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        await reader.read()
        closed.set()
        writer.close()

    listening = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with listening:
        base_url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1"
        async with relaying(tmp_path, base_url) as client:
            leaving = asyncio.create_task(posted(client, CHAT, BODIES["chat/completions"]))
            await asked.wait()
            leaving.cancel()
            await asyncio.gather(leaving, return_exceptions=True)
            await asyncio.wait_for(closed.wait(), 30)


class Counting(asyncio.Event):
    """Counts how often it is waited for, and lets everybody pass."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0

    async def wait(self) -> Any:
        self.passed += 1


async def test_a_slow_reader_slows_the_provider_down(tmp_path: Path) -> None:
    counting, piece, number = Counting(), event("x" * 65_536), 1_500
    parts: list[Part] = [piece, Hold(counting)]
    async with FakeProvider(sends(*parts * number)) as provider, relaying(tmp_path, provider.base_url) as client:
        async with client.post(CHAT, json=BODIES["chat/completions"] | {"stream": True}) as response:
            for _ in range(50):
                await posted(client, CHAT, BODIES["chat/completions"] | {"model": "rehearsal"})
            assert counting.passed < number / 2
            assert len(await response.content.read()) == len(piece) * number
        assert counting.passed == number


async def test_the_connection_to_the_provider_is_used_again(tmp_path: Path) -> None:
    async with FakeProvider(default=says("Hi")) as provider, relaying(tmp_path, provider.base_url) as client:
        for stream in (True, False, True, True):
            await posted(client, CHAT, BODIES["chat/completions"] | {"stream": stream})
    assert provider.connections == 1
