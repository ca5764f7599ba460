"""What a turn's manifest says of the request that was built for it."""

from collections.abc import Iterator, Sequence

from retinue.context.window import Window
from retinue.core.run import RunSpec
from retinue.core.turn import Manifest


def manifest_of(window: Window, spec: RunSpec, *, tools: Sequence[str], room: int, notes: Sequence[str]) -> Manifest:
    """Return the manifest; `tools` are the names that were offered, `notes` say what else was left out."""
    return Manifest(
        items=window.ranges,
        dropped=window.dropped,
        short=window.short and window.dropped > 0,
        cut=sum(shown.cut for shown in window.exchanges),
        tokens=window.tokens,
        room=room,
        tools=tuple(tools),
        notes=(*_notes(window, spec, room), *notes),
    )


def _notes(window: Window, spec: RunSpec, room: int) -> Iterator[str]:
    if window.dropped:
        yield f"{window.dropped:,} older items of the thread were left out: {_reason(window, spec, room)}."
    rounds = sum(shown.rounds for shown in window.exchanges)
    if rounds:
        yield f"Among them are {rounds:,} replies and rounds of tool calls that followed a question which was sent."
    cut = sum(shown.cut for shown in window.exchanges)
    if cut:
        omitted = sum(shown.omitted for shown in window.exchanges)
        yield f"{cut:,} tool outputs were cut in the middle: {omitted:,} characters were left out."


def _reason(window: Window, spec: RunSpec, room: int) -> str:
    if window.short or any(shown.rounds for shown in window.exchanges):
        return f"there is room for {room:,} tokens"
    if spec.last_messages is not None:
        return "as the run's truncation strategy asks"
    return "as the server's settings bound the turns"
