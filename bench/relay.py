"""The yardstick: a relay that passes an upstream's bytes on and does nothing else. usage: relay.py PORT UPSTREAM_URL

It is what a server in Python on aiohttp costs at the very least. Whatever Retinue takes beyond it is the price of
what Retinue does: parsing, threads and runs, events, the store.
"""

import asyncio
import sys
from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web

UPSTREAM = web.AppKey("UPSTREAM", aiohttp.ClientSession)
PASSED_ON = ("Content-Type", "Content-Length")


async def relay(request: web.Request) -> web.StreamResponse:
    body = await request.read()
    headers = {"Authorization": request.headers["Authorization"], "Content-Type": "application/json"}
    async with request.app[UPSTREAM].request(request.method, request.path, data=body, headers=headers) as answer:
        passed_on = {name: answer.headers[name] for name in PASSED_ON if name in answer.headers}
        response = web.StreamResponse(status=answer.status, headers=passed_on)
        await response.prepare(request)
        async for piece in answer.content.iter_any():
            await response.write(piece)
        return response


async def health(_: web.Request) -> web.Response:
    return web.Response()


def application(upstream: str) -> web.Application:
    async def session(app: web.Application) -> AsyncIterator[None]:
        connector, patience = aiohttp.TCPConnector(limit=0), aiohttp.ClientTimeout(total=None)
        async with aiohttp.ClientSession(upstream, connector=connector, timeout=patience) as app[UPSTREAM]:
            yield

    app = web.Application()
    app.cleanup_ctx.append(session)
    app.router.add_get("/healthz", health)
    app.router.add_route("*", "/{path:.*}", relay)
    return app


def event_loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop  # not on Windows
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


if __name__ == "__main__":
    port, upstream = sys.argv[1:]
    web.run_app(
        application(upstream),
        host="127.0.0.1",
        port=int(port),
        access_log=None,
        print=None,
        handler_cancellation=True,
        backlog=2048,  # a thousand callers come at once
        loop=event_loop(),
    )
