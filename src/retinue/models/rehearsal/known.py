"""Known values: what tool outputs say under a name, for answers in JSON."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from retinue.models.base import Json
from retinue.models.rehearsal.conversation import Answered
from retinue.models.rehearsal.missing import MISSING
from retinue.models.rehearsal.schema_fit import fits
from retinue.models.rehearsal.schema_values import Source


class Known:
    """A source that looks into the tools' JSON outputs first, name for name, and then somewhere else."""

    def __init__(self, outputs: Sequence[Answered], *, otherwise: Source) -> None:
        self._values = list(_named(outputs))
        self._otherwise = otherwise

    def pick(self, name: str, schema: Json, *, sure: bool) -> Any:
        """Return the value of that name which fits the schema, or what the other source has."""
        for known, value in self._values:
            if known == name and fits(value, schema, schema):
                return value
        return self._otherwise.pick(name, schema, sure=sure) if name else MISSING


def _named(outputs: Sequence[Answered]) -> Iterator[tuple[str, Any]]:
    for answered in outputs:
        for text in (answered.output, answered.arguments):
            try:
                yield from _members(msgspec.json.decode(text))
            except msgspec.DecodeError:
                continue  # plain text has no names


def _members(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from value.items()
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in inner:
        yield from _members(item)
