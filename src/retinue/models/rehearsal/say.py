"""The model's own side, as its HTTP side sees it."""

from collections.abc import AsyncGenerator
from typing import Protocol

from retinue.models.base import ModelEvent, ModelRequest


class Say(Protocol):
    """Replies to a request."""

    def __call__(self, request: ModelRequest, *, stops: tuple[str, ...] = ()) -> AsyncGenerator[ModelEvent, None]:
        """Yield a reply that ends before the first of `stops`; see `Model.stream`."""
        ...
