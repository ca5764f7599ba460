"""What happens during a run, as the drivers tell it and the doors render it.

Each event has a number, its place in the run; a listener that was cut off asks for those after the last it saw.
"""

from msgspec import Struct

from retinue.core.item import Message, ToolCall, ToolOutput
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


class TextDelta(Struct, frozen=True):
    """The message grew by `text`."""

    number: int
    message_id: str
    text: str
    first: bool


class CallStarted(Struct, frozen=True):
    """The model began its call number `index` of this step."""

    number: int
    step_id: str
    index: int
    call_id: str
    name: str


class CallDelta(Struct, frozen=True):
    """The arguments of call number `index` grew by `arguments`."""

    number: int
    step_id: str
    index: int
    arguments: str


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


Event = RunChanged | StepStarted | TextDelta | CallStarted | CallDelta | StepEnded | Waiting
