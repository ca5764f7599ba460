"""Picks: which of the things that a text mentions goes into which parameter."""

import re
from collections.abc import Hashable, Iterable, Iterator
from functools import cached_property
from typing import Any

from retinue.models.base import Json
from retinue.models.rehearsal import arithmetic
from retinue.models.rehearsal.mentions import Mentions
from retinue.models.rehearsal.missing import MISSING
from retinue.models.rehearsal.schema_fit import fits, identity, is_number
from retinue.models.rehearsal.schemas import kind
from retinue.models.rehearsal.slots import Slot, slot_of
from retinue.models.rehearsal.words import STOP_STEMS, WEAK_STEMS, name_stems, name_words, stem, text_stems
from retinue.models.rehearsal.work import spend

_ASSIGNED = re.compile(
    r"[\s_]*(?P<link>is|are|=|:|to|of|as|named|called|should be|that says|saying)?\s*"
    r"(?:\"(?P<quoted>[^\"\n]+)\"|'(?P<single>[^'\n]+)'(?!\w)|(?P<bare>[^\s,;\"']*[^\s,;.?!:\"']))"
)
_LINKS = frozenset({"=", ":", "is", "named", "called", "should be"})
_CODE_BLOCK = re.compile(r"```\w*\n?(.*?)```", re.DOTALL)
_WISH = re.compile(
    r"\b(?:search|look|find|ask|google|query)\b[^.?!\n]{0,40}?\b(?:for|about|up)\s+"
    r"|\b(?:about|saying|that says)\s+|:\s+",
    re.IGNORECASE,
)
_NEGATIONS = frozenset({"no", "not", "without", "never", "t", "disable", "off"})
_LEADS = {
    **dict.fromkeys(("from", "origin", "departure", "source", "start"), "from"),
    **dict.fromkeys(("to", "destination", "arrival", "target", "recipient"), "to"),
    **dict.fromkeys(("title", "name", "heading"), "called"),
}
"""The word that stands before the value of such a parameter."""

_MOST_PLACES = 8  # of one word in a text that are looked at
_LONGEST_NAME = 200  # characters of a parameter's name
_STEPS = 10  # of work that it takes to look for a value
_BEFORE = 3  # words before a word in which a negation counts


