"""What is taken over from elsewhere: written in batches, each whole or not there, and nothing twice.

Imported messages are placed by their time, so that a dump may come in any order and in pieces: positions have gaps,
and grow along a path all the same. A place is the second a message is of, and in its middle a count for ties.
"""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import structs

from retinue.core.assistant import Assistant
from retinue.core.assistant_files import searched_stores, spread
from retinue.core.errors import NotFound
from retinue.core.ids import new_id
from retinue.core.imports import Import, Outcome, Refusal
from retinue.core.item import Message
from retinue.core.position import TIE_BITS
from retinue.core.run import Run
from retinue.core.thread import Thread
from retinue.store import assistant_files, assistants, branches, items, runs, store_rows, threads, uses
from retinue.store.base import Database, Transaction
from retinue.store.branches import MESSAGES_PER_THREAD, Branch, Segment

_MIDDLE = 1 << (TIE_BITS - 1)
_LAST = (1 << TIE_BITS) - 1
_IDS_A_QUERY = 500
_TIE_S = 1e-6  # a tie's share of a second where rows are listed by time

_NO_ROOM = f"its thread has {MESSAGES_PER_THREAD} messages already, and can't hold more"


class Imports:
    """The way into one project for what has an id and a time already."""

    def __init__(self, database: Database, project: str) -> None:
        self._database = database
        self._project = project

    async def take(self, batch: Sequence[Import]) -> Outcome:
        """Store what isn't here, and say what became of each; what is here stays as it is."""
        return await self._database.write(lambda tx: _Batch(tx, self._project, batch).take(), long=True)


