"""Endpoints of models."""

from collections.abc import Awaitable, Callable

from starlette.responses import Response

from retinue.api.call import Call, answer
from retinue.api.errors import UnknownModel
from retinue.models import Model, ModelCard


def list_(model: Model) -> Callable[[Call], Awaitable[Response]]:
    """GET /models"""

    async def endpoint(call: Call) -> Response:
        return answer({"object": "list", "data": [_render(card) for card in await model.cards()]})

    return endpoint


def retrieve(model: Model) -> Callable[[Call], Awaitable[Response]]:
    """GET /models/{model}"""

    async def endpoint(call: Call) -> Response:
        id_ = call.id("model")
        for card in await model.cards():
            if card.id == id_:
                return answer(_render(card))
        raise UnknownModel(f"The model '{id_}' does not exist", param="model", code="model_not_found")

    return endpoint


def _render(card: ModelCard) -> dict[str, object]:
    return {"id": card.id, "object": "model", "created": card.created, "owned_by": card.owned_by}
