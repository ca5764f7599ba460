"""Taking files out of vector stores through the API itself: nothing has to be read for that."""

from pathlib import Path

import pytest

from cli.conversation.doors import place
from retinue.cli.client.api import Api, Refused
from retinue.cli.client.form import Form
from retinue.cli.files.objects import File, StoredFile, VectorStore
from retinue.cli.files.places import SHA256, place_attribute
from retinue.cli.files.taking import Taking, delete_store
from retinue.cli.files.vector_stores import files_in, make_store, path_of

ADDED = {SHA256: "0", **dict([place_attribute(Path("/rules.md"))])}
"""What `retinue files add` notes."""


async def uploaded(api: Api) -> str:
    form = Form(field="file", name="rules.md", content=b"Dogs are welcome.", fields={"purpose": "assistants"})
    return (await api.upload("/v1/files", File, form)).id


async def put(api: Api, store: VectorStore, file_id: str, attributes: dict[str, str]) -> StoredFile:
    return await api.post(path_of(store, "files"), StoredFile, file_id=file_id, attributes=attributes)


async def test_a_file_goes_with_the_last_store_that_holds_it(tmp_path: Path) -> None:
    async with place("in_process", tmp_path) as there, there.api() as api:
        one, other = [await make_store(api, name) for name in ("one", "other")]
        file_id = await uploaded(api)
        files = [await put(api, store, file_id, ADDED) for store in (one, other)]
        assert await Taking(api, one).out(files[0]) == "the vector store other holds it too"
        assert [[file.id async for file in files_in(api, store)] for store in (one, other)] == [[], [file_id]]
        assert await Taking(api, other).out(files[1]) == ""
        with pytest.raises(Refused, match=file_id):
            await api.get(f"/v1/files/{file_id}", File)


async def test_a_file_of_a_programs_stays_when_its_store_goes(tmp_path: Path) -> None:
    async with place("in_process", tmp_path) as there, there.api() as api:
        store = await make_store(api, "one")
        file_id = await uploaded(api)
        await put(api, store, file_id, {"path": "/rules.md"})
        await delete_store(api, store)
        assert (await api.get(f"/v1/files/{file_id}", File)).id == file_id
        with pytest.raises(Refused, match=store.id):
            await api.get(path_of(store), VectorStore)
