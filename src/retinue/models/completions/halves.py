"""Halves of characters: servers in JavaScript may cut a text between the two surrogates of an emoji."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from retinue.core.surrogates import mended
from retinue.models.base import CallPiece, ModelEvent, TextPiece

_LONE = "\ufffd"


class Halves:
    """Joins a first half at the end of one piece with the second half at the start of the next.

    True while a first half waits; the text and each call's arguments have their own.
    """

    def __init__(self) -> None:
        self._waiting: dict[int | None, str] = {}

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def joined(self, events: Sequence[ModelEvent], *, last: bool) -> list[ModelEvent]:
        """Return these events with whole characters only; `last` lets no half wait any longer."""
        whole = [event for event in map(self._joined, events) if event is not None]
        return [*whole, *self._left()] if last else whole

    def _joined(self, event: ModelEvent) -> ModelEvent | None:
        match event:
            case TextPiece(text=text):
                text = self._whole(None, text)
                return TextPiece(text) if text else None
            case CallPiece(arguments=arguments):
                arguments = self._whole(event.index, arguments)
                return replace(event, arguments=arguments) if arguments or event.name else None
            case _:
                return event

    def _whole(self, slot: int | None, text: str) -> str:
        text = self._waiting.pop(slot, "") + text
        if "\ud800" <= text[-1:] <= "\udbff":
            self._waiting[slot] = text[-1]
            text = text[:-1]
        return mended(text)

    def _left(self) -> Iterator[ModelEvent]:
        for slot in self._waiting:
            yield TextPiece(_LONE) if slot is None else CallPiece(index=slot, arguments=_LONE)
        self._waiting.clear()
