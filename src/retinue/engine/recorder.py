"""One model call on its way in: pieces become deltas to tell at once, and steps and items to store at its end."""

from collections.abc import Callable, Sequence
from typing import Protocol

from msgspec import structs

from retinue.core.citations import Mark
from retinue.core.citing import Scanner, Sources
from retinue.core.events import Cited, Event, ImageShown, StepEnded, StepStarted, TextDeltas
from retinue.core.hosted import kinds
from retinue.core.ids import new_id
from retinue.core.item import Annotation, IncompleteReason, Item, Message, MessageStatus, Text
from retinue.core.produced import Produced
from retinue.core.run import Run
from retinue.core.step import RunError, Step, StepKind, StepStatus
from retinue.core.turn import Finish
from retinue.core.usage import Usage
from retinue.engine.calls import OpenCalls
from retinue.models import CallPiece

_NOTHING = Produced()

_BROKEN_OFF: dict[Finish, IncompleteReason] = {"length": "max_tokens", "content_filter": "content_filter"}


class NextNumber(Protocol):
    """Gives events their numbers."""

    def __call__(self, count: int = 1) -> int:
        """Return the number of one more event, or of the last of so many."""
        ...


class _OpenMessage:
    """A message that is being said; its content until now are the charts that stand before the text."""

    def __init__(self, step: Step, message: Message, scanner: Scanner | None) -> None:
        self.step, self.message, self.scanner = step, message, scanner
        self.images = message.content
        self.pieces: list[str] = []
        self.citations: list[Annotation] = []

    def so_far(self) -> tuple[Step, Message]:
        content = self.images
        cuts: list[tuple[int, ...]] = [() for _ in self.images]
        if self.pieces or self.citations or not self.images:
            content = (*content, Text("".join(self.pieces), tuple(self.citations)))
            cuts.append(tuple(map(len, self.pieces)))
        return structs.replace(self.step, cuts=tuple(cuts)), structs.replace(self.message, content=content)


