"""The server's own OpenAPI document. `make openapi` makes it; a test holds it to the routing table."""

from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

_DOCUMENT = Path(__file__).with_name("openapi.json")


async def serve(request: Request) -> Response:
    """GET /openapi.json: for everyone, as there is no secret in it."""
    return Response(_document(), media_type="application/json")


@cache
def _document() -> bytes:
    """Read once it is asked for; a server of which nobody asks it keeps none in memory."""
    return _DOCUMENT.read_bytes()
