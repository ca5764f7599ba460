"""Exchanges: a user's message and all that followed it, made to fit where it is too large as a whole."""

from collections.abc import Sequence

from msgspec import Struct, structs

from retinue.context.chat import Json, Piece
from retinue.context.outputs import DENSEST
from retinue.core.cutting import cut_middle
from retinue.core.item import Placed, ToolOutput
from retinue.models.tokens import Counter

_LEAST = 100
"""Tokens to which an output is cut at most: its note takes some forty."""

Ranges = tuple[tuple[int, int], ...]


class Exchange(Struct, frozen=True, kw_only=True, gc=False):
    """Items of a thread, and what is sent of them."""

    items: tuple[Placed, ...]
    pieces: tuple[Piece, ...]
    tokens: int
    """Of the pieces: counted, or at most."""
    counted: bool = False
    cut: int = 0
    """How many tool outputs were cut in the middle."""
    omitted: int = 0
    """Characters that this left out."""
    rounds: int = 0
    """How many of the pieces that follow the question were left out, the oldest."""

    @property
    def start(self) -> int:
        """The position where it begins."""
        return self.items[0].position

    @property
    def end(self) -> int:
        """The position of its last item."""
        return self.items[-1].position

    @property
    def ranges(self) -> Ranges:
        """Inclusive ranges of the positions of what is sent."""
        if not self.rounds:
            return ((self.start, self.end),)
        rest = next(piece.position for piece in self.pieces if not piece.is_question)
        if not self.pieces[0].is_question:
            return ((rest, self.end),)
        question = self.pieces[0].position
        return ((question, question), (rest, self.end))

    @property
    def begins_late(self) -> bool:
        """Whether its beginning is among what was left out."""
        return self.rounds > 0 and not self.pieces[0].is_question

    @property
    def sent(self) -> int:
        """How many of the items are in the ranges."""
        if not self.rounds:
            return len(self.items)
        return sum(any(a <= placed.position <= b for a, b in self.ranges) for placed in self.items)


class TooLarge(Exception):
    """Not even the question, or the last round with its outputs cut, has room; `tokens` is the least that it takes."""

    def __init__(self, tokens: int) -> None:
        super().__init__(tokens)
        self.tokens = tokens


def bounded(items: Sequence[Placed], pieces: tuple[Piece, ...], counter: Counter) -> Exchange:
    """Return the exchange with what it comes to at most."""
    tokens = 0
    missing: list[int] = []
    for piece in pieces:
        for message in piece.chat:
            tokens += counter.bound_message(message)
        if piece.outputs:
            missing += [_missing(output) for output in piece.outputs if output.blob is not None]
    return Exchange(items=tuple(items), pieces=pieces, tokens=tokens, cut=len(missing), omitted=sum(missing))


async def counted(exchange: Exchange, counter: Counter) -> Exchange:
    """Return the exchange with what it really comes to."""
    if exchange.counted:
        return exchange
    return structs.replace(exchange, tokens=await _count(exchange.pieces, counter), counted=True)


async def whole(exchange: Exchange, limit: int, counter: Counter) -> Exchange | None:
    """Return the exchange if all of it comes to at most `limit` tokens, counted only if need be."""
    if exchange.tokens <= limit:
        return exchange
    tokens = sum(map(sum, await _sizes(exchange, limit, counter)))
    return structs.replace(exchange, tokens=tokens, counted=True) if tokens <= limit else None


async def fitted(exchange: Exchange, limit: int, counter: Counter, *, rounds_from: int | None) -> Exchange:
    """Return the exchange in at most `limit` tokens: whole, else with outputs cut, else without its oldest rounds.

    What it does moves in steps, so that the provider's cache still holds most of what is sent when the next round
    has come: outputs are all cut to the same size, which is halved each time there is no room left for another
    round, and rounds are dropped down to three quarters of the room; after that those from `rounds_from` on are kept
    as long as they fit. Raises TooLarge.
    """
    if (all_of_it := await whole(exchange, limit, counter)) is not None:
        return all_of_it
    sizes = await _sizes(exchange, limit, counter)
    cap = _cap(exchange.pieces, sizes, limit)
    cut = [await _cut(piece, of, cap, counter) for piece, of in zip(exchange.pieces, sizes, strict=True)]
    kept = _kept(cut, limit, rounds_from)
    return structs.replace(
        exchange,
        pieces=tuple(made.piece for made in kept),
        tokens=sum(made.tokens for made in kept),
        counted=True,
        cut=sum(made.cut for made in kept),
        omitted=sum(made.omitted for made in kept),
        rounds=len(cut) - len(kept),
    )


