"""Stored files of containers."""

from collections.abc import Sequence

from retinue.core.container import ContainerFile
from retinue.core.container_paths import MAX_FILES
from retinue.core.errors import InvalidRequest, NotFound
from retinue.core.paging import Page, PageQuery
from retinue.store import container_rows, many, pages
from retinue.store.base import Database, Reader, Row, Transaction
from retinue.store.codec import Codec, encode

_codec = Codec(ContainerFile)


class ContainerFiles:
    """The files in one project's containers."""

    def __init__(self, database: Database, project: str) -> None:
        self._database = database
        self._project = project

    async def all(self, container_id: str) -> Sequence[ContainerFile]:
        """Return all files of the container, which are MAX_FILES at most, by path; none of one that isn't there."""
        sql = "SELECT body FROM container_files WHERE project = ? AND container = ?"
        rows = await self._database.all(sql, self._project, container_id)
        return sorted((_codec.decode(row[0]) for row in rows), key=lambda file: file.path)

    async def list(self, container_id: str, query: PageQuery) -> Page[ContainerFile]:
        """Return a page of the container's files, by the time when they came; raises NotFound."""
        listing = pages.Listing(
            table="container_files",
            columns="body",
            where="project = ? AND container = ?",
            values=(self._project, container_id),
            parent=container_id,
        )
        await container_rows.require(self._database, self._project, container_id)
        rows, more = await pages.list_rows(self._database, listing, query)
        return Page(data=[_codec.decode(row[0]) for row in rows], has_more=more)

    async def get(self, container_id: str, id_: str) -> ContainerFile:
        """Return a file of the container; raises NotFound."""
        sql = "SELECT body FROM container_files WHERE project = ? AND container = ? AND id = ?"
        row = await self._database.one(sql, self._project, container_id, id_)
        if row is None:
            await container_rows.require(self._database, self._project, container_id)
            raise NotFound("container_file", id_)
        return _codec.decode(row[0])

    async def put(self, file: ContainerFile) -> str | None:
        """Put a file into its container, in the place of one of the same path; it is a use of the container.

        Returns a blob that has no owner any more. Raises NotFound for a container or a file that isn't there,
        InvalidRequest if the container has expired or is full.
        """

        async def work(tx: Transaction) -> str | None:
            project, at = self._project, file.created_at
            container = await container_rows.require_running(tx, project, file.container_id, at=at)
            if file.file_id is not None:
                await require_files(tx, project, [file.file_id])
            if not await has_room(tx, project, file):
                raise InvalidRequest(f"The container {container.id} has {MAX_FILES} files already. Delete some.")
            left = await put(tx, project, file)
            await container_rows.touch(tx, project, container, at=at)
            return left

        return await self._database.write(work)

    async def delete(self, container_id: str, id_: str) -> str | None:
        """Take a file out of the container; return a blob that has no owner any more. Raises NotFound."""

        async def work(tx: Transaction) -> str | None:
            await container_rows.require(tx, self._project, container_id)
            row = await _row(tx, self._project, container_id, "id", id_)
            if row is None:
                raise NotFound("container_file", id_)
            return await _remove(tx, self._project, container_id, row)

        return await self._database.write(work)


async def require_files(reader: Reader, project: str, ids: Sequence[str]) -> None:
    """Raise NotFound for the first of the stored files that isn't there."""
    there = await files_there(reader, project, ids)
    for id_ in ids:
        if id_ not in there:
            raise NotFound("file", id_)


async def files_there(reader: Reader, project: str, ids: Sequence[str]) -> set[str]:
    """Return those of the stored files that are there."""
    rows = await many.select(reader, "SELECT id FROM files WHERE project = ? AND id IN", project, ids=ids)
    return {row[0] for row in rows}


async def has_room(reader: Reader, project: str, file: ContainerFile) -> bool:
    """Whether a file has a place in its container: there are not too many, or it takes another one's."""
    sql = "SELECT count(*) FROM container_files WHERE project = ? AND container = ?"
    count = await reader.one(sql, project, file.container_id)
    if count is not None and count[0] < MAX_FILES:
        return True
    return await _row(reader, project, file.container_id, "path", file.path) is not None


async def insert_all(tx: Transaction, project: str, files: Sequence[ContainerFile]) -> None:
    """Store the first files of a new container, whose paths differ."""
    into = "container_files (project, id, container, path, created_at, file, blob, body)"
    await many.insert(tx, into, [_values(project, file) for file in files])


async def put(tx: Transaction, project: str, file: ContainerFile) -> str | None:
    """Store a file in the place of one of the same path; return a blob that has no owner any more."""
    left = await remove_path(tx, project, file.container_id, file.path)
    await insert_all(tx, project, [file])
    return left


async def remove_path(tx: Transaction, project: str, container: str, path: str) -> str | None:
    """Take out the file under a path, if there is one; return a blob that has no owner any more."""
    row = await _row(tx, project, container, "path", path)
    return None if row is None else await _remove(tx, project, container, row)


async def remove_all(tx: Transaction, project: str, container: str) -> list[str]:
    """Take all files out of a container; return the blobs that have no owner any more."""
    where = "FROM container_files WHERE project = ? AND container = ?"
    blobs = await tx.all(f"SELECT blob {where} AND blob IS NOT NULL", project, container)
    await tx.execute(f"DELETE {where}", project, container)
    await tx.execute("DELETE FROM tombstones WHERE project = ? AND parent = ?", project, container)
    return [row[0] for row in blobs]


async def forget_file(tx: Transaction, project: str, file: str) -> None:
    """Take a stored file that is deleted out of every container."""
    sql = "SELECT container, id, blob, created_at, seq FROM container_files WHERE project = ? AND file = ?"
    for container, *row in await tx.all(sql, project, file):
        await _remove(tx, project, container, tuple(row))


async def _row(reader: Reader, project: str, container: str, by: str, value: str) -> Row | None:
    sql = f"SELECT id, blob, created_at, seq FROM container_files WHERE project = ? AND container = ? AND {by} = ?"
    return await reader.one(sql, project, container, value)


async def _remove(tx: Transaction, project: str, container: str, row: Row) -> str | None:
    id_, blob, created_at, seq = row
    sql = "DELETE FROM container_files WHERE project = ? AND container = ? AND id = ?"
    await tx.execute(sql, project, container, id_)
    await pages.bury(tx, project, id_, parent=container, major=created_at, minor=seq)
    return None if blob is None else str(blob)


def _values(project: str, file: ContainerFile) -> Row:
    return (
        project,
        file.id,
        file.container_id,
        file.path,
        file.created_at,
        file.file_id,
        file.blob,
        encode(file),
    )
