"""What happens during a run, as the drivers tell it and the doors render it.

Each event has a number, its place in the run; a listener that was cut off asks for those after the last it saw.
"""

from collections.abc import Iterable

from msgspec import Struct, structs

from retinue.core.citations import Mark
from retinue.core.item import CallKind, Message, ToolCall, ToolOutput
from retinue.core.run import Run
from retinue.core.step import Step


class RunChanged(Struct, frozen=True):
    """The run reached the status that it now bears."""

    number: int
    run: Run


class StepStarted(Struct, frozen=True):
    """A step began; `message` is the empty message of a message step."""

    number: int
    step: Step
    message: Message | None = None


class TextDeltas(Struct, frozen=True):
    """The message grew by these texts, which came together: an event each, numbered on, `number` is the last one's."""

    number: int
    message_id: str
    texts: tuple[str, ...]
    opening: bool
    """Whether the text begins with the first of them."""
    part: int = 0
    """Which part of the message's content the text is: the charts stand before it."""

    def after(self, number: int) -> "TextDeltas":
        """Return those with a number greater than `number`."""
        seen = number - (self.number - len(self.texts))
        return structs.replace(self, texts=self.texts[seen:], opening=False) if seen > 0 else self


class Cited(Struct, frozen=True):
    """The message grew by a marker, or by a link to a file, and by what that is: its annotation number `index`."""

    number: int
    message_id: str
    index: int
    mark: Mark
    """In the text as it is shown."""
    opening: bool
    """Whether the text begins with it."""
    part: int = 0
    """As of `TextDeltas`."""


class ImageShown(Struct, frozen=True):
    """The message grew by an image, the part number `part` of its content."""

    number: int
    message_id: str
    part: int
    file_id: str


class CallStarted(Struct, frozen=True):
    """The model began its call number `index` of this step. Of a file search's arguments nothing is told."""

    number: int
    step_id: str
    index: int
    call_id: str
    name: str
    kind: CallKind = "function"


class CallDelta(Struct, frozen=True):
    """The arguments of call number `index` grew by `arguments`; a code interpreter's are the code itself."""

    number: int
    step_id: str
    index: int
    arguments: str
    kind: CallKind = "function"


class CallEnded(Struct, frozen=True):
    """Code that call number `index` of this step has run came to this."""

    number: int
    step_id: str
    index: int
    output: ToolOutput


class StepEnded(Struct, frozen=True):
    """A step reached a final status, with all that came of it."""

    number: int
    step: Step
    message: Message | None = None
    calls: tuple[ToolCall, ...] = ()
    outputs: tuple[ToolOutput, ...] = ()


class Waiting(Struct, frozen=True):
    """A call of the model was not answered, and others follow. It is stored nowhere, so no replay tells it."""

    number: int
    """That of the event before: it takes none of its own."""
    why: str
    """A sentence."""
    seconds: float
    """Until the next try; 0 where another provider is asked at once."""


Event = (
    RunChanged
    | StepStarted
    | TextDeltas
    | Cited
    | ImageShown
    | CallStarted
    | CallDelta
    | CallEnded
    | StepEnded
    | Waiting
)


def events_after(events: Iterable[Event], number: int) -> list[Event]:
    """Return those with a number greater than `number`, in their order."""
    later = [event for event in events if event.number > number]
    return [event.after(number) if isinstance(event, TextDeltas) else event for event in later]
