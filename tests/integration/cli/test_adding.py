"""Adding files to a vector store through the API itself."""

from pathlib import Path
from typing import TypeVar

import pytest

from cli.conversation.doors import place
from retinue.cli.client.api import Api, Refused
from retinue.cli.client.entrance import Entrance
from retinue.cli.client.form import Form
from retinue.cli.files.adding import Adding
from retinue.cli.files.objects import Deleted, Windows
from retinue.cli.files.vector_stores import make_store, path_of

T = TypeVar("T")


class Nobody:
    """A watcher that looks away."""

    def reads(self, name: str) -> None: ...

    def reached(self, windows: Windows) -> None: ...

    def settled(self) -> None: ...


async def test_a_file_that_its_store_refuses_is_not_left_behind(tmp_path: Path) -> None:
    (tmp_path / "rules.md").write_text("Dogs are welcome.\n")
    async with place("in_process", tmp_path) as there:
        entrance = Entrance(there.settings, "default")
        api = Api(entrance)
        store = await make_store(api, "documents")

        class Meanwhile(Api):
            """Somebody deletes the store while a file is on its way."""

            async def upload(self, path: str, type_: type[T], form: Form) -> T:
                uploaded = await super().upload(path, type_, form)
                await api.delete(path_of(store), Deleted)
                return uploaded

        with pytest.raises(Refused, match=store.id):
            await Adding(Meanwhile(entrance), store, Nobody()).add([tmp_path / "rules.md"])
        assert (await api.get("/v1/files", dict))["data"] == []
        await entrance.close()
