"""One HTTP request as an endpoint sees it, and the way from an endpoint to a route."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as ASGIScope

from retinue.api.body import parse, read_body
from retinue.api.slashes import shown
from retinue.core.caller import Caller
from retinue.core.errors import NotFound
from retinue.engine import Engine
from retinue.gateway import Access
from retinue.store import Scope

T = TypeVar("T")

Endpoint = Callable[["Call"], Awaitable[ASGIApp]]

_encoder = msgspec.json.Encoder()


class Call:
    """A request by a known caller."""

    def __init__(self, request: Request, engine: Engine, caller: Caller) -> None:
        self.request = request
        self.engine = engine
        self.caller = caller

    @property
    def scope(self) -> Scope:
        """What the caller's project has stored."""
        return self.engine.store.scoped(self.caller.project)

    def id(self, name: str) -> str:
        """Return an id from the path; raises NotFound for one that no database can be asked for."""
        id_ = str(self.request.path_params[name])
        if "\x00" in id_:
            raise NotFound(name, id_)
        return id_

    async def body(self, type_: type[T]) -> T:
        """Return the parsed body; raises InvalidRequest."""
        return parse(await read_body(self.request), type_)


class Router:
    """Makes routes of endpoints: each knows its caller before it begins."""

    def __init__(self, engine: Engine, access: Access) -> None:
        self._engine, self._access = engine, access

    def route(self, methods: str, path: str, endpoint: Endpoint) -> Route:
        """Return a route; `methods` is one or more, separated by spaces."""

        return Route(path, _Served(self._engine, self._access, endpoint), methods=methods.split())


class _Served:
    """An endpoint as an ASGI app. (An object: Starlette would take a function for one of a request.)"""

    def __init__(self, engine: Engine, access: Access, endpoint: Endpoint) -> None:
        self._engine, self._access, self._endpoint = engine, access, endpoint

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        scope["path_params"] = {name: shown(value) for name, value in scope["path_params"].items()}
        caller = await self._access.caller(_token(scope["headers"]))
        response = await self._endpoint(Call(Request(scope, receive), self._engine, caller))
        await response(scope, receive, send)


def answer(value: Any, *, headers: dict[str, str] | None = None) -> Response:
    """Return a JSON answer."""
    return Response(_encoder.encode(value), media_type="application/json", headers=headers)


def _token(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """The key that the request bears, in OpenAI's header or in Azure's."""
    bearer = key = b""
    for name, value in headers:
        if name == b"authorization" and value[:7].lower() == b"bearer ":
            bearer = bearer or value[7:].strip()
        elif name == b"api-key":
            key = key or value.strip()
    return (bearer or key).decode("latin-1") or None
