"""Taking files out of a vector store; the file itself goes with them where nothing else has a use for it."""

from urllib.parse import quote

from retinue.cli.client.api import Api, Refused
from retinue.cli.files.objects import Deleted, StoredFile, VectorStore
from retinue.cli.files.places import was_added
from retinue.cli.files.vector_stores import files_in, path_of, vector_stores


class Taking:
    """Takes files out of one store."""

    def __init__(self, api: Api, store: VectorStore) -> None:
        self._api, self._store = api, store
        self._elsewhere: dict[str, str] | None = None

    async def out(self, file: StoredFile) -> str:
        """Take a file out, and delete it; where it is kept for others, return why, in a clause."""
        kept = (await self._holders()).get(file.id, "")
        if kept:
            kept = f"the vector store {kept} holds it too"
        elif not was_added(file):
            kept = "it was uploaded by itself, not by `retinue files add`"
        if kept:
            await _gone(self._api, path_of(self._store, "files", file.id))
        else:
            await delete_file(self._api, file.id)
        return kept

    async def _holders(self) -> dict[str, str]:
        """Return which other store holds which file: asked once, however many files go."""
        if self._elsewhere is None:
            others = [store async for store in vector_stores(self._api) if store.id != self._store.id]
            filled = [store for store in others if store.file_counts.total]
            self._elsewhere = {file.id: store.title for store in filled async for file in files_in(self._api, store)}
        return self._elsewhere


async def delete_file(api: Api, file_id: str) -> None:
    """Delete a file, and with it what any store has of it; one that is gone already is as good as deleted."""
    await _gone(api, f"/v1/files/{quote(file_id, safe='')}")


async def delete_store(api: Api, store: VectorStore) -> None:
    """Delete a vector store with all files that it alone has."""
    taking = Taking(api, store)
    for file in [file async for file in files_in(api, store)]:
        await taking.out(file)
    await _gone(api, path_of(store))


async def _gone(api: Api, path: str) -> None:
    try:
        await api.delete(path, Deleted)
    except Refused as refused:
        if refused.status != 404:
            raise
