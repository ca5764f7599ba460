"""Rows of containers."""

from msgspec import structs

from retinue.core.container import Container
from retinue.core.errors import InvalidRequest, NotFound
from retinue.store.base import Reader, Row, Transaction
from retinue.store.codec import Codec, encode

COLUMNS = "body, last_active_at"

_codec = Codec(Container)


async def fetch(reader: Reader, project: str, id_: str) -> Container | None:
    """Return the container, if it is there."""
    row = await reader.one(f"SELECT {COLUMNS} FROM containers WHERE project = ? AND id = ?", project, id_)
    return None if row is None else decode(row)


async def require(reader: Reader, project: str, id_: str) -> Container:
    """Return the container; raises NotFound."""
    container = await fetch(reader, project, id_)
    if container is None:
        raise NotFound("container", id_)
    return container


async def require_running(reader: Reader, project: str, id_: str, *, at: float) -> Container:
    """Return the container; raises NotFound, InvalidRequest for one that has expired."""
    container = await require(reader, project, id_)
    if container.is_over(at):
        raise InvalidRequest(f"The container {id_} has expired, and its files are gone. Make another one.")
    return container


async def fetch_of_thread(reader: Reader, project: str, thread: str) -> Container | None:
    """Return the thread's container, if it has one."""
    row = await reader.one(f"SELECT {COLUMNS} FROM containers WHERE project = ? AND thread = ?", project, thread)
    return None if row is None else decode(row)


async def insert(tx: Transaction, project: str, container: Container) -> None:
    """Store a new container, unless it is a thread's that has one by now."""
    await tx.execute(
        "INSERT INTO containers (project, id, created_at, name, thread, last_active_at, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (project, thread) WHERE thread IS NOT NULL DO NOTHING",
        project,
        container.id,
        container.created_at,
        container.name,
        container.thread_id,
        container.last_active_at,
        encode(container),
    )


async def touch(tx: Transaction, project: str, container: Container, *, at: float) -> None:
    """Note that a container is in use, unless it is over by then: nothing brings back one that has expired."""
    if at > container.last_active_at and not container.is_over(at):
        sql = "UPDATE containers SET last_active_at = ? WHERE project = ? AND id = ?"
        await tx.execute(sql, at, project, container.id)


def decode(row: Row) -> Container:
    """Return the container of a row of COLUMNS."""
    body, last_active_at = row
    return structs.replace(_codec.decode(body), last_active_at=last_active_at)
