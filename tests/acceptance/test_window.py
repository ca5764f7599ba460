"""What a provider receives of a long thread, an uploaded image and a tool output of a megabyte."""

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from openai import AsyncOpenAI

from acceptance.server import Server
from retinue.testing import Call, FakeProvider, calls, says

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
READ = {"type": "function", "function": {"name": "read", "parameters": {"type": "object", "properties": {}}}}
LONG = "start " + "word " * 200_000 + "end"


pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
async def provider() -> AsyncIterator[FakeProvider]:
    async with FakeProvider(default=says("Fine."), models=("gpt-4o",)) as running:
        yield running


@pytest.fixture
async def client(provider: FakeProvider, tmp_path: Path) -> AsyncIterator[AsyncOpenAI]:
    environment = {"OPENAI_BASE_URL": provider.base_url, "OPENAI_API_KEY": "sk-upstream"}
    server = Server(tmp_path / "data", environment=environment)
    await asyncio.to_thread(server.start)
    try:
        async with AsyncOpenAI(base_url=server.base_url, api_key="sk-anything", max_retries=0) as opened:
            yield opened
    finally:
        await asyncio.to_thread(server.stop)


def sent(provider: FakeProvider) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = provider.requests[-1].body["messages"]
    return messages


async def test_a_long_thread_an_image_and_a_long_output_reach_the_provider_as_they_have_room(
    client: AsyncOpenAI, provider: FakeProvider
) -> None:
    beta: Any = client.beta
    assistant = await beta.assistants.create(model="gpt-4o", instructions="Be kind.", tools=[READ])
    thread = await beta.threads.create()
    for n in range(40):
        await beta.threads.messages.create(thread.id, role="user", content=f"{n} " + "word " * 5_000)
    picture = await client.files.create(file=("cat.png", PNG), purpose="vision")
    await beta.threads.messages.create(
        thread.id,
        role="user",
        content=[
            {"type": "text", "text": "Look, and read."},
            {"type": "image_file", "image_file": {"file_id": picture.id, "detail": "low"}},
        ],
    )
    provider.script.append(calls(Call(name="read", id="call_1")))
    run = await beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, poll_interval_ms=50)
    assert run.status == "requires_action", run

    first, *window = sent(provider)
    assert first["content"] == "Be kind."
    assert 10 < len(window) < 25
    assert window[-2]["content"].startswith("39 ")
    shown = window[-1]["content"][1]["image_url"]
    assert shown == {"url": f"data:image/png;base64,{base64.b64encode(PNG).decode()}", "detail": "low"}

    run = await beta.threads.runs.submit_tool_outputs_and_poll(
        run_id=run.id,
        thread_id=thread.id,
        tool_outputs=[{"tool_call_id": "call_1", "output": LONG}],
        poll_interval_ms=50,
    )
    assert run.status == "completed", run
    told = sent(provider)[-1]
    assert told["tool_call_id"] == "call_1"
    assert told["content"].startswith("start word")
    assert told["content"].endswith("word end")
    assert "left out here" in told["content"]
    assert 100_000 < len(told["content"]) < 600_000

    steps = await beta.threads.runs.steps.list(run.id, thread_id=thread.id, order="asc")
    [call] = steps.data[0].step_details.tool_calls
    assert "left out here" in call.function.output
    whole: Any = await client.get(f"/retinue/runs/{run.id}/outputs/call_1", cast_to=object)
    assert whole["output"] == LONG
    turns: Any = await client.get(f"/retinue/runs/{run.id}/turns", cast_to=object)
    manifest = turns["data"][-1]["manifest"]
    assert 20 < manifest["dropped_items"] < 40
    assert manifest["cut_outputs"] == 1
    assert manifest["tokens"] <= manifest["room"]
