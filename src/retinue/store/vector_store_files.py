"""The files in vector stores: where each stands on its way from bytes to what can be searched."""

from collections.abc import Sequence
from typing import Any

from msgspec import structs

from retinue.core.attributes import Attributes
from retinue.core.paging import Page, PageQuery
from retinue.core.vector_store import FileDraft, FileError, FileStatus, VectorStoreFile
from retinue.store import attached_files, attaching, batched_files, pages
from retinue.store.base import Database, Transaction

FEW = 20
"""Files that a short unit of work may put in or take out."""


class VectorStoreFiles:
    """The files in one project's vector stores."""

    def __init__(self, database: Database, project: str) -> None:
        self._database = database
        self._project = project

    async def attach(self, store: str, files: Sequence[FileDraft], *, at: float) -> list[VectorStoreFile]:
        """Put files into a vector store, to be read in their order; one that is in it is read again if it has to be.

        Raises NotFound for a store or file that isn't there, InvalidRequest where there is no room.
        """
        return await self._database.write(
            lambda tx: attaching.attach(tx, self._project, store, files, at=at), long=len(files) > FEW
        )

    async def get(self, store: str, file: str) -> VectorStoreFile:
        """Return the file as it stands in the vector store; raises NotFound."""
        return await attached_files.require(self._database, self._project, store, file)

    async def of_document(self, document: str) -> VectorStoreFile | None:
        """Return the file whose windows are stored under this name, if it is still in its store."""
        return await attached_files.fetch_document(self._database, self._project, document)

    async def list(
        self, store: str, query: PageQuery, *, status: FileStatus | None = None, batch: str | None = None
    ) -> Page[VectorStoreFile]:
        """Return a page of a vector store's files, by the time when they were put in; raises NotFound."""
        await attached_files.require_store(self._database, self._project, store)
        wanted = {batched_files.OF_BATCH: batch, "status = ?": status}
        narrowed = {condition: value for condition, value in wanted.items() if value is not None}
        listing = pages.Listing(
            table="vector_store_files",
            columns=attached_files.COLUMNS,
            where="project = ? AND store = ?",
            values=(self._project, store),
            narrowed="".join(f" AND {condition}" for condition in narrowed),
            narrowed_by=tuple(narrowed.values()),
            parent=store,
        )
        rows, more = await pages.list_rows(self._database, listing, query)
        return Page(data=list(map(attached_files.decode, rows)), has_more=more)

    async def set_attributes(self, store: str, file: str, attributes: Attributes) -> VectorStoreFile:
        """Give a file other attributes and return it; raises NotFound."""

        async def work(tx: Transaction) -> VectorStoreFile:
            stored = await attached_files.require(tx, self._project, store, file)
            return await attaching.set_attributes(tx, self._project, stored, attributes)

        return await self._database.write(work)

    async def settle(
        self, document: str, *, error: FileError | None = None, usage_bytes: int = 0, windows: int = 0
    ) -> bool:
        """Note that a file can be searched, or why not; return False if it was taken out or cancelled meanwhile."""
        status: FileStatus = "failed" if error else "completed"

        async def work(tx: Transaction) -> bool:
            file = await attached_files.fetch_document(tx, self._project, document)
            if file is None or file.status != "in_progress":
                return False
            after = structs.replace(file, status=status, error=error, usage_bytes=usage_bytes, windows=windows)
            await attaching.settle(tx, self._project, file, after)
            return True

        return await self._database.write(work)

    async def wait(self, document: str, *, error: FileError) -> None:
        """Note why a file is not read yet, and what it waits for."""
        await self._note(document, error=error)

    async def waits_since(self, document: str, *, at: float) -> float:
        """Return when it was first tried to read a file in vain; if it never was, that is noted to be `at`."""

        async def work(tx: Transaction) -> float:
            file = await attached_files.fetch_document(tx, self._project, document)
            if file and file.waits_since is not None:
                return file.waits_since
            if file:
                await attached_files.update(tx, self._project, structs.replace(file, waits_since=at))
            return at

        return await self._database.write(work)

    async def expect(self, document: str, *, windows: int) -> None:
        """Note how many windows a file that is being read will have."""
        await self._note(document, windows=windows)

    async def detach(self, store: str, file: str) -> None:
        """Take a file out of the vector store; it stays a file. Raises NotFound."""

        async def work(tx: Transaction) -> None:
            await attaching.detach(tx, self._project, await attached_files.require(tx, self._project, store, file))

        await self._database.write(work)

    async def _note(self, document: str, **changes: Any) -> None:
        async def work(tx: Transaction) -> None:
            file = await attached_files.fetch_document(tx, self._project, document)
            if file and file.status == "in_progress" and (noted := structs.replace(file, **changes)) != file:
                await attached_files.update(tx, self._project, noted)

        await self._database.write(work)
