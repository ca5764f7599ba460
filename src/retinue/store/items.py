"""Rows of items, for the tables above them: placed at the end of a branch, read along its path."""

from collections.abc import Sequence

from msgspec import structs

from retinue.core.errors import AlreadyExists, NotFound
from retinue.core.item import Item, Message, Placed, Said, ToolCall, ToolOutput
from retinue.core.position import next_position
from retinue.core.run import LIVE
from retinue.store import branches, pages
from retinue.store.base import Reader, Row, Transaction, Value
from retinue.store.branches import Branch, Segment
from retinue.store.codec import Codec, encode

LIVE_STATUSES = "'queued', 'in_progress', 'requires_action', 'cancelling'"  # to the letter as the index has them
assert set(LIVE_STATUSES.replace("'", "").split(", ")) == LIVE
COLUMNS = "body, metadata, position"
_MANY = 16  # messages; each may have 256,000 characters

_codec: Codec[Item] = Codec(Item)  # type: ignore[arg-type]  # a union is a type to msgspec
_shown: Codec[Said | ToolCall | ToolOutput] = Codec(Said | ToolCall | ToolOutput)  # type: ignore[arg-type]
_KINDS = {"Message": "message", "ToolCall": "tool_call", "ToolOutput": "tool_output"}


def decode(row: Row) -> Item:
    """Return the item of a row of COLUMNS."""
    body, metadata, *_ = row
    # a message's metadata may have changed since: of two values in one object the later counts
    return _codec.decode(body if metadata is None else f'{body[:-1]},"metadata":{metadata}}}')


def are_many(messages: Sequence[Message]) -> bool:
    """Whether to store these takes long."""
    return len(messages) > _MANY


async def append(tx: Transaction, project: str, branch: Branch, messages: Sequence[Message]) -> None:
    """Put messages from outside at the branch's end, in order; raises InvalidRequest if it has no room for them."""
    if messages:
        branches.check_room(branch.messages, len(messages))
        await _append(tx, project, branch, messages)


async def put(tx: Transaction, project: str, branch: str, items: Sequence[Item]) -> None:
    """Write items that may be there already, as a message is that began to stream; new ones go to the end."""
    fresh = [item for item in items if not await _overwrite(tx, project, item)]
    if fresh:
        await _append(tx, project, await branches.get(tx, project, branch), fresh)


async def insert(tx: Transaction, project: str, branch: str, position: int, item: Item) -> bool:
    """Write a new item at a place, unless that is taken; return whether it was free."""
    written = await tx.execute(
        "INSERT INTO items (project, id, branch, position, kind, run, metadata, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (project, branch, position) DO NOTHING",
        project,
        item.id,
        branch,
        position,
        _KINDS[type(item).__name__],
        item.run_id,
        encode(item.metadata) if isinstance(item, Message) else None,
        encode(item),
    )
    if written and isinstance(item, ToolOutput) and item.blob is not None:
        sql = "INSERT INTO item_blobs (project, item, blob) VALUES (?, ?, ?)"
        await tx.execute(sql, project, item.id, item.blob)
    return written > 0


async def insert_all(tx: Transaction, project: str, branch: str, items: Sequence[Item], *, first: int) -> None:
    """Write new items one after another; raises AlreadyExists where a place is taken."""
    for position, item in enumerate(items, start=first):
        if not await insert(tx, project, branch, position, item):
            raise AlreadyExists(f"Position {position} of branch {branch} is taken.")


def whole_path(project: str, thread: str, branch: Branch) -> pages.Listing:
    """The messages on the branch's path, to find a cursor among them."""
    ids = [segment.branch for segment in branch.path]
    where = f"project = ? AND branch IN ({', '.join('?' for _ in ids)})"
    return pages.Listing(
        table="items", columns=COLUMNS, where=where, values=(project, *ids), key=("position",), parent=thread
    )


async def read_path(
    reader: Reader, project: str, branch: Branch, bounds: pages.Bounds, *, kind: str, run: str | None
) -> list[Row]:
    """Return rows of COLUMNS along the branch's path within the bounds, one more than their limit if there are."""
    rows: list[Row] = []
    segments = branch.path if bounds.order == "ASC" else branch.path[::-1]
    for segment in segments:
        missing = bounds.limit + 1 - len(rows)
        if missing > 0 and _meet(segment, bounds):
            listing = _listing(project, segment, kind=kind, run=run)
            rows += await pages.select(reader, listing, _within(segment, bounds), limit=missing)
    return rows


