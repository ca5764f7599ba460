"""Upstream models: one seam, `Model`, and what stands behind it."""

from retinue.models.base import (
    CallPiece,
    Finished,
    Model,
    ModelCard,
    ModelEvent,
    ModelFacts,
    ModelRequest,
    TextPiece,
    Wait,
)
from retinue.models.relay import Operation, Relayed, RelayRequest

__all__ = [
    "CallPiece",
    "Finished",
    "Model",
    "ModelCard",
    "ModelEvent",
    "ModelFacts",
    "ModelRequest",
    "Operation",
    "RelayRequest",
    "Relayed",
    "TextPiece",
    "Wait",
]
