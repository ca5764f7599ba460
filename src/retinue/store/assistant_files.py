"""The files of assistants as one list: what v1 clients read and write, over what each hosted tool has."""

from collections.abc import Callable, Sequence

from retinue.core.assistant import Assistant, AttachedFile
from retinue.core.assistant_files import listed, searched_stores, spread
from retinue.core.ids import new_id
from retinue.core.vector_store import FileDraft, VectorStore
from retinue.store import assistants, attached_files, attaching, store_rows, uses, vector_stores
from retinue.store.base import Database, Transaction

Files = tuple[AttachedFile, ...]
Change = Callable[[Assistant, Files], tuple[Assistant, Files]]
"""Makes of an assistant and its files what they are to be."""


class AssistantFiles:
    """The files of one project's assistants."""

    def __init__(self, database: Database, project: str) -> None:
        self._database = database
        self._project = project

    async def of(self, assistants: Sequence[Assistant]) -> list[Files]:
        """Return the files of each of the assistants."""

        async def work(tx: Transaction) -> list[Files]:
            return [await self._files(tx, assistant) for assistant in assistants]

        return await self._database.read(work)

    async def insert(self, assistant: Assistant, files: Files) -> Assistant:
        """Store a new assistant with these files for all its hosted tools; raises NotFound for one that isn't there.

        Returns it with what each of the tools has.
        """

        async def work(tx: Transaction) -> Assistant:
            made = spread(assistant, files, own_store=new_id("vs"))
            await uses.check(tx, self._project, made)
            await assistants.insert(tx, self._project, made)
            await fill(tx, self._project, made)
            return made

        return await self._database.write(work)

    async def change(self, id_: str, make: Change) -> tuple[Assistant, Files]:
        """Store and return what `make` makes of the assistant and its files; raises NotFound."""

        async def work(tx: Transaction) -> tuple[Assistant, Files]:
            stored = await assistants.fetch(tx, self._project, id_)
            own = await vector_stores.own(tx, self._project, stored.tool_resources, of=id_)
            before = await self._files(tx, stored)
            assistant, files = make(stored, before)
            if files == before and assistant.tools == stored.tools:  # what v2 clients set up stays as it is
                await assistants.update(tx, self._project, assistant, before=stored)
                return assistant, files
            changed = spread(assistant, files, own_store=own.id if own else new_id("vs"))
            await assistants.update(tx, self._project, changed, before=stored)
            await fill(tx, self._project, changed)
            return changed, files

        return await self._database.write(work, long=True)

    async def _files(self, tx: Transaction, assistant: Assistant) -> Files:
        stores = searched_stores(assistant)
        searched = [file for id_ in stores for file in await attached_files.listed(tx, self._project, id_)]
        return listed(assistant, searched)


async def fill(tx: Transaction, project: str, assistant: Assistant) -> None:
    """Let the vector store of an assistant that `spread` returned hold its files and no others, if it needs one."""
    for id_ in searched_stores(assistant):
        at = max((file.attached_at for file in assistant.files), default=assistant.created_at)
        if await store_rows.fetch(tx, project, id_) is None:
            store = VectorStore(id=id_, created_at=at, assistant_id=assistant.id)
            await vector_stores.insert(tx, project, store)
        there = {file.file_id for file in await attached_files.listed(tx, project, id_)}
        wanted = {file.file_id: file for file in assistant.files}
        for gone in there - wanted.keys():
            await attaching.detach(tx, project, await attached_files.require(tx, project, id_, gone))
        for new in [file for file in wanted if file not in there]:
            draft = FileDraft(file_id=new)
            await attaching.attach(tx, project, id_, [draft], at=wanted[new].attached_at, checked=True)
