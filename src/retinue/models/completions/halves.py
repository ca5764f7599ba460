"""Halves of characters: servers in JavaScript may cut a text between the two surrogates of an emoji."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from retinue.core.surrogates import mended
from retinue.models.base import CallPiece, ModelEvent, TextPiece

_LONE = "\ufffd"


class Halves:
    """Joins a first half at the end of one piece with the second half at the start of the next."""

    def __init__(self) -> None:
        self.waiting: dict[int | None, str] = {}
        """First halves: of the text (None), and of each call's arguments."""

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
        text = self.waiting.pop(slot, "") + text
        if "\ud800" <= text[-1:] <= "\udbff":
            self.waiting[slot] = text[-1]
            text = text[:-1]
        return mended(text)

    def _left(self) -> Iterator[ModelEvent]:
        for slot in self.waiting:
            yield TextPiece(_LONE) if slot is None else CallPiece(index=slot, arguments=_LONE)
        self.waiting.clear()
