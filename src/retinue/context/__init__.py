"""What the model gets to see: instructions first, then the newest whole exchanges that fit."""

from retinue.context.context import Context, PromptTooLong, Refused

__all__ = ["Context", "PromptTooLong", "Refused"]