class _Batch:
    """One batch within its transaction."""

    def __init__(self, tx: Transaction, project: str, batch: Sequence[Import]) -> None:
        self._tx, self._project, self._batch = tx, project, batch
        self._taken: list[int] = []
        self._refused: list[Refusal] = []

    async def take(self) -> Outcome:
        for index, entry in enumerate(self._batch):
            match entry.value:
                case Assistant():
                    self._note(index, await self._assistant(entry.value, entry.tie))
                case Thread():
                    self._note(index, await self._thread(entry.value))
                case Message() | Run():
                    pass  # below: once all threads of the batch are there, each of theirs at once
        for thread_id, places in self._by_thread():
            await self._messages(thread_id, places)
            for index, entry in places:
                if isinstance(entry.value, Run):
                    self._note(index, await self._run(entry.value, entry.tie))
        return Outcome(tuple(self._taken), tuple(self._refused))

    def _note(self, index: int, written: int) -> None:
        if written:
            self._taken.append(index)

    def _by_thread(self) -> Iterator[tuple[str, list[tuple[int, Import]]]]:
        grouped: dict[str, list[tuple[int, Import]]] = {}
        for index, entry in enumerate(self._batch):
            if isinstance(entry.value, Message | Run):
                grouped.setdefault(entry.value.thread_id, []).append((index, entry))
        yield from grouped.items()

    async def _assistant(self, assistant: Assistant, tie: int) -> int:
        if await self._tx.one("SELECT 1 FROM assistants WHERE project = ? AND id = ?", self._project, assistant.id):
            return 0
        assistant = structs.replace(assistant, created_at=_within_second(assistant.created_at, tie))
        if assistant.files:  # as v1 lists them: each hosted tool gets them
            assistant = spread(assistant, assistant.files, own_store=await self._own_store(assistant))
            await assistant_files.fill(self._tx, self._project, assistant)
        await assistants.insert(self._tx, self._project, assistant)
        return 1

    async def _own_store(self, assistant: Assistant) -> str:
        """The id of the vector store that is to be the assistant's alone: the one it had, unless that is here."""
        for id_ in searched_stores(assistant):
            if await store_rows.fetch(self._tx, self._project, id_) is None:
                return id_
        return new_id("vs")

    async def _thread(self, thread: Thread) -> int:
        """Store the thread; one that is only implied until now gets its own values."""
        try:
            there = await threads.fetch(self._tx, self._project, thread.id)
        except NotFound:
            await threads.insert(self._tx, self._project, structs.replace(thread, head=new_id("branch")), ())
            return 1
        if not there.implied or thread.implied:
            return 0
        await threads.update(self._tx, self._project, structs.replace(thread, head=there.head))
        await uses.keep(self._tx, self._project, "thread", thread.id, thread, before=there)
        return 1

    async def _fetch_thread(self, id_: str, created_at: float) -> Thread:
        """The thread, implied if it isn't there, and at least as old as what is in it."""
        await self._thread(Thread(id=id_, created_at=created_at, head="", implied=True))
        thread = await threads.fetch(self._tx, self._project, id_)
        if thread.implied and created_at < thread.created_at:
            thread = structs.replace(thread, created_at=created_at)
            await threads.update(self._tx, self._project, thread)
        return thread

    async def _messages(self, thread_id: str, places: Sequence[tuple[int, Import]]) -> None:
        there = await self._ids_there(places)
        fresh = {
            index: (entry.value, entry)
            for index, entry in places
            if isinstance(entry.value, Message) and entry.value.id not in there
        }
        if fresh:
            first = min(message.created_at for message, _ in fresh.values())
            thread = await self._fetch_thread(thread_id, first)
            branch = await branches.get(self._tx, self._project, thread.head)
            await self._place_all(thread_id, branch, fresh)

    async def _ids_there(self, places: Sequence[tuple[int, Import]]) -> set[str]:
        ids = [entry.value.id for _, entry in places if isinstance(entry.value, Message)]
        found: set[str] = set()
        for start in range(0, len(ids), _IDS_A_QUERY):
            some = ids[start : start + _IDS_A_QUERY]
            marks = ", ".join("?" for _ in some)
            rows = await self._tx.all(
                f"SELECT id FROM items WHERE project = ? AND id IN ({marks})", self._project, *some
            )
            found.update(row[0] for row in rows)
        return found

    async def _place_all(self, thread_id: str, branch: Branch, fresh: Mapping[int, tuple[Message, Import]]) -> None:
        end = branch.next_position
        room = MESSAGES_PER_THREAD - branch.messages
        deleted = await self._places_of_deleted(thread_id, fresh)
        placed: set[str] = set()
        for index, (message, entry) in fresh.items():
            if message.id in placed:
                continue
            if len(placed) >= room:
                self._refused.append(Refusal(index, _NO_ROOM))
                continue
            position = await self._place(branch, message, entry, deleted.get(message.id))
            placed.add(message.id)
            self._taken.append(index)
            end = max(end, position + 1)
        await branches.advance(self._tx, self._project, branch, end=end, items=len(placed), messages=len(placed))

    async def _places_of_deleted(self, thread_id: str, fresh: Mapping[int, tuple[Message, Import]]) -> dict[str, int]:
        """Where messages of the thread stood that were deleted here, by their ids."""
        found: dict[str, int] = {}
        where = "project = ? AND parent = ?"
        if not await self._tx.one(f"SELECT 1 FROM tombstones WHERE {where}", self._project, thread_id):
            return found
        for message, _ in fresh.values():
            row = await self._tx.one(
                f"SELECT major FROM tombstones WHERE {where} AND id = ?", self._project, thread_id, message.id
            )
            if row is not None:
                found[message.id] = int(row[0])
        return found

    async def _place(self, branch: Branch, message: Message, entry: Import, before: int | None) -> int:
        """Write the message: where it stood before it was deleted, else by its time, beside what is there."""
        second = int(message.created_at) << TIE_BITS
        wanted = second + min(max(_MIDDLE + entry.tie, 0), _LAST)
        for position in (wanted,) if before is None else (before, wanted):
            segment = _segment(branch, position)
            if await items.insert(self._tx, self._project, segment.branch, position, message):
                return position
        edge, step = ("min", -1) if entry.newest_first else ("max", 1)
        row = await self._tx.one(
            f"SELECT {edge}(position) FROM items WHERE project = ? AND branch = ? AND position BETWEEN ? AND ?",
            self._project,
            segment.branch,
            second,
            second + _LAST,
        )
        assert row is not None  # the place that is taken is among them
        position = int(row[0]) + step
        await items.insert(self._tx, self._project, segment.branch, position, message)
        return position

    async def _run(self, run: Run, tie: int) -> int:
        if await self._tx.one("SELECT 1 FROM runs WHERE project = ? AND id = ?", self._project, run.id):
            return 0
        thread = await self._fetch_thread(run.thread_id, run.created_at)
        run = structs.replace(run, branch=thread.head, created_at=_within_second(run.created_at, tie))
        await runs.insert(self._tx, self._project, run)
        return 1


def _within_second(created_at: float, tie: int) -> float:
    """A time of the same second that sorts ties; its middle is the best guess where the fraction is not known."""
    return int(created_at) + min(max(0.5 + tie * _TIE_S, 0.0), 0.999_999)


def _segment(branch: Branch, position: int) -> Segment:
    """The segment of the path that a position is on."""
    return next(s for s in branch.path if s.last is None or position <= s.last)
