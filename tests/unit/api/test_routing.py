"""Which route a request takes: the one that Starlette would choose out of all."""

import itertools
from typing import Any, cast

import pytest
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.routing import Router as Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from retinue.api.app import routing_table
from retinue.api.call import Router
from retinue.api.routing import RoutingTable

METHODS = ("GET", "HEAD", "POST", "DELETE", "PUT")
NOBODY = cast(Any, None)  # the routes are found, and never called

taken: list[tuple[str, dict[str, str]]] = []


class Noting:
    """Notes what was taken for what."""

    def __init__(self, path: str) -> None:
        self.path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        taken.append((self.path, scope["path_params"]))


ROUTES = [
    Route(route.path, Noting(route.path), methods=sorted(route.methods or ()))
    for route in routing_table(Router(NOBODY, NOBODY), NOBODY).routes
]
PATHS = sorted(
    {
        route.path.replace("{", "").replace("}", "").replace(":path", "") + end
        for route, end in itertools.product(ROUTES, ("", "/", "/more", "/a/b"))
    }
    | {"", "/", "//", "/v1", "/v1/", "/v1//", "/v1/threads//runs", "/v1/models/a/b/c/d/e", "/v2/threads", "*"}
)


async def chosen(table: ASGIApp, method: str, path: str) -> tuple[str, dict[str, str]] | int:
    """Return the route's path and its parameters, or the status of the refusal."""
    taken.clear()
    scope = {"type": "http", "method": method, "path": path, "app": table, "root_path": ""}
    try:
        await table(scope, NOBODY, NOBODY)
    except HTTPException as error:
        return error.status_code
    return taken[0]


@pytest.mark.parametrize("method", METHODS)
async def test_the_route_is_the_first_of_all_that_takes_the_request(method: str) -> None:
    all_tried, table = Starlette(ROUTES, redirect_slashes=False), RoutingTable(ROUTES)
    for path in PATHS:
        assert await chosen(table, method, path) == await chosen(all_tried, method, path), path


async def test_a_fixed_path_leaves_what_it_does_not_serve_to_a_pattern_that_takes_it() -> None:
    assert await chosen(RoutingTable(ROUTES), "GET", "/v1/threads/runs") == ("/v1/threads/{thread}", {"thread": "runs"})
