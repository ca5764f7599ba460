"""Replies: what the model is going to say, before it is cut to length and streamed."""

import math
from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from retinue.core.ids import new_id
from retinue.models.base import CallPiece, TextPiece
from retinue.models.rehearsal import tokens

_FRAGMENT = 8  # characters of a call's arguments in one piece: about two tokens


class Call(Struct, frozen=True, kw_only=True):
    """A tool call to be made."""

    name: str
    arguments: str
    """JSON, or whatever a script says in its place."""
    id: str | None = None
    """None for a fresh one."""


class Reply(Struct, frozen=True, kw_only=True):
    """Text, then calls; either may be missing."""

    text: str = ""
    calls: tuple[Call, ...] = ()

    @property
    def tokens(self) -> int:
        """How many tokens it has."""
        return tokens.count(self.text) + sum(
            tokens.count(call.name) + tokens.count(call.arguments) for call in self.calls
        )

    def cut(self, limit: int | None) -> "Reply":
        """Return as much of it as fits into `limit` tokens: itself where all of it does."""
        if limit is None or self.tokens <= limit:
            return self
        text = tokens.cut(self.text, limit)
        if text != self.text:
            return Reply(text=text)
        return Reply(text=text, calls=tuple(_cut_calls(self.calls, limit - tokens.count(text))))

    def until(self, stops: Sequence[str]) -> "Reply":
        """Return as much of it as stands before the first of these texts: itself where none is in it."""
        ends = [at for stop in stops if stop and (at := self.text.find(stop)) >= 0]
        return Reply(text=self.text[: min(ends)]) if ends else self

    def pieces(self, count: int | None = None) -> Iterator[TextPiece | CallPiece]:
        """Yield it piece by piece, the text in `count` of them where that is given and it is long enough."""
        for text in tokens.split(self.text) if count is None else _parts(self.text, count):
            yield TextPiece(text)
        for index, call in enumerate(self.calls):
            yield CallPiece(index=index, id=call.id or new_id("call"), name=call.name)
            for start in range(0, len(call.arguments), _FRAGMENT):
                yield CallPiece(index=index, arguments=call.arguments[start : start + _FRAGMENT])


def _cut_calls(calls: tuple[Call, ...], limit: int) -> Iterator[Call]:
    for call in calls:
        limit -= tokens.count(call.name)
        if limit < 0:
            return
        yield replace(call, arguments=tokens.cut(call.arguments, limit))
        limit -= tokens.count(call.arguments)
        if limit < 0:
            return


def _parts(text: str, count: int) -> Iterator[str]:
    count = min(count, len(text))
    for part in range(count):
        yield text[math.ceil(part * len(text) / count) : math.ceil((part + 1) * len(text) / count)]
