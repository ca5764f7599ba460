"""Stored uploads and their parts."""

from collections.abc import Callable, Sequence

from msgspec import structs

from retinue.core.errors import NotFound
from retinue.core.file import File
from retinue.core.job import EXPIRE_UPLOAD, Job
from retinue.core.upload import Part, Upload, UploadStatus
from retinue.store import files, jobs
from retinue.store.base import Database, Reader, Transaction
from retinue.store.codec import Codec, encode

Check = Callable[[Upload], None]
"""Raises what speaks against a change."""

_uploads = Codec(Upload)
_parts = Codec(Part)


class Uploads:
    """The uploads of one project."""

    def __init__(self, database: Database, project: str) -> None:
        self._database = database
        self._project = project

    async def insert(self, upload: Upload) -> None:
        """Store a new upload, and the job that ends it."""

        async def work(tx: Transaction) -> None:
            await tx.execute(
                "INSERT INTO uploads (project, id, status, body) VALUES (?, ?, ?, ?)",
                self._project,
                upload.id,
                upload.status,
                encode(upload),
            )
            expiry = Job(kind=EXPIRE_UPLOAD, project=self._project, key=upload.id, due=upload.expires_at)
            await jobs.add(tx, expiry)

        await self._database.write(work)

    async def get(self, id_: str) -> Upload:
        """Return the upload; raises NotFound."""
        return await self._fetch(self._database, id_)

    async def parts(self, id_: str) -> Sequence[Part]:
        """Return the upload's parts, in the order in which they were stored."""
        sql = "SELECT body FROM upload_parts WHERE project = ? AND upload = ? ORDER BY seq"
        return [_parts.decode(row[0]) for row in await self._database.all(sql, self._project, id_)]

    async def add_part(self, part: Part, *, check: Check) -> None:
        """Store a part of an upload, unless `check` refuses; raises NotFound."""

        async def work(tx: Transaction) -> None:
            upload = await self._fetch(tx, part.upload_id)
            check(upload)
            await tx.execute(
                "INSERT INTO upload_parts (project, id, upload, blob, body) VALUES (?, ?, ?, ?, ?)",
                self._project,
                part.id,
                part.upload_id,
                part.blob,
                encode(part),
            )
            grown = structs.replace(upload, parts=upload.parts + 1, stored=upload.stored + part.size)
            await self._update(tx, grown)

        await self._database.write(work)

    async def complete(self, id_: str, file: File, *, check: Check) -> tuple[Upload, Sequence[str]]:
        """Store the file that the upload came to, unless `check` refuses; raises NotFound.

        Returns the upload, completed, and the blobs of its parts, which nobody owns any more.
        """

        async def work(tx: Transaction) -> tuple[Upload, list[str]]:
            upload = await self._fetch(tx, id_)
            check(upload)
            await files.insert(tx, self._project, file)
            return await self._end(tx, structs.replace(upload, file_id=file.id), "completed")

        return await self._database.write(work, long=True)

    async def end(self, id_: str, status: UploadStatus, *, check: Check) -> tuple[Upload, Sequence[str]]:
        """End the upload without a file, unless `check` refuses; raises NotFound. Returns as `complete` does."""

        async def work(tx: Transaction) -> tuple[Upload, list[str]]:
            upload = await self._fetch(tx, id_)
            check(upload)
            return await self._end(tx, upload, status)

        return await self._database.write(work, long=True)

    async def _end(self, tx: Transaction, upload: Upload, status: UploadStatus) -> tuple[Upload, list[str]]:
        ended = structs.replace(upload, status=status, parts=0, stored=0)
        place = (self._project, upload.id)
        blobs = await tx.all("SELECT blob FROM upload_parts WHERE project = ? AND upload = ? ORDER BY seq", *place)
        await tx.execute("DELETE FROM upload_parts WHERE project = ? AND upload = ?", *place)
        await self._update(tx, ended)
        await jobs.remove(tx, EXPIRE_UPLOAD, *place)
        return ended, [row[0] for row in blobs]

    async def _update(self, tx: Transaction, upload: Upload) -> None:
        await tx.execute(
            "UPDATE uploads SET status = ?, body = ? WHERE project = ? AND id = ?",
            upload.status,
            encode(upload),
            self._project,
            upload.id,
        )

    async def _fetch(self, reader: Reader, id_: str) -> Upload:
        row = await reader.one("SELECT body FROM uploads WHERE project = ? AND id = ?", self._project, id_)
        if row is None:
            raise NotFound("upload", id_)
        return _uploads.decode(row[0])
