"""Knowledge that finds what a test wrote down for it, and stops where the test wants to look."""

from collections.abc import Sequence

from engine.scripted import Gate
from retinue.core.search import Passage, Search
from retinue.core.vector_store import VectorStore
from retinue.store import Scope

HANDBOOK = Passage(
    store_id="vs_1",
    file_id="file-1",
    file_name="handbook.pdf",
    score=0.9,
    text="Leave is asked for in the portal. Thirty days a year are granted to everyone.\nUnpaid leave takes a letter.",
    pages=((0, 12), (34, 13)),
)
NOTES = Passage(store_id="vs_1", file_id="file-2", file_name="notes.txt", score=0.4, text="Ask Ann about leave.")


class Books:
    """See `Knowledge`; it finds the same passages in every store."""

    def __init__(self) -> None:
        self.passages: list[Passage] = [HANDBOOK, NOTES]
        self.searches: list[Search] = []
        self.searched: list[tuple[str, ...]] = []
        """Ids of the stores that were searched, for each search."""
        self.acts: list[Gate | Exception] = []
        """What the next searches do before they find anything."""

    async def ingest(self, scope: Scope, document: str) -> None:
        raise NotImplementedError("nothing is read here")

    async def search(self, scope: Scope, stores: Sequence[VectorStore], search: Search) -> list[Passage]:
        self.searches.append(search)
        self.searched.append(tuple(store.id for store in stores))
        match self.acts.pop(0) if self.acts else None:
            case Gate() as gate:
                gate.reached.set()
                await gate.go.wait()
            case Exception() as fault:
                raise fault
        return self.passages[: search.limit]

    async def forget(self, scope: Scope, store: str) -> None:
        pass

    async def close(self) -> None:
        pass
