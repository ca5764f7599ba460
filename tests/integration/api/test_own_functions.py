"""The server's own functions over HTTP: what a project is shown of them, and a run that calls one."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp

from api.serving import serving
from retinue.models.rehearsal import Rehearsal
from retinue.models.routing.router import Router
from retinue.tools import tool
from retinue.tools.exposure import Rule
from retinue.tools.registry import Registry

HEADERS = {"Authorization": "Bearer any", "OpenAI-Beta": "assistants=v2"}
DECLARED = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Tell the weather in a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
            "additionalProperties": False,
        },
        "strict": False,
    },
}


@tool(idempotent=True)
async def get_weather(city: str) -> str:
    """Tell the weather in a city."""
    return f"It snows in {city}."


@tool
def hidden() -> str:
    return "nobody may have this"


def registry() -> Registry:
    rules = [Rule(functions=("get_weather",), projects=frozenset({"default"})), Rule(functions=("*",))]
    return Registry([get_weather, hidden], rules)


async def test_project_is_shown_its_functions_ready_to_be_declared(tmp_path: Path) -> None:
    async with (
        serving(tmp_path, Rehearsal(), registry()) as address,
        aiohttp.ClientSession(headers=HEADERS) as client,
        client.get(f"{address}/v1/retinue/tools") as response,
    ):
        listed = await response.json()
    assert listed == {
        "object": "list",
        "data": [
            {
                "object": "retinue.tool",
                "name": "get_weather",
                "assistants": None,
                "idempotent": True,
                "declaration": DECLARED,
            }
        ],
    }


async def test_run_calls_a_function_that_is_declared_by_its_name_alone(tmp_path: Path) -> None:
    model = Router([], Rehearsal())
    async with serving(tmp_path, model, registry()) as address, aiohttp.ClientSession(headers=HEADERS) as client:

        async def post(path: str, body: Any) -> Any:
            async with client.post(f"{address}/v1{path}", json=body) as response:
                return await response.json()

        named = [{"type": "function", "function": {"name": name}} for name in ("get_weather", "hidden")]
        assistant = await post("/assistants", {"model": "rehearsal", "tools": named})
        messages = [{"role": "user", "content": "What is the weather in Oslo?"}]
        body = {"assistant_id": assistant["id"], "thread": {"messages": messages}, "stream": True}
        async with client.post(f"{address}/v1/threads/runs", json=body) as response:
            said = (await asyncio.wait_for(response.read(), 60)).decode()
    assert "It snows in Oslo." in said
    assert "event: thread.run.completed" in said
    assert "requires_action" not in said
