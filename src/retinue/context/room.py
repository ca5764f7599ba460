"""The room that a request has: the model's context less its reply's share, or what is left of the run's own bound."""

from msgspec import Struct

from retinue.core.next_action import CallModel
from retinue.models import ModelFacts

UNKNOWN_CONTEXT_ROOM = 120_000
"""Tokens of a prompt where nobody knows the model's context: what fits 128,000, the usual size, with room to reply."""
_USUAL_REPLY = 16_384  # tokens that are left for a reply that nobody bounds
_REPLY_SHARE = 4  # a reply that nobody bounds has at most this part of the context: one fourth
_ASKED_SHARE = 2  # one that the run or the settings bound, at most this
_MARGIN = 10  # of a model whose tokens can't be counted exactly, one tenth of the room is left free


class Room(Struct, frozen=True, kw_only=True):
    """Bounds of one request, in tokens."""

    prompt: int
    reply: int | None
    """What the model is told to say at most; None leaves it to the model."""
    by_run: bool
    """Whether the run's max_prompt_tokens is what bounds the prompt."""
    context: int | None = None
    """The model's, less the margin; None where nobody knows it."""
    reserved: int = 0
    """Of the context, for the reply."""

    def reply_beside(self, prompt: int) -> int | None:
        """Return what to bound the reply to beside so many tokens: providers refuse both if they exceed the context."""
        if self.reply is None or self.context is None:
            return self.reply
        return min(self.reply, max(self.context - prompt, self.reserved))


def room_for(action: CallModel, facts: ModelFacts, *, reply_tokens: int | None, exact: bool, limit: int | None) -> Room:
    """Return the room for the run's next turn.

    `reply_tokens` is the settings' bound of a reply, `exact` whether the model's tokens are counted as it counts
    them, and `limit` a smaller bound of the prompt, for one that was refused.
    """
    reply = _least(action.completion_tokens, reply_tokens)
    if reply is not None:
        reply = _least(reply, facts.completion_tokens)
    context, reserved, prompt = facts.context_tokens, 0, UNKNOWN_CONTEXT_ROOM
    if context is not None:
        reserved = _reserved(reply, facts, context)
        prompt = context - reserved
        if limit is not None and reply is not None:
            reply = min(reply, reserved)  # the provider counts more than is counted here
    margin = 0 if exact else prompt // _MARGIN
    prompt = _least(prompt - margin, limit) or 0
    by_run = action.prompt_tokens is not None and action.prompt_tokens < prompt
    return Room(
        prompt=_least(prompt, action.prompt_tokens) or 0,
        reply=reply,
        by_run=by_run,
        context=None if context is None else context - margin,
        reserved=reserved,
    )


def _reserved(reply: int | None, facts: ModelFacts, context: int) -> int:
    if reply is not None:
        return min(reply, context // _ASKED_SHARE)
    return min(facts.completion_tokens or _USUAL_REPLY, context // _REPLY_SHARE)


def _least(one: int | None, other: int | None) -> int | None:
    return min((value for value in (one, other) if value is not None), default=None)
