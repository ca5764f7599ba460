"""Core values as the objects of v1, where they differ from v2's. What v1 has no word for is said in its nearest."""

from collections.abc import Iterable, Sequence

from retinue.api.assistants import render
from retinue.api.lists import Json
from retinue.core.assistant import Assistant, AttachedFile
from retinue.core.assistant_files import MAX_FILES, MAX_MESSAGE_FILES
from retinue.core.citations import Mark, shown
from retinue.core.item import Attachment, CallKind, ImageFile, ImageUrl, Message, Part, Text, ToolCall, ToolOutput
from retinue.core.run import Run, Status
from retinue.core.spending import Spending
from retinue.core.step import Step
from retinue.core.thread import Thread
from retinue.core.tools import NamedTool


def assistant(value: Assistant, files: Sequence[AttachedFile]) -> Json:
    """Return an `assistant`; a list longer than v1 knows is told whole under /assistants/{assistant_id}/files."""
    rendered = render.assistant(value)
    del rendered["tool_resources"], rendered["reasoning_effort"]
    rendered.pop("retinue", None)
    rendered["tools"] = _tools(rendered["tools"])
    rendered["file_ids"] = [file.file_id for file in files[:MAX_FILES]]
    return rendered


def assistant_file(value: AttachedFile, assistant_id: str) -> Json:
    """Return an `assistant.file`."""
    return {
        "id": value.file_id,
        "object": "assistant.file",
        "created_at": int(value.attached_at),
        "assistant_id": assistant_id,
    }


def thread(value: Thread, spending: Spending | None = None) -> Json:
    """Return a `thread`."""
    rendered = render.thread(value, spending)
    del rendered["tool_resources"]
    return rendered


def message(value: Message) -> Json:
    """Return a `thread.message`; an image at an address is told as its address, in text."""
    rendered = render.message(value)
    del rendered["attachments"]
    rendered["content"] = [part(one) for one in value.content]
    rendered["file_ids"] = [file.file_id for file in value.attachments[:MAX_MESSAGE_FILES]]
    return rendered


def message_file(value: Attachment, of: Message) -> Json:
    """Return a `thread.message.file`."""
    return {
        "id": value.file_id,
        "object": "thread.message.file",
        "created_at": int(of.created_at),
        "message_id": of.id,
    }


def run(value: Run) -> Json:
    """Return a `thread.run`. What a token limit ended was `completed` in v1, with `incomplete_details` beside it.

    Its clients poll on for ever at a status that they don't know.
    """
    rendered = render.run(value)
    if value.status is Status.INCOMPLETE:
        rendered["status"] = Status.COMPLETED
    del rendered["tool_resources"], rendered["reasoning_effort"], rendered["parallel_tool_calls"]
    rendered["tools"] = _tools(rendered["tools"])
    rendered["file_ids"] = list(value.spec.file_ids)
    choice = value.spec.tool_choice
    if isinstance(choice, NamedTool) and choice.type == "file_search":
        rendered["tool_choice"] = {"type": "retrieval"}
    return rendered


def step(value: Step, calls: Iterable[ToolCall], outputs: Iterable[ToolOutput], *, contents: bool = False) -> Json:
    """Return a `thread.run.step`; v1 told nothing of what was retrieved."""
    rendered = render.step(value, calls, outputs)
    details = rendered["step_details"]
    if "tool_calls" in details:
        details["tool_calls"] = [_call(call) for call in details["tool_calls"]]
    return rendered


def part(value: Part) -> Json:
    """Return a part of a message's content; an image at an address as its address, in text."""
    rendered = render.part(value)
    match value:
        case Text():
            rendered["text"]["annotations"] = [annotation(mark) for mark in shown(value)[1]]
        case ImageFile():
            del rendered["image_file"]["detail"]
        case ImageUrl():
            address = "[image]" if value.url.startswith("data:") else value.url
            return render.part(Text(address))
    return rendered


def annotation(mark: Mark) -> Json:
    """Return an annotation, with the quote in its place."""
    rendered = render.annotation(mark)
    rendered.pop("retinue", None)
    if mark.annotation.kind == "file_citation":
        rendered["file_citation"]["quote"] = mark.annotation.quote or ""
    return rendered


def hosted(kind: CallKind) -> str:
    """Return what the calls of a hosted tool are called."""
    return "retrieval" if kind == "file_search" else kind


def code_outputs(value: ToolOutput) -> list[Json]:
    """Return what code came to."""
    return render.code_outputs(value)


def _tools(tools: list[Json]) -> list[Json]:
    return [_tool(tool) for tool in tools]


def _tool(tool: Json) -> Json:
    match tool["type"]:
        case "file_search":
            return {"type": "retrieval"}
        case "function":
            function = {key: value for key, value in tool["function"].items() if key != "strict"}
            return {"type": "function", "function": function}
        case _:
            return tool


def _call(call: Json) -> Json:
    return {"id": call["id"], "type": "retrieval", "retrieval": {}} if call["type"] == "file_search" else call
