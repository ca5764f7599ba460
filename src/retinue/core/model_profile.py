"""What is known of a model: its sizes, and what its provider takes in a request for it."""

from typing import Literal

from msgspec import Struct

Bound = Literal["max_tokens", "max_completion_tokens"]
"""The parameter that bounds a completion."""


class Sizes(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How much a model reads and says, in tokens, and whether it sees; None where nobody knows."""

    context_tokens: int | None = None
    """Prompt and completion together."""
    completion_tokens: int | None = None
    """What it says at once at most."""
    images: bool | None = None

    def over(self, other: "Sizes") -> "Sizes":
        """Return these, and where they are not known the other's."""
        return Sizes(
            context_tokens=other.context_tokens if self.context_tokens is None else self.context_tokens,
            completion_tokens=other.completion_tokens if self.completion_tokens is None else self.completion_tokens,
            images=other.images if self.images is None else self.images,
        )


class Findings(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a provider was found to take for a model; None where it was not found out."""

    bound: Bound | None = None
    developer: bool | None = None
    """Instructions in the role "developer"."""
    stream_usage: bool | None = None
    """`stream_options`, so that a stream tells its usage."""
    temperature: bool | None = None
    """Any temperature but its default."""
    json_object: bool | None = None
    json_schema: bool | None = None
    parallel_tool_calls: bool | None = None
    """Being told whether to make several calls at once."""


class ModelProfile(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was found out of a model by asking its provider."""

    place: str
    """The provider's base URL."""
    model: str
    """The provider's name for it."""
    probed_at: float
    findings: Findings = Findings()
    sizes: Sizes = Sizes()
