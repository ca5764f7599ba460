"""Tokens spent."""

from msgspec import Struct


class Usage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Tokens of one model call, or of several added up."""

    prompt: int = 0
    completion: int = 0
    cached: int = 0
    """Of the prompt's: read from the provider's cache."""
    reasoning: int = 0
    """Of the completion's: spent on reasoning."""
    estimated: bool = False
    """True where the provider reported nothing and the figures are counted here."""

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            prompt=self.prompt + other.prompt,
            completion=self.completion + other.completion,
            cached=self.cached + other.cached,
            reasoning=self.reasoning + other.reasoning,
            estimated=self.estimated or other.estimated,
        )

    @property
    def total(self) -> int:
        """Prompt and completion together."""
        return self.prompt + self.completion
