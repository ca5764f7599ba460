"""A thread's items as chat messages, so that every tool call has its output and the other way round."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from msgspec import Struct, structs

from retinue.context.code import told_of
from retinue.core.citations import shown
from retinue.core.item import ImageFile, ImageUrl, Part, Placed, Said, Text, ToolCall, ToolOutput

Json = dict[str, Any]
Outputs = dict[tuple[str, str], ToolOutput]  # by step and call_id: some models number calls anew in every turn

FILE = "file_id"
"""Where a part of a chat message names the file whose image is to be put in: see context/images.py."""


class Piece(Struct, frozen=True, gc=False):
    """Chat messages that are sent together or not at all: a message, or a round of calls and their outputs."""

    position: int
    """Of its first item."""
    chat: tuple[Json, ...]
    outputs: tuple[ToolOutput, ...] = ()
    """A round's: each is one of the last messages of `chat`, in this order."""

    @property
    def is_question(self) -> bool:
        """Whether it is something that the user said."""
        return bool(self.chat[0]["role"] == "user")


def pieces_of(items: Sequence[Placed], *, run: str) -> Iterator[Piece]:
    """Yield the pieces of a stretch of the thread; `run` is the run that is asking.

    Left out: calls that were never answered (their run was cancelled), what this run's own abandoned attempts had
    begun to say, and answers that were not in their run's format. The calls of one step go into one chat message, with
    the text said before them. An answer is shown with its citations where what was found is shown too.
    """
    outputs = {(p.item.step_id, p.item.call_id): p.item for p in items if isinstance(p.item, ToolOutput)}
    markers = {hit.marker for output in outputs.values() for hit in output.hits}
    text: Piece | None = None
    step: str | None = None
    calls: list[ToolCall] = []
    position = 0
    for placed in items:
        item = placed.item
        if calls and not (isinstance(item, ToolCall) and item.step_id == step):
            yield _round(text, position, calls, outputs)
            text, calls = None, []
        match item:
            case Said():
                if text:
                    yield text
                text = None
                message = _message(_with_markers(item, markers) if markers else item)
                if _is_shown(item, message, run):
                    piece = Piece(placed.position, (message,))
                    if item.role == "assistant":
                        text = piece
                    else:
                        yield piece
            case ToolCall():
                step = item.step_id
                position = position if calls else placed.position
                calls += [item] if (item.step_id, item.call_id) in outputs else []
            case ToolOutput():
                pass
    if calls:
        yield _round(text, position, calls, outputs)
    elif text:
        yield text


def pieces_of_messages(items: Sequence[Placed], *, run: str) -> tuple[Piece, ...] | None:
    """Return the same where there are messages alone, None where there are calls: a long thread has thousands."""
    pieces = []
    for placed in items:
        item = placed.item
        if not isinstance(item, Said):
            return None
        message = _message(item)
        if _is_shown(item, message, run):
            pieces.append(Piece(placed.position, (message,)))
    return tuple(pieces)


def _is_shown(said: Said, message: Json, run: str) -> bool:
    return said.status == "completed" or (said.run_id != run and bool(message["content"]) and not said.rejected)


def _round(text: Piece | None, position: int, calls: Sequence[ToolCall], outputs: Outputs) -> Piece:
    asked = {
        "role": "assistant",
        "content": text.chat[0]["content"] if text else None,
        "tool_calls": [
            {"id": c.call_id, "type": "function", "function": {"name": c.name, "arguments": c.arguments}} for c in calls
        ],
    }
    answers = tuple(outputs[call.step_id, call.call_id] for call in calls)
    told = tuple(_answer(call, answer) for call, answer in zip(calls, answers, strict=True))
    return Piece(text.position if text else position, (asked, *told), answers)


def _answer(call: ToolCall, output: ToolOutput) -> Json:
    content = told_of(output) if call.kind == "code_interpreter" else output.output
    return {"role": "tool", "tool_call_id": output.call_id, "content": content}


def _message(said: Said) -> Json:
    content = said.content
    if len(content) == 1 and isinstance(first := content[0], Text):  # nearly all
        return {"role": said.role, "content": first.value}
    if all(isinstance(part, Text) for part in content):
        return {"role": said.role, "content": said.text}
    if said.role == "assistant":  # no provider takes an image from its own side
        return {"role": said.role, "content": "\n".join(map(_told, content))}
    return {"role": said.role, "content": [_part(part) for part in content]}


def _with_markers(said: Said, known: Collection[str]) -> Said:
    """What was said with the markers of these passages in it: so the model sees what it cited."""
    parts = [_marked(part, known) if isinstance(part, Text) and part.annotations else part for part in said.content]
    return structs.replace(said, content=tuple(parts))


def _marked(text: Text, known: Collection[str]) -> Text:
    annotations = tuple(cited for cited in text.annotations if cited.marker in known)
    return Text(shown(Text(text.value, annotations))[0])


def _told(part: Part) -> str:
    match part:
        case Text():
            return part.value
        case ImageFile():
            return f"[image shown to the user: {part.file_id}]"
        case ImageUrl():
            return "[image shown to the user]"


def _part(part: Part) -> Json:
    match part:
        case Text():
            return {"type": "text", "text": part.value}
        case ImageUrl():
            return {"type": "image_url", "image_url": {"url": part.url, "detail": part.detail}}
        case ImageFile():
            return {"type": "image_url", "image_url": {"url": "", "detail": part.detail}, FILE: part.file_id}