class Recorder:
    """Takes the pieces of one model call. Text after the first tool call waits until the calls are whole."""

    def __init__(
        self,
        run: Run,
        *,
        turn: int,
        next_number: NextNumber,
        tell: Callable[[Event], None],
        produced: Produced = _NOTHING,
    ) -> None:
        """`produced` is what the message is to show beside its text."""
        self._run, self._turn, self._produced = run, turn, produced
        self._next_number, self._tell = next_number, tell
        self._message: _OpenMessage | None = None
        self._calls: OpenCalls | None = None
        self._late: list[str] = []
        self._steps: list[Step] = []
        self._items: list[Item] = []
        self.sources: Sources | None = None
        """What the model may cite; None where there is nothing, or its text is to stay as it is."""

    def text(self, pieces: Sequence[str], *, at: float) -> None:
        """Take more text, in the pieces in which the model said it."""
        if self._calls is not None:
            self._late += pieces
            return
        if self._message is None:
            self._message = self._open_message(at)
        self._say(self._message, pieces)

    def call(self, piece: CallPiece, *, at: float) -> None:
        """Take more of a tool call."""
        if self._calls is None:
            if self._message is not None:
                self._tell(self._end_message(self._message, at, reason=None, usage=Usage()))
            step = self._new_step("tool_calls", at)
            self._tell(StepStarted(step.first_event, step))
            known = kinds(self._run.spec.tools)
            self._calls = OpenCalls(step, next_number=self._next_number, tell=self._tell, kinds=known)
        self._calls.add(piece, at=at)

    def break_off(self, *, at: float) -> None:
        """No more will come: tell what was held back, so that what was told is all there is."""
        if self._calls is not None:
            self._calls.end()
        if self._late:
            self._say_late(at)
        if self._message is not None:
            self._say_held(self._message)

    def so_far(self) -> tuple[tuple[Step, ...], tuple[Item, ...]]:
        """Return what came until now; what is open stays open."""
        steps, items = [*self._steps], [*self._items]
        if self._message is not None:
            step, message = self._message.so_far()
            steps.append(step)
            items.append(message)
        if self._calls is not None:
            step, calls = self._calls.so_far()
            steps.append(step)
            items.extend(calls)
        return tuple(steps), tuple(items)

    def answer(self) -> str:
        """Return the text of the message that is open."""
        return "".join(self._message.pieces) if self._message else ""

    def end(self, finish: Finish, usage: Usage, *, at: float, problem: str | None = None) -> list[Event]:
        """The model is done: return the events to tell once all this is stored. Calls stay open for their outputs.

        An answer with a problem is closed as incomplete: it never was what the caller asked for.
        """
        if self._calls is None and self._message is None and finish == "stop":
            self._late.append("")  # the model fell silent: that is an answer too, and clients read one
        self.break_off(at=at)
        if self._message is None:
            return []
        spent = usage if self._calls is None else Usage()
        reason = "run_failed" if problem else _BROKEN_OFF.get(finish)
        return [self._end_message(self._message, at, reason=reason, usage=spent, problem=problem)]

    def _say_late(self, at: float) -> None:
        text = "".join(self._late)
        self._late.clear()
        self._message = self._open_message(at)
        if text or not self._message.images:  # charts alone are an answer
            self._say(self._message, (text,))

    def _say(self, open_: _OpenMessage, pieces: Sequence[str]) -> None:
        if open_.scanner is not None:
            self._say_cited(open_, open_.scanner.take(pieces))
            return
        number, part = self._next_number(len(pieces)), len(open_.images)
        self._tell(TextDeltas(number, open_.message.id, tuple(pieces), not open_.pieces, part))
        open_.pieces += pieces

    def _say_held(self, open_: _OpenMessage) -> None:
        if open_.scanner is not None:
            self._say_cited(open_, open_.scanner.end())

    def _say_cited(self, open_: _OpenMessage, found: Sequence[Sequence[str] | Mark]) -> None:
        part = len(open_.images)
        for said in found:
            opening = not (open_.pieces or open_.citations)
            if isinstance(said, Mark):
                number, index = self._next_number(), len(open_.citations)
                self._tell(Cited(number, open_.message.id, index, said, opening, part))
                open_.citations.append(said.annotation)
                if not said.annotation.marker:
                    open_.pieces.append(said.text)
            else:
                self._tell(TextDeltas(self._next_number(len(said)), open_.message.id, tuple(said), opening, part))
                open_.pieces += said

    def _end_message(
        self,
        open_: _OpenMessage,
        at: float,
        *,
        reason: IncompleteReason | None,
        usage: Usage,
        problem: str | None = None,
    ) -> StepEnded:
        self._say_held(open_)
        step, message = open_.so_far()
        self._message = None
        status: MessageStatus = "incomplete" if reason else "completed"
        message = structs.replace(message, status=status, reason=reason, rejected=problem is not None, ended_at=at)
        number = self._next_number()
        error = RunError(code="server_error", message=problem) if problem else None
        ending: StepStatus = "failed" if problem else "completed"
        step = structs.replace(step, status=ending, ended_at=at, error=error, usage=usage, last_event=number)
        self._steps.append(step)
        self._items.append(message)
        return StepEnded(number, step, message)

    def _open_message(self, at: float) -> _OpenMessage:
        run = self._run
        shown, self._produced = self._produced, _NOTHING
        message_id = new_id("msg")
        step = self._new_step("message_creation", at, message_id=message_id)
        message = Message(
            id=message_id,
            thread_id=run.thread_id,
            role="assistant",
            created_at=at,
            status="in_progress",
            assistant_id=run.spec.assistant_id,
            run_id=run.id,
            step_id=step.id,
            attachments=shown.attachments,
        )
        self._tell(StepStarted(step.first_event, step, message))
        for part, file_id in enumerate(shown.charts):
            self._tell(ImageShown(self._next_number(), message_id, part, file_id))
        message = structs.replace(message, content=shown.images)
        return _OpenMessage(step, message, Scanner(self.sources) if self.sources else None)

    def _new_step(self, kind: StepKind, at: float, *, message_id: str | None = None) -> Step:
        return Step(
            id=new_id("step"),
            run_id=self._run.id,
            thread_id=self._run.thread_id,
            assistant_id=self._run.spec.assistant_id,
            kind=kind,
            message_id=message_id,
            turn=self._turn,
            created_at=at,
            expires_at=self._run.expires_at,
            first_event=self._next_number(),
        )
