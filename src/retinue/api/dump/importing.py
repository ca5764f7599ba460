"""Dumps on their way in: read, put in order, and handed over in batches, so that memory stays flat."""

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Protocol

from msgspec import Struct

from retinue.api.dump.order import Order, Placed
from retinue.api.dump.records import BadRecord, NotTaken, Record, read
from retinue.api.dump.split import Text, Unreadable, split
from retinue.core.imports import Import, Outcome
from retinue.core.item import Message
from retinue.core.run import Run
from retinue.core.thread import Thread

_BATCH_SIZE = 4 << 20  # characters of records in a transaction at most
_KINDS_NAMED = 50  # of what is not imported; the rest is one more kind
_SAID = 1_000  # characters of what is said of one bad record
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # terminals obey them
_OTHERS = "other object"

Store = Callable[[Sequence[Import]], Awaitable[Outcome]]
"""Takes a batch over, whole or not at all."""


class Bad(Struct, frozen=True, kw_only=True):
    """Something in a dump that was not taken: where it begins, what it is if that is known, and why."""

    file: str
    line: int
    what: str
    reason: str

    def __str__(self) -> str:
        """One line, for people."""
        said = f"{self.file}:{self.line}: {f'{self.what}: ' if self.what else ''}{self.reason}"[:_SAID]
        return _CONTROL.sub("?", said).encode(errors="backslashreplace").decode()


class Report:
    """What became of everything, counted by kind."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()
        self.there: Counter[str] = Counter()
        """Here already, and left as it is."""
        self.bad: Counter[str] = Counter()
        self.not_imported: Counter[str] = Counter()
        """Kinds of objects that an import does not take."""


class Listener(Protocol):
    """Hears of everything bad, as it is found."""

    def __call__(self, bad: Bad, /) -> None: ...


class Importer:
    """Takes dumps into one project, `batch` records at a time."""

    def __init__(self, store: Store, tell: Listener, *, batch: int) -> None:
        self.report = Report()
        self._store, self._tell, self._batch_of = store, tell, batch
        self._order = Order()
        self._batch: list[Placed] = []
        self._size = 0

    async def take(self, file: str, text: Text) -> None:
        """Take what one dump holds; what waits for its order is taken by `end` at the latest."""
        for found in split(text):
            if isinstance(found, Unreadable):
                self._note_bad("unreadable", Bad(file=file, line=found.line, what="", reason=found.reason))
            else:
                for record in read(found, file=file):
                    await self._take(file, record)

    async def end(self) -> None:
        """Take what was held back: there are no more dumps."""
        await self._add(self._order.end())
        await self._flush()

    async def _take(self, file: str, record: Record | NotTaken | BadRecord) -> None:
        match record:
            case NotTaken(kind):
                known = kind in self.report.not_imported or len(self.report.not_imported) < _KINDS_NAMED
                self.report.not_imported[kind if known else _OTHERS] += 1
            case BadRecord(line, kind, id_, reason):
                self._note_bad(kind, Bad(file=file, line=line, what=_what(kind, id_), reason=reason))
            case Record():
                of = _list_of(record)
                await self._add([(record, Import(record.value))] if of is None else self._order.add(record, of))

    async def _add(self, placed: Iterable[Placed]) -> None:
        for entry in placed:
            self._batch.append(entry)
            self._size += entry[0].size
            if len(self._batch) >= self._batch_of or self._size >= _BATCH_SIZE:
                await self._flush()

    async def _flush(self) -> None:
        batch, self._batch, self._size = self._batch, [], 0
        if not batch:
            return
        outcome = await self._store([entry for _, entry in batch])
        for index in outcome.taken:
            self.report.taken[batch[index][0].kind] += 1
        for refusal in outcome.refused:
            record = batch[refusal.index][0]
            what = _what(record.kind, record.value.id)
            self._note_bad(record.kind, Bad(file=record.file, line=record.line, what=what, reason=refusal.reason))
        told = {*outcome.taken, *(refusal.index for refusal in outcome.refused)}
        self.report.there.update(record.kind for index, (record, _) in enumerate(batch) if index not in told)

    def _note_bad(self, kind: str, bad: Bad) -> None:
        self.report.bad[kind] += 1
        self._tell(bad)


def _list_of(record: Record) -> str | None:
    """The list whose order the record is part of; threads are in none."""
    match record.value:
        case Thread():
            return None
        case Message() | Run():
            return f"{record.kind}s of {record.value.thread_id}"
        case _:
            return "assistants"


def _what(kind: str, id_: str) -> str:
    return f"{kind} {id_!a}" if id_ else kind
