"""The hosted tool `file_search`: a model's queries, put to the files of its assistant and of its thread."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence

import structlog
from msgspec import Struct

from retinue.core.clock import Clock
from retinue.core.errors import NotFound, StoreFault
from retinue.core.item import ToolCall
from retinue.core.paging import PageQuery
from retinue.core.run import Run
from retinue.core.search import Passage, Ranking, Search
from retinue.core.tools import FileSearchTool, RankingOptions, ToolResources
from retinue.core.vector_store import VectorStore
from retinue.knowledge import Knowledge
from retinue.knowledge.base import SearchFault
from retinue.models.tokens import counter_for
from retinue.store import Scope
from retinue.tools.base import ToolResult
from retinue.tools.passages import told
from retinue.tools.queries import WANTED, queries_in

log = structlog.get_logger()

_PATIENCE_S = 60.0  # of a run for files that are not read: contract, "File search"
_PAUSES_S = (0.1, 0.25, 0.5, *[1.0] * 60)  # between looks whether they are: no more than that, whatever the clock says
_SHOWN = 100  # characters of an id or a name that are told again
_FAILURES = 5  # files that can't be searched of which it is told why


class Found(Struct, frozen=True):
    """The vector stores to search, and what is to be said of others."""

    stores: tuple[VectorStore, ...] = ()
    notes: tuple[str, ...] = ()


class FileSearch:
    """See `HostedTool`. Stores are named from outside: only those of the run's own project are searched."""

    idempotent = True

    def __init__(
        self, knowledge: Knowledge, *, clock: Clock, pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._knowledge, self._clock, self._pause = knowledge, clock, pause

    async def run(self, scope: Scope, run: Run, call: ToolCall) -> ToolResult:
        """Search, and tell what was found by markers that no other call of the thread has."""
        queries = queries_in(call.arguments)
        if not queries:
            return _failed(WANTED)
        tool = next((tool for tool in run.spec.tools if isinstance(tool, FileSearchTool)), FileSearchTool())
        options = tool.ranking_options or RankingOptions(score_threshold=0.0)
        try:
            found = await self._stores(scope, run)
            passages = await self._passages(scope, found.stores, _search(queries, tool, options, run.spec.model))
            number = await scope.runs.number_of(run, call)
            counter = counter_for(run.spec.model)
            text, hits = await told(
                passages,
                found.notes,
                searched=bool(found.stores),
                number=number,
                limit=_room(run.spec.model),
                counter=counter,
            )
        except (SearchFault, StoreFault, NotFound) as fault:
            return _failed(f"The files can't be searched now: {fault.message}")
        except Exception:
            log.exception("search_failed_inside", run=run.id)
            return _failed("The files can't be searched now: the server made a mistake, and its log says more.")
        return ToolResult(output=text, hits=hits, ranking=options)

    async def _passages(self, scope: Scope, stores: Sequence[VectorStore], search: Search) -> list[Passage]:
        await scope.vector_stores.touch(stores, at=self._clock())
        return await self._knowledge.search(scope, stores, search) if stores else []

    async def _stores(self, scope: Scope, run: Run) -> Found:
        """The assistant's store and the thread's own."""
        thread = await scope.threads.get(run.thread_id)  # as it is now: a message may have given it a store
        own = _first(thread.tool_resources)
        stores: list[VectorStore] = []
        notes: list[str] = []
        pauses = iter(_PAUSES_S)  # of both: a run waits no longer where there are two
        for id_ in filter(None, dict.fromkeys((_first(run.spec.tool_resources), own))):
            try:
                store = await self._read(scope, id_, run, pauses, own=id_ == own)
            except NotFound:
                notes.append(f"There is no vector store {id_[:_SHOWN]!a}.")
                continue
            if store.is_over(self._clock()):
                notes.append(f"The vector store {id_[:_SHOWN]!a} has expired.")
                continue
            stores.append(store)
            if id_ == own or store.assistant_id:
                notes += await _failures(scope, store)
        if any(store.status == "in_progress" for store in stores):
            notes.append("Some files are not read yet: search again later for what they say.")
        if not stores and not notes:
            notes.append("Nobody has given files to this assistant or to this thread.")
        return Found(tuple(stores), tuple(notes))

    async def _read(self, scope: Scope, id_: str, run: Run, pauses: Iterator[float], *, own: bool) -> VectorStore:
        """The store: the thread's own once its files are read, or the run has waited for them long enough.

        Files come before their run does: the time since it was made is known to each of its calls, after a restart too.

        An assistant's is not waited for (contract, "File search"), but for one that a v1 client made: v1 has no way to
        see whether its files are read.
        """
        while True:
            store = await scope.vector_stores.get(id_)
            waits = (own or store.assistant_id) and store.status == "in_progress"
            is_late = self._clock() - run.created_at >= _PATIENCE_S
            pause = next(pauses, None) if waits and not is_late else None
            if pause is None:
                return store
            await self._pause(pause)


async def _failures(scope: Scope, store: VectorStore) -> list[str]:
    """Say why files that came with messages, or from a v1 client, can't be searched: nobody else tells it."""
    if not store.counts.failed:
        return []
    failed = (await scope.vector_store_files.list(store.id, PageQuery(limit=_FAILURES), status="failed")).data
    names = await scope.files.names({file.file_id for file in failed})
    return [
        f"The file {names.get(file.file_id, file.file_id)[:_SHOWN]!r} can't be searched: {file.error.message}"
        for file in failed
        if file.error
    ]


def _search(queries: tuple[str, ...], tool: FileSearchTool, options: RankingOptions, model: str) -> Search:
    weights = options.hybrid_search or {}
    ranking = Ranking(
        ranker="none" if options.ranker == "none" else "auto",
        score_threshold=options.score_threshold,
        embedding_weight=weights.get("embedding_weight"),
        text_weight=weights.get("text_weight"),
    )
    return Search(queries=queries, limit=tool.max_num_results or (5 if _is_small(model) else 20), ranking=ranking)


def _room(model: str) -> int:
    """Tokens that all that is found may take, as the hosted service has it."""
    return 4_000 if _is_small(model) else 16_000


def _is_small(model: str) -> bool:
    return model.rpartition("/")[2].startswith(("gpt-3.5", "gpt-35"))


def _first(resources: ToolResources | None) -> str | None:
    """The vector store: there is at most one each."""
    return next(iter((resources and resources.file_search) or ()), None)


def _failed(why: str) -> ToolResult:
    return ToolResult(output=why, outcome="failed", error=why)
