"""Endpoints that hand a request on to the model's provider: what every such request needs is checked, and no more.

Every parameter goes on in the caller's own bytes, whether it is known here or not; which are allowed is the
provider's business.
"""

from collections.abc import Iterator
from typing import Annotated

from msgspec import UNSET, Meta, Raw, Struct, UnsetType
from starlette.routing import Route

from retinue.api.body import members, parse, read_body
from retinue.api.call import Call, Endpoint, Router
from retinue.api.relay import RelayedAnswer
from retinue.core.invalid import missing
from retinue.models import Model, Operation, RelayRequest

_AZURE = "/openai"
_DEPLOYED = ("chat/completions", "completions", "embeddings")
"""What Azure serves under the name of a deployment."""


class RelayedBody(Struct, frozen=True, kw_only=True):
    """What all of these have in common; members that are not named here are taken as they are."""

    model: Annotated[str, Meta(min_length=1)] | UnsetType = UNSET
    stream: bool | None = None


class ChatMessage(Struct, frozen=True):
    """A message, as far as it has to be understood here."""

    role: Annotated[str, Meta(min_length=1)]


class ChatBody(RelayedBody, frozen=True, kw_only=True):
    """A chat completion that is asked for."""

    messages: Annotated[list[ChatMessage], Meta(min_length=1)]


class CompletionBody(RelayedBody, frozen=True, kw_only=True):
    """A completion of the older sort that is asked for."""

    prompt: Raw


class InputBody(RelayedBody, frozen=True, kw_only=True):
    """Embeddings or moderations that are asked for."""

    input: Raw


def routes(router: Router, model: Model, prefix: str) -> list[Route]:
    """Return all routes under a prefix; under Azure's, also those that name a deployment in the path."""
    return list(_routes(router, model, prefix))


def _routes(router: Router, model: Model, prefix: str) -> Iterator[Route]:
    for operation, endpoint in _endpoints(model).items():
        yield router.route("POST", f"{prefix}/{operation}", endpoint)
        if prefix == _AZURE and operation in _DEPLOYED:
            yield router.route("POST", f"{prefix}/deployments/{{deployment}}/{operation}", endpoint)


def _endpoints(model: Model) -> dict[str, Endpoint]:
    return {
        "chat/completions": chat_completions(model),
        "completions": completions(model),
        "embeddings": embeddings(model),
        "moderations": moderations(model),
    }


def chat_completions(model: Model) -> Endpoint:
    """POST /chat/completions"""
    return _relaying(model, "chat/completions", ChatBody)


def completions(model: Model) -> Endpoint:
    """POST /completions"""
    return _relaying(model, "completions", CompletionBody)


def embeddings(model: Model) -> Endpoint:
    """POST /embeddings"""
    return _relaying(model, "embeddings", InputBody)


def moderations(model: Model) -> Endpoint:
    """POST /moderations"""

    async def endpoint(call: Call) -> RelayedAnswer:
        return RelayedAnswer(model, await _request(call, "moderations", InputBody, needs_model=False))

    return endpoint


def _relaying(model: Model, operation: Operation, type_: type[RelayedBody]) -> Endpoint:
    async def endpoint(call: Call) -> RelayedAnswer:
        return RelayedAnswer(model, await _request(call, operation, type_))

    return endpoint


async def _request(
    call: Call, operation: Operation, type_: type[RelayedBody], *, needs_model: bool = True
) -> RelayRequest:
    raw = await read_body(call.request)
    body = parse(raw, type_)
    name = body.model or call.request.path_params.get("deployment")
    if name is None and needs_model:
        raise missing("model")
    return RelayRequest(operation=operation, model=name, parameters=members(raw), stream=bool(body.stream))
