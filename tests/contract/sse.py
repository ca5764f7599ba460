"""Server-sent events, read the way the OpenAI clients read them."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Event(NamedTuple):
    """One event: its name, its data (JSON, or the text `[DONE]`), its number where an `id:` line bears one."""

    name: str
    data: Any
    id: int | None = None


@dataclass
class Parser:
    """Turns lines into events: feed it each line without its end; an empty line gives the event."""

    _name: str = ""
    _data: list[str] = field(default_factory=list)
    _id: int | None = None

    def feed(self, line: str) -> Event | None:
        if line == "":
            return self._dispatch()
        key, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match key:
            case "event":
                self._name = value
            case "data":
                self._data.append(value)
            case "id":
                self._id = int(value)
            case _:
                pass  # a comment, or `retry`
        return None

    def _dispatch(self) -> Event | None:
        name, text, number = self._name, "\n".join(self._data), self._id
        self._name, self._data, self._id = "", [], None
        if not name and not text:
            return None
        return Event(name, text if text == "[DONE]" else json.loads(text), number)


def parse(lines: Iterable[str]) -> Iterator[Event]:
    """Yield the events of a whole stream; what the last empty line doesn't end is dropped."""
    parser = Parser()
    for line in lines:
        event = parser.feed(line.rstrip("\r\n"))
        if event is not None:
            yield event
