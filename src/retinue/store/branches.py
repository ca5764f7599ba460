"""Branches: the segments that a thread's items hang on.

A branch takes its ancestors' items up to the position where it left each, and goes on with its own. Its path is
stored with it, so that a page is read segment by segment, by index, without a walk.
"""

from msgspec import Struct

from retinue.core.errors import InvalidRequest
from retinue.store.base import Reader, Transaction, Value
from retinue.store.codec import Codec, encode

MESSAGES_PER_THREAD = 100_000  # contract: "Limits"


class Segment(Struct, frozen=True, array_like=True):
    """A stretch of a branch's own items, both ends included; `last` is None where it goes on to the end."""

    branch: str
    first: int
    last: int | None = None


class Branch(Struct, frozen=True, kw_only=True):
    """One branch: where its next item goes, and how many messages are on its path."""

    id: str
    path: tuple[Segment, ...]
    """The ancestors' segments, oldest first, then its own."""
    next_position: int
    messages: int
    items: int
    """Of every kind."""


_path = Codec(tuple[Segment, ...])


async def insert_root(tx: Transaction, project: str, *, thread: str, branch: str, messages: int) -> None:
    """Store a new thread's first branch, with room for its first messages."""
    path = (Segment(branch, 0),)
    root = Branch(id=branch, path=path, next_position=messages, messages=messages, items=messages)
    await _insert(tx, project, thread, root)


async def fork(tx: Transaction, project: str, *, thread: str, parent: Branch, after: int, branch: str) -> Branch:
    """Store a branch that shares its parent's path up to the position `after`, that one included."""
    kept = [
        Segment(s.branch, s.first, after if s.last is None else min(after, s.last))
        for s in parent.path
        if s.first <= after
    ]
    # what is left behind is counted, not what is kept: people go back a little, however long the thread
    left = [Segment(s.branch, max(s.first, after + 1), s.last) for s in parent.path if s.last is None or s.last > after]
    forked = Branch(
        id=branch,
        path=(*kept, Segment(branch, after + 1)),
        next_position=after + 1,
        messages=parent.messages - sum([await _count(tx, project, segment, kind="message") for segment in left]),
        items=parent.items - sum([await _count(tx, project, segment) for segment in left]),
    )
    await _insert(tx, project, thread, forked)
    return forked


async def get(reader: Reader, project: str, branch: str) -> Branch:
    """Return the branch; it exists, for its id was read from a thread or a run."""
    row = await reader.one(
        "SELECT path, next_position, messages, items FROM branches WHERE project = ? AND id = ?", project, branch
    )
    assert row is not None
    return Branch(id=branch, path=_path.decode(row[0]), next_position=row[1], messages=row[2], items=row[3])


async def advance(tx: Transaction, project: str, branch: Branch, *, end: int, items: int, messages: int) -> None:
    """Move the end of the branch on, past so many new items, of which some are messages."""
    await tx.execute(
        "UPDATE branches SET next_position = next_position + ?, messages = messages + ?, items = items + ?"
        " WHERE project = ? AND id = ?",
        end - branch.next_position,
        messages,
        items,
        project,
        branch.id,
    )


def check_room(there: int, more: int) -> None:
    """Refuse messages that a thread has no room for. Replies of its runs are never refused: they are paid for."""
    if there + more > MESSAGES_PER_THREAD:
        raise InvalidRequest(
            f"A thread holds at most {MESSAGES_PER_THREAD} messages. Start a new thread.",
            param="thread_id",
            code="thread_full",
        )


async def forget_message(tx: Transaction, project: str, *, thread: str, branch: str, position: int) -> None:
    """Count one message less on every branch of the thread whose path has this place."""
    for id_, path in await tx.all("SELECT id, path FROM branches WHERE project = ? AND thread = ?", project, thread):
        if any(s.branch == branch and (s.last is None or position <= s.last) for s in _path.decode(path)):
            await tx.execute(
                "UPDATE branches SET messages = messages - 1, items = items - 1 WHERE project = ? AND id = ?",
                project,
                id_,
            )


async def _insert(tx: Transaction, project: str, thread: str, branch: Branch) -> None:
    await tx.execute(
        "INSERT INTO branches (project, id, thread, path, next_position, messages, items) VALUES (?, ?, ?, ?, ?, ?, ?)",
        project,
        branch.id,
        thread,
        encode(branch.path),
        branch.next_position,
        branch.messages,
        branch.items,
    )


async def _count(tx: Transaction, project: str, segment: Segment, *, kind: str | None = None) -> int:
    where = "project = ? AND branch = ? AND position >= ?"
    values: list[Value] = [project, segment.branch, segment.first]
    if segment.last is not None:
        where += " AND position <= ?"
        values.append(segment.last)
    if kind is not None:
        where += f" AND kind = '{kind}'"
    row = await tx.one(f"SELECT count(*) FROM items WHERE {where}", *values)
    assert row is not None
    return int(row[0])
