"""What a request leaves behind: nothing that only a search for cycles would find, for the server seldom searches."""

import gc
from collections.abc import Awaitable, Callable
from pathlib import Path

from api.serving import BODIES, CHAT, posted, relaying
from retinue.testing import FakeProvider, says

REQUESTS = 10


async def left_behind(request: Callable[[], Awaitable[object]]) -> set[str]:
    """Return the types of ours and of the HTTP server's that are left in cycles after some requests."""
    await request()  # what the first one makes stays
    gc.collect()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        for _ in range(REQUESTS):
            await request()
        gc.collect()
        left = {f"{type(thing).__module__}.{type(thing).__qualname__}" for thing in gc.garbage}
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
    return {name for name in left if name.startswith(("retinue.", "uvicorn."))}


async def test_a_relayed_request_leaves_nothing_behind(tmp_path: Path) -> None:
    async with FakeProvider(default=says("Hi")) as provider, relaying(tmp_path, provider.base_url) as client:
        body = BODIES["chat/completions"] | {"stream": True}
        assert await left_behind(lambda: posted(client, CHAT, body)) == set()


async def test_a_refused_request_leaves_nothing_behind(tmp_path: Path) -> None:
    async with FakeProvider(default=says("Hi")) as provider, relaying(tmp_path, provider.base_url) as client:
        assert await left_behind(lambda: posted(client, "/v1/threads/runs", {})) == set()
