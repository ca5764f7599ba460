"""Upstream models: one seam, `Model`, and what stands behind it."""

from retinue.models.base import (
    CallPiece,
    Finished,
    Model,
    ModelCard,
    ModelEvent,
    ModelRequest,
    TextPiece,
)

__all__ = ["CallPiece", "Finished", "Model", "ModelCard", "ModelEvent", "ModelRequest", "TextPiece"]
