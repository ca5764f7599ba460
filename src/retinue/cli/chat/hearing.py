"""What happens during an answer, heard out of a run's events."""

from collections.abc import Collection, Iterator, Mapping

import msgspec

from retinue.cli.chat.conversation import Asked, Called, Cited, Coded, Happening, Made, Printed, Said, Waiting
from retinue.cli.chat.objects import (
    CodeInterpreter,
    LastError,
    Message,
    MessageDelta,
    Run,
    StepDelta,
    Text,
    Thread,
    ToolCall,
)
from retinue.cli.client.api import decoded
from retinue.cli.client.sse import Event

WAITING = "retinue.waiting"


class _Failure(msgspec.Struct, frozen=True):
    error: LastError


class _OpenCall:
    def __init__(self, name: str) -> None:
        self.name, self.told = name, False
        self.pieces: list[str] = []


class Hearing:
    """One run, heard from its beginning to its end."""

    def __init__(self, served: Collection[str], names: Mapping[str, str] | None = None) -> None:
        """`served` are the functions that the server runs; the others are asked of the client. `names`: see `Start`."""
        self._served, self._names = served, names or {}
        self._calls: dict[tuple[str, int], _OpenCall] = {}
        self.thread_id: str | None = None
        self.run: Run | None = None
        """As it was told last."""
        self.broken: str | None = None
        """Why the stream can't go on, where it said so."""
        self.done = False
        """Whether the last event said that all is told for now."""
        self.last = 0
        """Number of the last event."""
        self._message = ""
        self._made: set[str] = set()

    def hear(self, event: Event) -> Iterator[Happening]:
        """Take an event and yield what happens in it."""
        self.last = event.number or self.last
        self.broken = self.broken if event.name == "done" else None
        self.done = event.name == "done" and self.broken is None
        match event.name:
            case "thread.message.delta":
                yield from self._said(decoded(event.data, MessageDelta))
            case "thread.run.step.delta":
                step = decoded(event.data, StepDelta)
                yield from (called for call in step.delta.step_details.tool_calls for called in self._grown(step, call))
            case "thread.message.completed":
                attached = decoded(event.data, Message).attachments or ()
                yield from (made for one in attached for made in self._making(one.file_id))
            case "thread.created":
                self.thread_id = decoded(event.data, Thread).id
            case name if name == WAITING:
                yield decoded(event.data, Waiting)
            case "error":  # `done` follows it too, though not all was told
                self.broken = decoded(event.data, _Failure).error.message
            case name if name.startswith("thread.run.") and not name.startswith("thread.run.step."):
                self.run = decoded(event.data, Run)
                yield from self._asked(self.run)

    def _said(self, message: MessageDelta) -> Iterator[Said | Made]:
        """Yield what is said; another message than the one before is a paragraph of its own."""
        for image in (part.image_file for part in message.delta.content):
            yield from self._making(image.file_id, chart=True)
        for text in (part.text for part in message.delta.content if part.text.value):
            begin = "" if self._message in ("", message.id) else "\n\n"
            yield Said(begin + text.said(self._names), tuple(self._cited(text)))
            self._message = message.id
            for link in text.annotations:
                yield from self._making(link.file_path.file_id)

    def _cited(self, text: Text) -> Iterator[Cited]:
        for one in text.annotations:
            if file := one.file(self._names):
                yield Cited(
                    file=file, page=one.retinue.page, quote=one.retinue.quote, file_id=one.file_citation.file_id
                )

    def _grown(self, step: StepDelta, call: ToolCall) -> Iterator[Called | Coded | Printed | Made]:
        """Take a part of a call; one of the server's is told once its arguments are whole, a hosted tool at once."""
        if call.code_interpreter is not None:
            yield from self._coded(call.code_interpreter, begins=bool(call.id))
            return
        if call.type != "function":
            yield Called(name=call.type, arguments="")
            return
        grown = self._calls.setdefault((step.id, call.index), _OpenCall(call.function.name))
        grown.pieces.append(call.function.arguments)
        if not grown.told and grown.name in self._served and call.function.arguments.rstrip().endswith("}"):
            arguments = "".join(grown.pieces)
            if _is_whole(arguments):
                grown.told = True
                yield Called(name=grown.name, arguments=arguments)

    def _coded(self, code: CodeInterpreter, *, begins: bool) -> Iterator[Coded | Printed | Made]:
        if code.input or begins:
            yield Coded(code.input, begins)
        if code.outputs:
            yield Printed("\n".join(output.logs for output in code.outputs if output.type == "logs"))
        for output in code.outputs:
            yield from self._making(output.image.file_id, chart=True)

    def _making(self, file_id: str, *, chart: bool = False) -> Iterator[Made]:
        """Tell of a chart or a file, once."""
        if file_id and file_id not in self._made:
            self._made.add(file_id)
            yield Made(file_id=file_id, kind="chart" if chart else "file")

    def _asked(self, run: Run) -> Iterator[Asked]:
        if run.status == "requires_action":
            for call in run.pending:
                yield Asked(call_id=call.id, name=call.function.name, arguments=call.function.arguments)


def _is_whole(arguments: str) -> bool:
    """Whether nothing can follow: arguments are an object."""
    try:
        msgspec.json.decode(arguments)
    except (msgspec.MsgspecError, ValueError):
        return False
    return True
