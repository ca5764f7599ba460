"""The whole API on a real HTTP server over a real provider, and a client that sends bytes."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from types import FrameType
from typing import Any

import aiohttp
import uvicorn

from retinue.api import build_api
from retinue.app.protocol import HTTPProtocol
from retinue.blobs.memory import MemoryBlobs
from retinue.core.usage import Usage
from retinue.engine import Engine, Limits
from retinue.gateway import AnyToken
from retinue.models import Finished, Model
from retinue.models.openai import OpenAICompatible
from retinue.models.provider.provider import Provider
from retinue.models.rehearsal import Rehearsal
from retinue.models.routing.router import Router
from retinue.store import Store
from retinue.store.sqlite import SQLite
from retinue.testing import FakeClock, FakeProvider
from retinue.tools import Toolbox

OUR_KEY = "sk-of-the-server"
CALLERS_KEY = "sk-of-the-caller"

MESSAGES = [{"role": "user", "content": "Hello"}]
BODIES: dict[str, dict[str, Any]] = {
    "chat/completions": {"model": "fake-model", "messages": MESSAGES},
    "completions": {"model": "fake-model", "prompt": "Hello"},
    "embeddings": {"model": "fake-model", "input": "Hello"},
    "moderations": {"input": "Hello"},
}
OPERATIONS = list(BODIES)
CHAT = "/v1/chat/completions"
JSON = "application/json"


class _Server(uvicorn.Server):
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.should_exit = True


@contextlib.asynccontextmanager
async def serving(folder: Path, model: Model, tools: Toolbox | None = None) -> AsyncIterator[str]:
    """Serve the API over this model and these tools; gives the address."""
    database = SQLite.open(folder / "retinue.db", synchronous="normal")
    store = await Store.open(database)
    engine = Engine(store, MemoryBlobs(), model, clock=FakeClock(), limits=Limits(), price=_free, tools=tools)
    app = build_api(engine, model, AnyToken(), hosts=("127.0.0.1",))
    config = uvicorn.Config(
        app, http=HTTPProtocol, ws="none", lifespan="off", log_config=None, timeout_graceful_shutdown=1
    )
    server = _Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        task = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task
            await database.close()


@contextlib.asynccontextmanager
async def relaying(
    folder: Path, base_url: str, *, patience_s: float = 0, default_model: str | None = None, **options: Any
) -> AsyncIterator[aiohttp.ClientSession]:
    """Serve the API over the provider at an address; gives a client of it whose base is the server's address."""
    provider = Provider(OpenAICompatible(base_url, OUR_KEY, label="Acme", **options), default_model=default_model)
    model = Router([provider], Rehearsal(), patience_s=patience_s)
    async with serving(folder, model) as address:
        headers = {"Authorization": f"Bearer {CALLERS_KEY}", "Content-Type": "application/json"}
        async with aiohttp.ClientSession(address, headers=headers, auto_decompress=False) as session:
            yield session
    await model.close()


def answering(answer: Any) -> FakeProvider:
    """A provider that answers everything like this."""
    return FakeProvider(default=answer, embeddings=answer, moderations=answer)


async def posted(client: aiohttp.ClientSession, path: str, body: Any) -> tuple[aiohttp.ClientResponse, bytes]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with client.post(path, data=data) as response:
        return response, await response.read()


async def error_of(client: aiohttp.ClientSession, path: str, body: Any) -> tuple[int, dict[str, Any]]:
    response, raw = await posted(client, path, body)
    return response.status, json.loads(raw)["error"]


async def _free(_finished: Finished, _usage: Usage) -> float | None:
    return None
