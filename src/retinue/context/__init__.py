"""What the model gets to see: instructions first, then the newest whole exchanges that fit."""

from retinue.context.request import DEFAULT_WINDOW_TOKENS, PromptTooLong, build_request

__all__ = ["DEFAULT_WINDOW_TOKENS", "PromptTooLong", "build_request"]
