"""Known values: what is known under a name, from tool outputs and from sums, for answers in JSON."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from retinue.models.base import Json
from retinue.models.rehearsal import arithmetic
from retinue.models.rehearsal.conversation import Answered, Conversation
from retinue.models.rehearsal.missing import MISSING
from retinue.models.rehearsal.schema_fit import fits
from retinue.models.rehearsal.schema_values import Source

_RESULT_NAMES = ("answer", "final_answer", "result", "solution", "value", "sum", "total")


class Known:
    """A source that looks into what the conversation came to, name for name, and then somewhere else."""

    def __init__(self, conversation: Conversation, *, otherwise: Source) -> None:
        self._values: dict[str, list[Any]] = {}
        for name, value in (*_told(conversation.outputs), *_reckoned(conversation.user)):
            self._values.setdefault(name, []).append(value)
        self._otherwise = otherwise

    def pick(self, name: str, schema: Json, *, sure: bool) -> Any:
        """Return the value of that name which fits the schema, or what the other source has."""
        for value in self._values.get(name, ()):
            if fits(value, schema, schema):
                return value
        return self._otherwise.pick(name, schema, sure=sure) if name else MISSING


def _told(outputs: Sequence[Answered]) -> Iterator[tuple[str, Any]]:
    """Yield what the calls' JSON outputs, then their arguments, say under each name."""
    for answered in outputs:
        for text in (answered.output, answered.arguments):
            try:
                yield from _members(msgspec.json.decode(text))
            except (msgspec.DecodeError, RecursionError):
                continue  # plain text has no names


def _members(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from value.items()
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in inner:
        yield from _members(item)


def _reckoned(text: str) -> Iterator[tuple[str, Any]]:
    """Yield the result of the text's sum, as a number and as text, under the names that results have."""
    expression = arithmetic.find(text)
    if expression is None:
        return
    try:
        value = arithmetic.solve(expression)
        number = value.numerator if value.denominator == 1 else float(value)
    except (arithmetic.Unsolvable, OverflowError):
        return
    for name in _RESULT_NAMES:
        yield from ((name, number), (name, arithmetic.written(value)))
