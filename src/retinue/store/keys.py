"""The keys of all projects: which project a request acts in is known by its key alone."""

from collections.abc import Sequence
from hmac import compare_digest

from msgspec import structs

from retinue.core.errors import NotFound
from retinue.core.key import Key
from retinue.store.base import Database, Reader, Transaction
from retinue.store.codec import Codec, encode

_codec = Codec(Key)


class Keys:
    """Keys with their hashes. One that was shown is never deleted: revoked, it keeps the door shut."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def insert(self, key: Key, hash_: str) -> bool:
        """Store a new key, of whose text this is the hash; return whether it is the first that ever was."""

        async def work(tx: Transaction) -> bool:
            first = not await _any(tx)
            await tx.execute(
                "INSERT INTO keys (id, hash, project, body) VALUES (?, ?, ?, ?)",
                key.id,
                hash_,
                key.project,
                encode(key),
            )
            return first

        return await self._database.write(work)

    async def look_up(self, hash_: str) -> tuple[Key | None, bool]:
        """Return the key whose text has this hash, revoked or not, and whether there has ever been any."""
        row = await self._database.one("SELECT hash, body FROM keys WHERE hash = ?", hash_)
        # The index may stop at the first byte that differs. Who looks for keys by the time that takes learns how
        # far SHA-256 of a guess agrees with a stored hash, and no way to a guess whose hash agrees further.
        if row is not None and compare_digest(row[0], hash_):
            return _codec.decode(row[1]), True
        return None, await self.any_made()

    async def any_made(self) -> bool:
        """Return whether there has ever been a key."""
        return await _any(self._database)

    async def list(self) -> Sequence[Key]:
        """Return all keys, revoked ones too, in the order in which they were made."""
        return [_codec.decode(row[0]) for row in await self._database.all("SELECT body FROM keys ORDER BY seq")]

    async def revoke(self, id_: str, *, at: float) -> Key:
        """Take the key out of force for good and return it; one that was revoked stays as it was. Raises NotFound."""

        async def work(tx: Transaction) -> Key:
            row = await tx.one("SELECT body FROM keys WHERE id = ?", id_)
            if row is None:
                raise NotFound("key", id_)
            key = _codec.decode(row[0])
            if key.in_force:
                key = structs.replace(key, revoked_at=at)
                await tx.execute("UPDATE keys SET body = ? WHERE id = ?", encode(key), id_)
            return key

        return await self._database.write(work)

    async def withdraw(self, id_: str) -> None:
        """Delete a key that was made and never shown, as if it had never been."""

        async def work(tx: Transaction) -> None:
            await tx.execute("DELETE FROM keys WHERE id = ?", id_)

        await self._database.write(work)


async def _any(reader: Reader) -> bool:
    return await reader.one("SELECT id FROM keys LIMIT 1") is not None
