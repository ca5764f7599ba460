"""Pages of lists, by index: the cursor is a place in the order, found by the id at a page's end."""

from typing import Literal

from msgspec import Struct

from retinue.core.paging import PageQuery, unknown_cursor
from retinue.store.base import Reader, Row, Transaction, Value

Place = tuple[Value, ...]


class Listing(Struct, frozen=True, kw_only=True):
    """What is listed: rows of `table` that meet `where`, in the order of the columns `key`."""

    table: str
    columns: str
    where: str
    values: tuple[Value, ...]
    """The project first."""
    key: tuple[str, ...] = ("created_at", "seq")
    narrowed: str = ""
    """A further condition, which what is listed may cease to meet: it can be a cursor all the same."""
    narrowed_by: tuple[Value, ...] = ()
    parent: str = ""
    """The thread of a list of messages, or the vector store of one of files: what was deleted can be a cursor."""


class Bounds(Struct, frozen=True, kw_only=True):
    """A page as the database sees it: places strictly between `low` and `high`, read in `order`."""

    low: Place | None
    high: Place | None
    order: Literal["ASC", "DESC"]
    limit: int
    reverse: bool
    """True where the page ends at its cursor (`before` alone): it is read backwards and turned round."""

    def finish(self, rows: list[Row]) -> tuple[list[Row], bool]:
        """Return the page from the rows read, of which there is one more than `limit` if more follow."""
        page = rows[: self.limit]
        return (page[::-1] if self.reverse else page), len(rows) > self.limit


async def list_rows(reader: Reader, listing: Listing, query: PageQuery) -> tuple[list[Row], bool]:
    """Return one page of rows, and whether more follow."""
    bounds = await find_bounds(reader, listing, query)
    return bounds.finish(await select(reader, listing, bounds, limit=bounds.limit + 1))


async def find_bounds(reader: Reader, listing: Listing, query: PageQuery) -> Bounds:
    """Look up where in the list the query's cursors stand; raises InvalidRequest for one that isn't of it."""
    after = await _place(reader, listing, "after", query.after)
    before = await _place(reader, listing, "before", query.before)
    descending = query.order == "desc"
    reverse = before is not None and after is None
    return Bounds(
        low=before if descending else after,
        high=after if descending else before,
        order="DESC" if descending != reverse else "ASC",
        limit=query.limit,
        reverse=reverse,
    )


async def select(reader: Reader, listing: Listing, bounds: Bounds, *, limit: int) -> list[Row]:
    """Return at most `limit` rows of the listing within the bounds."""
    key = ", ".join(listing.key)
    marks = ", ".join("?" for _ in listing.key)
    where, values = listing.where + listing.narrowed, [*listing.values, *listing.narrowed_by]
    for sign, place in ((">", bounds.low), ("<", bounds.high)):
        if place is not None:
            where += f" AND ({key}) {sign} ({marks})"
            values.extend(place)
    order = ", ".join(f"{column} {bounds.order}" for column in listing.key)
    sql = f"SELECT {listing.columns} FROM {listing.table} WHERE {where} ORDER BY {order} LIMIT {limit:d}"
    return await reader.all(sql, *values)


async def _place(reader: Reader, listing: Listing, param: str, id_: str | None) -> Place | None:
    if id_ is None:
        return None
    columns = ", ".join(listing.key)
    where = f"{listing.where} AND id = ?"
    row = await reader.one(f"SELECT {columns} FROM {listing.table} WHERE {where}", *listing.values, id_)
    if row is None:  # people delete what they list, page by page: the cursor may be gone
        row = await reader.one(
            "SELECT major, minor FROM tombstones WHERE project = ? AND id = ? AND parent = ?",
            listing.values[0],
            id_,
            listing.parent,
        )
    if row is None:
        raise unknown_cursor(param, id_)
    return row[: len(listing.key)]


async def bury(tx: Transaction, project: str, id_: str, *, parent: str = "", major: float, minor: int) -> None:
    """Remember where a deleted row stood."""
    await tx.execute(
        "INSERT INTO tombstones (project, id, parent, major, minor) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (project, parent, id) DO UPDATE SET major = excluded.major, minor = excluded.minor",
        project,
        id_,
        parent,
        major,
        minor,
    )
