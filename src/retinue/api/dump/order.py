"""The order of what a dump lists: its times have whole seconds, and it may begin with the newest or with the oldest."""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Literal

from retinue.api.dump.records import Record
from retinue.core.imports import Import
from retinue.core.item import Message

Direction = Literal["ascending", "descending"]

_LISTS = 20_000  # whose direction is remembered; of one that comes back after so many others, it is found anew
_HELD = 2_000  # records that wait for their direction at most, and
_HELD_SIZE = 8 << 20  # their characters


Placed = tuple[Record, Import]
"""A record, and what is to be taken over of it."""


class Order:
    """Finds out each list's direction by its first two records whose times differ; until then, they are held."""

    def __init__(self) -> None:
        self._lists: OrderedDict[str, _List] = OrderedDict()
        self._waiting: OrderedDict[str, list[Record]] = OrderedDict()
        self._held = self._held_size = 0
        self._votes = 0
        """Lists found to be ascending, less those found to be descending: the guess for a list that tells nothing."""

    def add(self, record: Record, of: str) -> Iterator[Placed]:
        """Take the next record of a list; yield what can be placed."""
        known = self._lists.get(of)
        if known is None:
            known = self._lists[of] = _List()
            self._forget()
        else:
            self._lists.move_to_end(of)
        if known.direction is None and known.at is not None and record.value.created_at != known.at:
            self._decide(known, "ascending" if record.value.created_at > known.at else "descending")
            yield from self._release(of)
        if known.direction is not None:
            yield known.place(record)
            return
        known.at = record.value.created_at
        self._hold(of, record)
        while self._held > _HELD or self._held_size > _HELD_SIZE:
            yield from self._settle(next(iter(self._waiting)))

    def end(self) -> Iterator[Placed]:
        """Yield what was held back: no more will come. Lists that tell something are heard before the others."""
        for of in [of for of, held in self._waiting.items() if _told_by_roles(held)]:
            yield from self._settle(of)
        while self._waiting:
            yield from self._settle(next(iter(self._waiting)))

    def _hold(self, of: str, record: Record) -> None:
        self._waiting.setdefault(of, []).append(record)
        self._held += 1
        self._held_size += record.size

    def _decide(self, known: "_List", direction: Direction) -> None:
        known.direction = direction
        self._votes += 1 if direction == "ascending" else -1

    def _settle(self, of: str) -> Iterator[Placed]:
        """Place a list's records that are all of one second: a question comes before its answer."""
        known = self._lists[of]
        if told := _told_by_roles(self._waiting[of]):
            self._decide(known, told)
        else:
            known.direction = "descending" if self._votes < 0 else "ascending"
        yield from self._release(of)

    def _release(self, of: str) -> Iterator[Placed]:
        known = self._lists[of]
        known.at = None
        for record in self._waiting.pop(of, ()):
            self._held -= 1
            self._held_size -= record.size
            yield known.place(record)

    def _forget(self) -> None:
        """Drop the list that was asked for the longest ago, unless it waits."""
        if len(self._lists) > _LISTS:
            oldest = next(name for name in self._lists if name not in self._waiting)
            del self._lists[oldest]


class _List:
    """What is known of one list."""

    def __init__(self) -> None:
        self.direction: Direction | None = None
        self.at: float | None = None
        self._ties = 0

    def place(self, record: Record) -> Placed:
        """Place the next record in the known direction."""
        at = record.value.created_at
        self._ties = self._ties + 1 if at == self.at else 0
        self.at = at
        newest_first = self.direction == "descending"
        return record, Import(record.value, -self._ties if newest_first else self._ties, newest_first)


def _told_by_roles(held: Sequence[Record]) -> Direction | None:
    match _role(held[0]), _role(held[-1]):
        case "assistant", "user":
            return "descending"
        case "user", "assistant":
            return "ascending"
    return None


def _role(record: Record) -> str | None:
    return record.value.role if isinstance(record.value, Message) else None