async def of_run(tx: Transaction, project: str, run: str) -> list[Item]:
    """Return the run's own items in order."""
    rows = await tx.all(f"SELECT {COLUMNS} FROM items WHERE project = ? AND run = ? ORDER BY position", project, run)
    return [decode(row) for row in rows]


async def window(reader: Reader, project: str, branch: Branch, *, before: int | None, limit: int) -> list[Placed]:
    """Return at most `limit` items of every kind that stand before a position, the newest first."""
    high = None if before is None else (before,)
    bounds = pages.Bounds(low=None, high=high, order="DESC", limit=limit - 1, reverse=False)
    rows = await read_path(reader, project, branch, bounds, kind="", run=None)
    items = _shown.decode_all([row[0] for row in rows])
    return [Placed(row[2], item) for row, item in zip(rows, items, strict=True)]


async def place_of(tx: Transaction, project: str, branch: Branch, message_id: str) -> int:
    """Return the position of a message on the branch's path; raises NotFound."""
    row = await tx.one(
        "SELECT branch, position FROM items WHERE project = ? AND id = ? AND kind = 'message'", project, message_id
    )
    if row is None or not any(
        s.branch == row[0] and s.first <= row[1] and (s.last is None or row[1] <= s.last) for s in branch.path
    ):
        raise NotFound("message", message_id)
    return int(row[1])


async def delete_branch(tx: Transaction, project: str, branch: str) -> list[str]:
    """Delete the branch's own items; return the blobs that they had."""
    owned = "project = ? AND item IN (SELECT id FROM items WHERE project = ? AND branch = ? AND kind = 'tool_output')"
    blobs = await tx.all(f"SELECT blob FROM item_blobs WHERE {owned}", project, project, branch)
    if blobs:
        await tx.execute(f"DELETE FROM item_blobs WHERE {owned}", project, project, branch)
    await tx.execute("DELETE FROM items WHERE project = ? AND branch = ?", project, branch)
    return [blob for (blob,) in blobs]


async def live_run(tx: Transaction, project: str, branch: str) -> str | None:
    """Return the id of the run that locks the branch, if one does."""
    row = await tx.one(
        f"SELECT id FROM runs WHERE project = ? AND branch = ? AND status IN ({LIVE_STATUSES})",
        project,
        branch,
    )
    return None if row is None else str(row[0])


async def _append(tx: Transaction, project: str, branch: Branch, items: Sequence[Item]) -> None:
    messages = sum(isinstance(item, Message) for item in items)
    first = next_position(branch.next_position, items[0].created_at)
    end = first + len(items)
    await branches.advance(tx, project, branch, end=end, items=len(items), messages=messages)
    await insert_all(tx, project, branch.id, items, first=first)


async def _overwrite(tx: Transaction, project: str, item: Item) -> bool:
    if not isinstance(item, Message):
        return False
    changed = await tx.execute("UPDATE items SET body = ? WHERE project = ? AND id = ?", encode(item), project, item.id)
    return changed > 0


def _meet(segment: Segment, bounds: pages.Bounds) -> bool:
    """Whether the segment may have a place within the bounds: not each of many is to be asked."""
    below = bounds.high is not None and (segment.first,) >= bounds.high
    above = bounds.low is not None and segment.last is not None and (segment.last,) <= bounds.low
    return not (below or above)


def _within(segment: Segment, bounds: pages.Bounds) -> pages.Bounds:
    """The bounds of a page inside a segment: of two lower ones an index takes either, and reads on from there."""
    low, high = (segment.first - 1,), None if segment.last is None else (segment.last + 1,)
    return structs.replace(
        bounds,
        low=max(low, bounds.low or low),
        high=min((place for place in (high, bounds.high) if place is not None), default=None),
    )


def _listing(project: str, segment: Segment, *, kind: str, run: str | None) -> pages.Listing:
    where = "project = ? AND branch = ?"
    values: list[Value] = [project, segment.branch]
    if kind:
        where += f" AND kind = '{kind}'"
    if run is not None:
        where += " AND run = ?"
        values.append(run)
    return pages.Listing(table="items", columns=COLUMNS, where=where, values=tuple(values), key=("position",))
