"""A server that tells of its models, each provider's way, and records who asked how."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any

import msgspec
from aiohttp import web

from retinue.testing import chunk, event


class Listing:
    """Answers each path with its JSON, and chat completions anywhere with a word; anything else is not there."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers = answers
        self.asked: list[web.Request] = []
        self.root = ""
        self._runner: web.AppRunner | None = None

    @property
    def paths(self) -> list[str]:
        return [request.raw_path for request in self.asked]

    async def __aenter__(self) -> "Listing":
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.root = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        await request.read()
        self.asked.append(request)
        if request.path.endswith("/chat/completions"):
            reply = chunk({"content": "Hi"}, finish="stop") + event("[DONE]")
            return web.Response(body=reply, content_type="text/event-stream")
        if request.path in self.answers:
            return web.Response(body=msgspec.json.encode(self.answers[request.path]), content_type="application/json")
        return web.Response(status=404, text="not found")
