"""What the model gets to see: instructions first, then the newest whole exchanges that fit."""

from retinue.context.context import Context, Prompt, PromptTooLong, Refused

__all__ = ["Context", "Prompt", "PromptTooLong", "Refused"]
