"""The API as one ASGI app."""

from collections.abc import Collection

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from retinue.api import extensions, files, models, openapi, outputs, relay, terminal, uploads
from retinue.api.assistants.routes import routes as assistants_routes
from retinue.api.call import Router
from retinue.api.containers.routes import routes as containers_routes
from retinue.api.envelope import Envelope
from retinue.api.routing import RoutingTable
from retinue.api.vector_stores.routes import routes as vector_stores_routes
from retinue.engine import Engine
from retinue.gateway import Access
from retinue.models import Model

PREFIXES = ("/v1", "/openai", "/openai/v1")
"""Where the API stands: OpenAI's place, then Azure's older one, with `?api-version=`, and its newer one."""


def build_api(
    engine: Engine, model: Model, access: Access, *, hosts: Collection[str], default_model: str | None = None
) -> ASGIApp:
    """Return the app. `hosts` are the names that a request's Host header may bear, without ports.

    `default_model` is what answers the terminal where it names no model, and rewrites queries; None is none.
    """
    table = routing_table(Router(engine, access), model, default_model=default_model)
    return Envelope(table, hosts=hosts, access=access)


def routing_table(router: Router, model: Model, *, default_model: str | None = None) -> RoutingTable:
    """Return every route. What it serves under /v1 is what the OpenAPI document is made of: see scripts/openapi.py."""
    return RoutingTable(
        [
            *(route for prefix in PREFIXES for route in _api(router, model, prefix, default_model)),
            router.route("GET", "/v1/retinue/runs/{run}/events", extensions.run_events),
            router.route("GET", "/v1/retinue/runs/{run}/turns", extensions.run_turns),
            router.route("GET", "/v1/retinue/runs/{run}/outputs/{call_id}", outputs.run_output),
            router.route("GET", "/v1/retinue/runs/{run}/executions", extensions.run_executions),
            router.route("GET", "/v1/retinue/tools", extensions.tools),
            router.route("POST", "/v1/retinue/terminal", terminal.assistant(default_model)),
            router.route("POST", "/v1/retinue/threads/{thread}/rewind", terminal.rewind),
            Route("/v1/openapi.json", openapi.serve),
            Route("/openapi.json", openapi.serve),
            Route("/healthz", _healthz),
            Route("/", _root),
        ]
    )


def _api(router: Router, model: Model, prefix: str, default_model: str | None) -> list[Route]:
    return [
        *assistants_routes(router, prefix),
        *relay.routes(router, model, prefix),
        *files.routes(router, prefix),
        *uploads.routes(router, prefix),
        *vector_stores_routes(router, prefix, model, default_model=default_model),
        *containers_routes(router, prefix),
        router.route("GET", f"{prefix}/models", models.list_(model)),
        router.route("GET", prefix + "/models/{model:path}", models.retrieve(model)),
    ]


async def _healthz(request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _root(request: Request) -> Response:
    return PlainTextResponse(
        "Retinue serves here. The API's base URL is this address with /v1.\n"
        "What it serves stands in /openapi.json; whether it serves, in /healthz.\n"
    )
