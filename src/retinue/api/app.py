"""The API as one ASGI app."""

from collections.abc import Collection

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.routing import Router as RoutingTable
from starlette.types import ASGIApp

from retinue.api import extensions, files, models, uploads
from retinue.api.assistants.routes import routes as assistants_routes
from retinue.api.call import Router
from retinue.api.envelope import Envelope
from retinue.engine import Engine
from retinue.gateway import Access
from retinue.models import Model


def build_api(engine: Engine, model: Model, access: Access, *, hosts: Collection[str]) -> ASGIApp:
    """Return the app. `hosts` are the names that a request's Host header may bear, without ports."""
    router = Router(engine, access)
    table = RoutingTable(
        [
            *assistants_routes(router, "/v1"),
            *files.routes(router, "/v1"),
            *uploads.routes(router, "/v1"),
            router.route("GET", "/v1/models", models.list_(model)),
            router.route("GET", "/v1/models/{model:path}", models.retrieve(model)),
            router.route("GET", "/v1/retinue/runs/{run}/events", extensions.run_events),
            router.route("GET", "/v1/retinue/runs/{run}/turns", extensions.run_turns),
            Route("/healthz", _healthz),
            Route("/", _root),
        ],
        redirect_slashes=False,
    )
    return Envelope(table, hosts=hosts)


async def _healthz(request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _root(request: Request) -> Response:
    return PlainTextResponse("Retinue serves here. The API's base URL is this address with /v1.\n")
