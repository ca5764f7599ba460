"""Branches: the segments that a thread's items hang on.

A branch takes its ancestors' items up to the position where it left each, and goes on with its own. The path of a
thread's head is stored with it, so that a page is read segment by segment, by index, without a walk. A branch that was
left for another keeps the last two segments alone: what comes before is in the path of the first one's branch, so
what is stored does not grow with the square of the branches.
"""

from collections import defaultdict

from msgspec import Struct

from retinue.core.errors import InvalidRequest
from retinue.store.base import Reader, Transaction, Value
from retinue.store.codec import Codec, encode

MESSAGES_PER_THREAD = 100_000  # contract: "Limits"
SEGMENTS_PER_PATH = 1_000
"""A page may look into each, and a cursor is looked for in all of them by one statement."""


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
    """Store a branch that shares its parent's path up to the position `after`, that one included, and leave the parent.

    Raises InvalidRequest if its path is too long.
    """
    kept = await _kept(tx, project, parent, after)
    left = _left(parent, after)  # is counted, not what is kept: people go back a little, however long the thread
    forked = Branch(
        id=branch,
        path=(*kept, Segment(branch, _end(kept))),
        next_position=after + 1,
        messages=parent.messages - sum([await _count(tx, project, segment, kind="message") for segment in left]),
        items=parent.items - sum([await _count(tx, project, segment) for segment in left]),
    )
    _check_length(forked)
    await _shorten(tx, project, parent)
    await _insert(tx, project, thread, forked)
    return forked


async def ends_at(reader: Reader, project: str, branch: Branch, position: int) -> bool:
    """Return whether no item of any kind follows this position on the branch's path."""
    for segment in reversed(_left(branch, position)):
        if await _has_items(reader, project, segment):
            return False
    return True


async def get(reader: Reader, project: str, branch: str) -> Branch:
    """Return the branch; it exists, for its id was read from a thread or a run."""
    row = await reader.one(
        "SELECT path, next_position, messages, items FROM branches WHERE project = ? AND id = ?", project, branch
    )
    assert row is not None
    path = await _whole(reader, project, _path.decode(row[0]))
    return Branch(id=branch, path=path, next_position=row[1], messages=row[2], items=row[3])


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
    """Count one message less on every branch of the thread whose path has this place. Takes long if they are many."""
    rows = await tx.all("SELECT id, path FROM branches WHERE project = ? AND thread = ?", project, thread)
    for id_ in _having(branch, position, {id_: _path.decode(path) for id_, path in rows}):
        await tx.execute(
            "UPDATE branches SET messages = messages - 1, items = items - 1 WHERE project = ? AND id = ?", project, id_
        )


def _having(branch: str, position: int, paths: dict[str, tuple[Segment, ...]]) -> list[str]:
    """The branches on whose path the branch's own item at this position is: itself, and what left it later."""
    followers: dict[str, list[str]] = defaultdict(list)
    for id_, path in paths.items():
        for before in path[-2:-1]:
            if before.branch != branch or (before.last is not None and position <= before.last):
                followers[before.branch].append(id_)
    having = [branch]
    for one in having:
        having += followers[one]
    return having


async def _kept(tx: Transaction, project: str, parent: Branch, after: int) -> list[Segment]:
    """The parent's path up to this position, without segments at its end that have no item."""
    kept = [
        Segment(s.branch, s.first, after if s.last is None else min(after, s.last))
        for s in parent.path
        if s.first <= after
    ]
    while kept and not await _has_items(tx, project, kept[-1]):
        kept.pop()
    return kept


def _left(branch: Branch, after: int) -> list[Segment]:
    """What of the branch's path follows this position."""
    return [Segment(s.branch, max(s.first, after + 1), s.last) for s in branch.path if s.last is None or s.last > after]


def _end(segments: list[Segment]) -> int:
    """The position after these segments: a path has no gaps, and begins at 0."""
    return 0 if not segments or segments[-1].last is None else segments[-1].last + 1


async def _whole(reader: Reader, project: str, path: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """The path of a branch that may have been left, from position 0 on."""
    while path[0].first > 0:
        sql = "SELECT path FROM branches WHERE project = ? AND id = ?"
        row = await reader.one(sql, project, path[0].branch)
        assert row is not None
        path = (*_path.decode(row[0])[:-1], *path)
    return path


async def _shorten(tx: Transaction, project: str, left: Branch) -> None:
    if len(left.path) > 2:
        sql = "UPDATE branches SET path = ? WHERE project = ? AND id = ?"
        await tx.execute(sql, encode(left.path[-2:]), project, left.id)


def _check_length(branch: Branch) -> None:
    if len(branch.path) > SEGMENTS_PER_PATH:
        raise InvalidRequest(
            f"The thread has been rewound {SEGMENTS_PER_PATH - 1} times, each time to what was said after the last."
            " Rewind it to an earlier message, or start a new thread.",
            code="thread_rewound_too_often",
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


async def _has_items(reader: Reader, project: str, segment: Segment) -> bool:
    where, values = _within(project, segment)
    return await reader.one(f"SELECT 1 FROM items WHERE {where} LIMIT 1", *values) is not None


async def _count(tx: Transaction, project: str, segment: Segment, *, kind: str | None = None) -> int:
    where, values = _within(project, segment)
    if kind is not None:
        where += f" AND kind = '{kind}'"
    row = await tx.one(f"SELECT count(*) FROM items WHERE {where}", *values)
    assert row is not None
    return int(row[0])


def _within(project: str, segment: Segment) -> tuple[str, list[Value]]:
    where = "project = ? AND branch = ? AND position >= ?"
    values: list[Value] = [project, segment.branch, segment.first]
    if segment.last is None:
        return where, values
    return f"{where} AND position <= ?", [*values, segment.last]
