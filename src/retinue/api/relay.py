"""Endpoints that hand a request on to the model's provider: what every such request needs is checked, and no more.

Every parameter goes on in the caller's own bytes, whether it is known here or not; which are allowed is the
provider's business.
"""

from typing import Annotated

from msgspec import UNSET, Meta, Raw, Struct, UnsetType
from starlette.routing import Route

from retinue.api.body import members, parse, read_body
from retinue.api.call import Call, Endpoint, Router
from retinue.api.relayed import RelayedAnswer
from retinue.core.invalid import missing
from retinue.models import Model, Operation, RelayRequest

_AZURE = "/openai"
_DEPLOYED: tuple[Operation, ...] = ("chat/completions", "completions", "embeddings")
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


_BODIES: dict[Operation, type[RelayedBody]] = {
    "chat/completions": ChatBody,
    "completions": CompletionBody,
    "embeddings": InputBody,
    "moderations": InputBody,
}


def routes(router: Router, model: Model, prefix: str) -> list[Route]:
    """Return all routes under a prefix; under Azure's, also those that name a deployment in the path."""
    places = {f"{prefix}/{operation}": operation for operation in _BODIES}
    if prefix == _AZURE:
        places |= {f"{prefix}/deployments/{{deployment}}/{operation}": operation for operation in _DEPLOYED}
    return [router.route("POST", path, _relaying(model, operation)) for path, operation in places.items()]


def _relaying(model: Model, operation: Operation) -> Endpoint:
    async def endpoint(call: Call) -> RelayedAnswer:
        return RelayedAnswer(model, await _request(call, operation))

    return endpoint


async def _request(call: Call, operation: Operation) -> RelayRequest:
    raw = await read_body(call.request)
    body = parse(raw, _BODIES[operation])
    name = body.model or call.request.path_params.get("deployment")
    if name is None and operation != "moderations":  # those have a default
        raise missing("model")
    return RelayRequest(
        operation=operation, model=name, parameters=members(raw), stream=bool(body.stream), caller=call.caller
    )
