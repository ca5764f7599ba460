"""Stored containers."""

from collections.abc import Sequence

from retinue.core.container import Container, ContainerFile
from retinue.core.errors import NotFound
from retinue.core.job import EXPIRE_CONTAINER, Job
from retinue.core.paging import Page, PageQuery
from retinue.store import container_files, container_rows, jobs, pages
from retinue.store.base import Database, Transaction

_FEW = 20  # files that a short unit of work may store
_TOUCH_S = 5.0  # within which one use is as good as another, and needs no write


class Containers:
    """The containers of one project."""

    def __init__(self, database: Database, project: str) -> None:
        self._database = database
        self._project = project

    async def insert(self, container: Container, files: Sequence[ContainerFile] = ()) -> None:
        """Store a new container with its first files; raises NotFound for a stored file that isn't there."""

        async def work(tx: Transaction) -> None:
            ids = [file.file_id for file in files if file.file_id is not None]
            await container_files.require_files(tx, self._project, ids)
            await container_rows.insert(tx, self._project, container)
            await container_files.insert_all(tx, self._project, files)
            await _watch(tx, self._project, container)

        await self._database.write(work, long=len(files) > _FEW)

    async def of_thread(self, thread_id: str, new: Container) -> Container:
        """Return the thread's container, which is `new` if it had none. Raises NotFound for a thread that is gone."""
        assert new.thread_id == thread_id

        async def work(tx: Transaction) -> Container:
            if found := await container_rows.fetch_of_thread(tx, self._project, thread_id):
                return found
            if await tx.one("SELECT 1 FROM threads WHERE project = ? AND id = ?", self._project, thread_id) is None:
                raise NotFound("thread", thread_id)
            await container_rows.insert(tx, self._project, new)
            made = await container_rows.fetch_of_thread(tx, self._project, thread_id)
            assert made is not None
            return made

        if found := await self.find_of_thread(thread_id):
            return found
        return await self._database.write(work)

    async def find_of_thread(self, thread_id: str) -> Container | None:
        """Return the thread's container, if it has one."""
        return await container_rows.fetch_of_thread(self._database, self._project, thread_id)

    async def get(self, id_: str) -> Container:
        """Return the container; raises NotFound."""
        return await container_rows.require(self._database, self._project, id_)

    async def running(self, id_: str, *, at: float) -> Container:
        """Return the container; raises NotFound, InvalidRequest for one that has expired."""
        return await container_rows.require_running(self._database, self._project, id_, at=at)

    async def list(self, query: PageQuery, *, name: str | None = None) -> Page[Container]:
        """Return a page of containers, by time of creation, perhaps of one name only."""
        where = "project = ?" if name is None else "project = ? AND name = ?"
        values = (self._project,) if name is None else (self._project, name)
        listing = pages.Listing(table="containers", columns=container_rows.COLUMNS, where=where, values=values)
        rows, more = await pages.list_rows(self._database, listing, query)
        return Page(data=list(map(container_rows.decode, rows)), has_more=more)

    async def touch(self, id_: str, *, at: float) -> None:
        """Note that the container is in use: it expires the later. What was noted just now costs no write.

        One that has expired stays so, and one that isn't there is no error.
        """
        container = await container_rows.fetch(self._database, self._project, id_)
        if container is None or at < container.last_active_at + _TOUCH_S:
            return

        async def work(tx: Transaction) -> None:
            if there := await container_rows.fetch(tx, self._project, id_):
                await container_rows.touch(tx, self._project, there, at=at)

        await self._database.write(work)

    async def expire(self, id_: str, *, now: float) -> Sequence[str] | None:
        """Empty the container if its time is over, or else have a job look again when it may be.

        Returns the blobs that have no owner any more; None of one that is still in use.
        """

        async def work(tx: Transaction) -> Sequence[str] | None:
            container = await container_rows.fetch(tx, self._project, id_)
            if container is None:
                return ()
            if not container.is_over(now):
                await _watch(tx, self._project, container)
                return None
            return await container_files.remove_all(tx, self._project, id_)

        return await self._database.write(work, long=True)

    async def delete(self, id_: str) -> Sequence[str]:
        """Delete the container with its files; return the blobs that have no owner any more. Raises NotFound."""

        async def work(tx: Transaction) -> Sequence[str]:
            sql = "SELECT created_at, seq FROM containers WHERE project = ? AND id = ?"
            row = await tx.one(sql, self._project, id_)
            if row is None:
                raise NotFound("container", id_)
            blobs = await _delete(tx, self._project, id_)
            await pages.bury(tx, self._project, id_, major=row[0], minor=row[1])
            return blobs

        return await self._database.write(work, long=True)


async def delete_of_thread(tx: Transaction, project: str, thread: str) -> list[str]:
    """Delete a thread's container, if it has one; return the blobs that have no owner any more."""
    container = await container_rows.fetch_of_thread(tx, project, thread)
    return [] if container is None else await _delete(tx, project, container.id)


async def _delete(tx: Transaction, project: str, id_: str) -> list[str]:
    blobs = await container_files.remove_all(tx, project, id_)
    await tx.execute("DELETE FROM containers WHERE project = ? AND id = ?", project, id_)
    await jobs.remove(tx, EXPIRE_CONTAINER, project, id_)
    return blobs


async def _watch(tx: Transaction, project: str, container: Container) -> None:
    """Have a job look when the container may be over; it looks again if that is later by then."""
    if container.expires_minutes is None:
        return
    await jobs.remove(tx, EXPIRE_CONTAINER, project, container.id)
    due = container.last_active_at + 60 * container.expires_minutes
    await jobs.add(tx, Job(kind=EXPIRE_CONTAINER, project=project, key=container.id, due=due))
