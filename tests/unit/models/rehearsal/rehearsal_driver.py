"""Drives the rehearsal model in tests: builds requests, and collects what is streamed."""

from typing import Any

from msgspec import Struct

from retinue.models import CallPiece, Finished, ModelEvent, ModelRequest, TextPiece
from retinue.models.rehearsal import Rehearsal, Script
from retinue.models.rehearsal.script import Rule

Json = dict[str, Any]


class Heard(Struct, kw_only=True):
    """All of one reply."""

    events: list[ModelEvent]
    finished: Finished
    text: str = ""
    names: dict[int, str] = {}
    arguments: dict[int, str] = {}

    @property
    def pieces(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, TextPiece)]

    @property
    def calls(self) -> list[tuple[str, str]]:
        return [(name, self.arguments[index]) for index, name in self.names.items()]


def user(content: Any) -> Json:
    return {"role": "user", "content": content}


def assistant(content: str | None, *calls: Json) -> Json:
    return {"role": "assistant", "content": content, **({"tool_calls": list(calls)} if calls else {})}


def call(id_: str, name: str, arguments: str) -> Json:
    return {"id": id_, "type": "function", "function": {"name": name, "arguments": arguments}}


def output(id_: str, content: str) -> Json:
    return {"role": "tool", "tool_call_id": id_, "content": content}


def function(name: str, description: str = "", *, required: list[str] | None = None, **properties: Json) -> Json:
    """A tool; all its parameters are required unless `required` says otherwise."""
    named = list(properties) if required is None else required
    parameters = {"type": "object", "properties": properties, "required": named}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


def schema_format(schema: Any) -> Json:
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}


def request(*messages: Json | str, **settings: Any) -> ModelRequest:
    settings.setdefault("model", "gpt-4o")
    spoken = tuple(user(message) if isinstance(message, str) else message for message in messages)
    return ModelRequest(messages=spoken, **settings)


async def ask(*messages: Json | str, model: Rehearsal | None = None, **settings: Any) -> Heard:
    """Send the messages (strings are the user's) and collect the reply."""
    asked = request(*messages, **settings)
    return heard([event async for batch in await (model or Rehearsal()).stream(asked) for event in batch])


def heard(events: list[ModelEvent]) -> Heard:
    finished = events[-1]
    assert isinstance(finished, Finished)
    found = Heard(events=events, finished=finished, names={}, arguments={})
    for event in events:
        if isinstance(event, TextPiece):
            found.text += event.text
        elif isinstance(event, CallPiece):
            found.arguments[event.index] = found.arguments.get(event.index, "") + event.arguments
            if event.name:
                found.names[event.index] = event.name
    return found


def scripted(*rules: Rule) -> Rehearsal:
    """A model with these rules that waits for nothing."""

    async def at_once(seconds: float) -> None:
        pass

    return Rehearsal(Script(rules=rules), sleep=at_once)
