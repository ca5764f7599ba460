"""The one table from what went wrong to what HTTP says of it, in the API's own error form."""

from typing import Any

from retinue.core.errors import (
    BlobTooLarge,
    InvalidRequest,
    ModelFault,
    NotFound,
    RetinueError,
    StoreFull,
    StoreUnavailable,
    Unauthorized,
    Unjudged,
)
from retinue.knowledge.base import SearchFault

_ID_PREFIXES = {"assistant": "asst", "thread": "thread", "message": "msg", "run": "run", "step": "step"}


MAX_MESSAGE = 10_000  # characters: the ids of 128 calls, twice
MAX_PARAM = 1_000


class BodyTooLarge(InvalidRequest):
    """The request's body is larger than this server takes."""


class UnknownModel(InvalidRequest):
    """No such model is on offer."""


class WrongHost(RetinueError):
    """The Host header names another machine: a page may be trying to reach a server at localhost."""


def to_http(error: RetinueError) -> tuple[int, dict[str, Any]]:
    """Return the status and the body for an error."""
    match error:
        case NotFound() if prefix := _wrong_prefix(error):
            param = f"{error.kind}_id"
            message = f"Invalid '{param}': '{error.id}'. Expected an ID that begins with '{prefix}'."
            return 400, body(message, param=param, code="invalid_value")
        case NotFound() | UnknownModel():
            return 404, body(error.message, param=error.param, code=error.code)
        case BodyTooLarge() | BlobTooLarge():
            return 413, body(error.message, code="request_too_large")
        case InvalidRequest():
            return 400, body(error.message, param=error.param, code=error.code)
        case Unauthorized():
            return 401, body(error.message, code=error.code)
        case WrongHost():
            return 421, body(error.message, code="wrong_host")
        case ModelFault():
            return 502, body(error.message, kind="server_error", code=error.code)
        case SearchFault():
            return 503, body(error.message, kind="server_error", code="search_unavailable")
        case Unjudged():
            return 503, body(error.message, kind="server_error", code="overloaded")
        case StoreFull():
            return 507, body(error.message, kind="server_error", code="storage_full")
        case StoreUnavailable():
            return 503, body(error.message, kind="server_error", code="storage_unavailable")
        case _:
            return 500, body(error.message, kind="server_error", code=error.code)


def body(
    message: str, *, kind: str = "invalid_request_error", param: str | None = None, code: str | None = None
) -> dict[str, Any]:
    """Return an error body. What it quotes may be as large as a request, so that there is an end to it."""
    return {
        "error": {
            "message": _cut(message, MAX_MESSAGE),
            "type": kind,
            "param": param if param is None else _cut(param, MAX_PARAM),
            "code": code,
        }
    }


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _wrong_prefix(error: NotFound) -> str | None:
    """The prefix that an id of this kind has, if this one lacks it. Ids that exist may look like anything."""
    prefix = _ID_PREFIXES.get(error.kind)
    return prefix if prefix and not error.id.startswith(prefix) else None