class _Made(Struct, frozen=True):
    piece: Piece
    tokens: int
    cut: int = 0
    omitted: int = 0


async def _count(pieces: Sequence[Piece], counter: Counter) -> int:
    return sum([await counter.count_message(message) for piece in pieces for message in piece.chat])


async def _sizes(exchange: Exchange, limit: int, counter: Counter) -> list[list[int]]:
    return [[await _size(message, limit, counter) for message in piece.chat] for piece in exchange.pieces]


async def _size(message: Json, limit: int, counter: Counter) -> int:
    """The message's tokens; of one that can't have room anyway, about as many as it must have at the least."""
    text = message["content"]
    if isinstance(text, str) and len(text) > DENSEST * limit:
        return len(text) // DENSEST + 1
    return await counter.count_message(message)


def _cap(pieces: Sequence[Piece], sizes: Sequence[Sequence[int]], limit: int) -> int:
    """The largest size of an output, of those that are halves of each other, with which all have room."""
    outputs = [size for piece, of in zip(pieces, sizes, strict=True) for size in of[len(of) - len(piece.outputs) :]]
    others = sum(map(sum, sizes)) - sum(outputs)
    cap = limit // 2
    while cap > 2 * _LEAST and others + sum(min(size, cap) for size in outputs) > limit:
        cap //= 2
    return max(cap, _LEAST)


async def _cut(piece: Piece, sizes: Sequence[int], cap: int, counter: Counter) -> _Made:
    first = len(piece.chat) - len(piece.outputs)
    chat, tokens, cuts, omitted = list(piece.chat), sum(sizes), 0, 0
    for index, output in enumerate(piece.outputs, start=first):
        if sizes[index] > cap:
            keep, size = await _cut_to(chat[index], output, sizes[index], cap, counter)
            omitted += (output.size or len(chat[index]["content"])) - keep
            chat[index] = _with_ends(chat[index], output, keep)
            tokens += size - sizes[index]
            cuts += 1
        elif output.blob is not None:
            cuts += 1
            omitted += _missing(output)
    return _Made(structs.replace(piece, chat=tuple(chat)), tokens, cuts, omitted)


def _missing(output: ToolOutput) -> int:
    """Characters that the row of an output lacks."""
    return max((output.size or 0) - len(output.output), 0)


async def _cut_to(message: Json, output: ToolOutput, size: int, cap: int, counter: Counter) -> tuple[int, int]:
    """How many characters of an output to keep so that its message comes to at most `cap` tokens, and to how many."""
    keep = len(message["content"]) * cap // size
    while True:
        tokens = await counter.count_message(_with_ends(message, output, keep))
        if tokens <= cap or not keep:
            return keep, tokens
        keep = keep * cap // tokens * 9 // 10


def _with_ends(message: Json, output: ToolOutput, keep: int) -> Json:
    return {**message, "content": cut_middle(message["content"], keep, size=output.size)}


def _kept(made: Sequence[_Made], limit: int, rounds_from: int | None) -> Sequence[_Made]:
    """The question and the newest rounds that have room; the last one always."""
    if sum(one.tokens for one in made) <= limit:
        return made
    head = [one for one in made[:1] if one.piece.is_question]
    question = sum(one.tokens for one in head)
    rest = made[len(head) :]
    if not rest or question > limit:
        raise TooLarge(question or sum(one.tokens for one in made))
    kept = [one for one in rest if rounds_from is not None and one.piece.position >= rounds_from]
    if not kept or question + sum(one.tokens for one in kept) > limit:
        kept, room = [], limit * 3 // 4 - question
        for one in reversed(rest):
            if kept and one.tokens > room:
                break
            kept.insert(0, one)
            room -= one.tokens
    total = question + sum(one.tokens for one in kept)
    if total > limit:
        raise TooLarge(total)
    return [*head, *kept]