class Picks:
    """Hands out what a text mentions, each thing once, in the text's order."""

    def __init__(self, mentions: Mentions) -> None:
        self._mentions = mentions
        self._stems = text_stems(mentions.text)
        self._first = {stem: at for at, stem in reversed(list(enumerate(self._stems)))}
        self._lowered = mentions.text.casefold()
        self._used: set[Hashable] = set()

    def pick(self, name: str, schema: Json, *, sure: bool) -> Any:
        """Return a fitting value for a parameter, or MISSING; `sure` asks for one that is clearly meant for it."""
        spend(_STEPS)
        name = name[:_LONGEST_NAME]
        if schema.get("type") == "array":
            found = self._array(name, schema)
            unused = found is not MISSING and not all(self._is_used(value) for value in found)
            return found if unused or not sure else MISSING
        for value in self._candidates(name, schema, sure=sure):
            if fits(value, schema, schema) and (not self._is_used(value) or is_number(value) or value == self._wish):
                self._used.add(identity(value))
                return value
        return MISSING

    def _is_used(self, value: Any) -> bool:
        return identity(value) in self._used

    def every(self, name: str, schema: Json) -> list[Any]:
        """Return all values that the text has for a parameter, for one call each."""
        if "enum" in schema:
            return list(self._choices(schema["enum"]))
        match kind(schema):
            case "integer" | "number":
                values: Iterable[Any] = (number.value for number in self._mentions.numbers)
            case _:
                values = next((found for found in self._of_slot(slot_of(name, schema), schema) if found), ())
        return [value for value in dict.fromkeys(values) if fits(value, schema, schema)]

    def _candidates(self, name: str, schema: Json, *, sure: bool) -> Iterator[Any]:
        if "enum" in schema:
            yield from self._choices(schema["enum"])
            return
        match kind(schema):
            case "boolean":
                yield from self._switches(name)
            case "integer" | "number":
                yield from self._numbers(name, sure=sure)
            case "string":
                yield from self._assigned(name)
                slot = slot_of(name, schema)
                if not sure or (slot in _SURE and slot_of(name, {}) is not Slot.ANY) or slot in _TIMES:
                    yield from (value for found in self._of_slot(slot, schema) for value in found)

    def _array(self, name: str, schema: Json) -> Any:
        items = schema.get("items")
        if not isinstance(items, dict) or kind(items) in ("object", "array") or "$ref" in items:
            return MISSING
        values = self.every(name, items)[: schema.get("maxItems")]
        if not values or len(values) < schema.get("minItems", 0):
            return MISSING
        return values

    def _choices(self, choices: Iterable[Any]) -> Iterator[Any]:
        """Yield the choices that the text has, in its order."""
        choices = list(choices)
        spend(len(choices))
        places = [(self._place(choice), at, choice) for at, choice in enumerate(choices)]
        yield from (choice for place, _, choice in sorted(places, key=lambda p: p[:2]) if place >= 0)

    def _place(self, choice: Any) -> int:
        if is_number(choice):
            return next((at for at, n in enumerate(self._mentions.numbers) if n.value == choice), -1)
        if not isinstance(choice, str) or not choice:
            return -1
        wanted = name_stems(choice)
        if wanted and all(word in self._first for word in wanted):
            return min(self._first[word] for word in wanted)
        return -1

    def _switches(self, name: str) -> Iterator[bool]:
        for word in name_stems(name):
            if word in self._first and word not in STOP_STEMS and word not in WEAK_STEMS:
                at = self._first[word]
                yield not _NEGATIONS & set(self._stems[max(at - _BEFORE, 0) : at])

    def _numbers(self, name: str, *, sure: bool) -> Iterator[int | float]:
        words = set(name_stems(name)) - STOP_STEMS
        for number in self._mentions.numbers:
            if words & number.around:
                yield number.value
        if not sure:
            yield from (n.value for n in self._mentions.numbers if not self._is_used(n.value))

    def _assigned(self, name: str) -> Iterator[str]:
        """Yield what the text puts right behind the parameter's name: `subject "Lunch"`, `city: Paris`, `to Rome`."""
        words = name_words(name)
        for end in (end for word in dict.fromkeys([name.casefold(), *words[-1:]]) for end in self._ends(word)):
            found = _ASSIGNED.match(self._mentions.text, end)
            if found and (quoted := found["quoted"] or found["single"]):
                yield quoted
            elif found and found["link"] in _LINKS and stem(found["bare"]) not in STOP_STEMS:
                yield next((n for n in self._mentions.names if n.startswith(found["bare"])), found["bare"])
        leads = (_LEADS[word] for word in words if word in _LEADS)
        yield from (self._mentions.led[lead] for lead in leads if lead in self._mentions.led)

    def _ends(self, word: str) -> Iterator[int]:
        """Yield where the text has this word, each time the place behind it."""
        at = self._lowered.find(word)
        for _ in range(_MOST_PLACES):
            if at < 0:
                return
            end = at + len(word)
            if not self._lowered[at - 1 : at].isalnum() and not self._lowered[end : end + 1].isalnum():
                yield end
            at = self._lowered.find(word, end)

    def _of_slot(self, slot: Slot, schema: Json) -> Iterator[tuple[str, ...]]:
        """Yield the sorts of things that go into such a slot, the likeliest first."""
        said = self._mentions
        match slot:
            case Slot.PLACE:
                yield from (said.places, said.quoted, said.names)
            case Slot.NAME:
                yield from (said.names, said.quoted, said.emails)
            case Slot.DAY:
                yield tuple(self._days(schema))
            case Slot.TIME:
                yield tuple(_time(time, schema) for time in said.times)
            case Slot.EMAIL:
                yield said.emails
            case Slot.URL:
                yield said.urls
            case Slot.UUID:
                yield said.uuids
            case Slot.ID:
                numbers = tuple(str(number.value) for number in said.numbers)
                yield from (said.uuids, said.codes, numbers, said.quoted, said.names)
            case Slot.EXPRESSION:
                yield from (self._sum("{}"), said.quoted, (said.text.strip(),))
            case Slot.CODE:
                yield from (tuple(_CODE_BLOCK.findall(said.text)), self._sum("print({})"), said.quoted)
            case Slot.TEXT:
                yield from (said.quoted, (self._wish,), (said.text.strip(),))
            case Slot.ANY:
                yield from (said.quoted, said.names, said.codes)

    def _days(self, schema: Json) -> Iterator[str]:
        for day in self._mentions.days:
            if schema.get("format") == "date-time" and day.iso:
                yield day.iso + (day.clock or f"T{next(iter(self._mentions.times), '00:00')}:00Z")
            elif day.iso or "format" not in schema:
                yield day.iso or day.written

    def _sum(self, form: str) -> tuple[str, ...]:
        expression = arithmetic.find(self._mentions.text)
        return (form.format(expression),) if expression else ()

    @cached_property
    def _wish(self) -> str:
        """Return the text without the words that only lead up to it."""
        text = self._mentions.text
        found = _WISH.search(text)
        return text[found.end() if found else 0 :].strip().rstrip(".?!")


_TIMES = frozenset({Slot.DAY, Slot.TIME})
_SURE = _TIMES | {Slot.EMAIL, Slot.URL, Slot.UUID}
"""Slots whose values can be nothing else, so that they are filled even where the parameter is optional."""


def _time(time: str, schema: Json) -> str:
    return f"{time}:00Z" if schema.get("format") == "time" and time.count(":") == 1 else time
