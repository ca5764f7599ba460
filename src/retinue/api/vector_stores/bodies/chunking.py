"""How a file is to be cut, as bodies say it."""

from typing import Annotated, Literal

from msgspec import Meta

from retinue.api.fields import Body
from retinue.core.errors import InvalidRequest
from retinue.core.vector_store import Chunking


class StaticSizes(Body, frozen=True, kw_only=True):
    """Tokens of a chunk, and how many of them the one before has too."""

    max_chunk_size_tokens: Annotated[int, Meta(ge=100, le=4_096)]
    chunk_overlap_tokens: Annotated[int, Meta(ge=0)]


class Strategy(Body, frozen=True, kw_only=True):
    """Chunks of the usual size, or of another."""

    type: Literal["auto", "static"]
    static: StaticSizes | None = None

    def chunking(self, param: str) -> Chunking:
        """Return it as a core value; raises InvalidRequest, which names the field under `param`."""
        if (self.type == "static") != (self.static is not None):
            raise _invalid(f"{param}.static", "'static' goes with the type 'static', and with no other")
        if self.static is None:
            return Chunking()
        size, overlap = self.static.max_chunk_size_tokens, self.static.chunk_overlap_tokens
        if overlap > size // 2:
            raise _invalid(
                f"{param}.static.chunk_overlap_tokens", f"{overlap} is more than half of max_chunk_size_tokens, {size}"
            )
        return Chunking(size=size, overlap=overlap)


def chunking_of(strategy: Strategy | None, param: str = "chunking_strategy") -> Chunking:
    """Return a strategy as a core value: the usual one where none is named."""
    return Chunking() if strategy is None else strategy.chunking(param)


def _invalid(param: str, why: str) -> InvalidRequest:
    return InvalidRequest(f"Invalid '{param}': {why}.", param=param, code="invalid_value")
