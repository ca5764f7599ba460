"""Search vector stores in this process: by vectors and words together; a question becomes a vector each time.

Stores are loaded from a database, and again from what was saved of them. Beside them stands how long this machine's
memory takes to deliver the codes of a million windows, 384 MB, in the same minute: no scan of them is quicker.
"""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Collection, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np

from bench.figures import Figures, Round
from bench.plan import Plan
from bench.progress import tell
from bench.stored_windows import DIMENSIONS, StoredWindows
from retinue.knowledge.embedding.local import LocalEmbedder
from retinue.knowledge.fusion import Scores, by_both
from retinue.knowledge.index.candidates import Evidence
from retinue.knowledge.index.indexes import Indexes
from retinue.knowledge.index.saved import SavedIndexes
from retinue.knowledge.index.store_index import Search, StoreIndex
from retinue.knowledge.index.workers import Workers

T = TypeVar("T")

LIMIT = 20
THREADS = 2
BOUND = 1 << 40  # bytes; more than all of them take
SMALL_STORES, SMALL_WINDOWS = 5_000, 20
QUESTION = "Which valves of the boiler have to be cleaned every spring, and by whom?"
WARM_UP = 10  # searches
PROBE_BYTES, PROBES = 384_000_000, 10


def measure(plan: Plan) -> Iterator[Round]:
    with tempfile.TemporaryDirectory() as folder:
        yield asyncio.run(everything(Path(folder), plan))


async def everything(folder: Path, plan: Plan) -> Round:
    workers, saved, embedder = Workers(THREADS), SavedIndexes(folder / "indexes"), LocalEmbedder()
    taken: Round = {}
    for windows in plan.searched_windows:
        tell(f"  a store of {windows:,} windows ...")
        stored = StoredWindows(folder / f"{windows}.db", windows)
        taken |= await large(f"{windows:,}", stored, workers, saved, searches=plan.searches, embedder=embedder)
        stored.close()
    tell(f"  {SMALL_STORES:,} stores of {SMALL_WINDOWS} windows ...")
    stored = StoredWindows(folder / "small.db", SMALL_WINDOWS, file_windows=SMALL_WINDOWS)
    taken["small stores"] = await many_small(stored, workers, embedder)
    stored.close()
    workers.close()
    saved.close()
    await embedder.close()
    return taken | {"memory": {"search_ms_p50": probe_ms()}}


async def large(
    name: str, stored: StoredWindows, workers: Workers, saved: SavedIndexes, *, searches: int, embedder: LocalEmbedder
) -> Round:
    load_s, save_s = await loaded_and_saved(stored, workers, saved)
    before_mb = anonymous_mb()
    indexes = Indexes(bound=BOUND, workers=workers, saved=saved)
    load_saved_s, index = await timed(lambda: opened(indexes, stored))
    memory_mb = anonymous_mb() - before_mb
    one_percent = [str(file) for file in range(0, stored.files, 100)]
    times = {"load_s": load_s, "save_s": save_s, "load_saved_s": load_saved_s, "index_mb": memory_mb}
    return {
        name: await searched(index, stored, searches, None, embedder) | times,
        f"{name}, 1%": await searched(index, stored, searches, one_percent, embedder),
    }


async def loaded_and_saved(stored: StoredWindows, workers: Workers, saved: SavedIndexes) -> tuple[float, float]:
    """Load a store from the database and save it; return how many seconds each took."""
    indexes = Indexes(bound=BOUND, workers=workers, saved=saved)
    load_s, _ = await timed(lambda: opened(indexes, stored))
    save_s, _ = await timed(indexes.saved)
    return load_s, save_s


async def many_small(stored: StoredWindows, workers: Workers, embedder: LocalEmbedder) -> Figures:
    """Open very many stores, each with the same windows; then search in each."""
    before_mb, indexes = anonymous_mb(), Indexes(bound=BOUND, workers=workers)
    keys = [f"vs_{number}" for number in range(SMALL_STORES)]

    async def open_all() -> None:
        for key in keys:
            await opened(indexes, stored, key)

    load_s, _ = await timed(open_all)
    memory_mb = anonymous_mb() - before_mb
    return await searched(await opened(indexes, stored, keys[0]), stored, SMALL_WINDOWS, None, embedder) | {
        "load_s": load_s,
        "index_mb": memory_mb,
    }


async def opened(indexes: Indexes, stored: StoredWindows, key: str = "vs") -> StoreIndex:
    key = f"{key}_of_{stored.windows}"
    return await indexes.get(key, version=1, dimensions=DIMENSIONS, load=stored.load)


async def searched(
    index: StoreIndex, stored: StoredWindows, times: int, files: Collection[str] | None, embedder: LocalEmbedder
) -> Figures:
    took = list[float]()
    for _ in range(WARM_UP + times):
        search = Search(queries=[stored.query()], limit=LIMIT, documents=files, fuse=_fuse)
        began = time.perf_counter()
        await embedder.embed_query(QUESTION)  # its vector would be like none of those that are stored
        await index.find(search, stored.fetch)
        took.append((time.perf_counter() - began) * 1000)
    measured = took[WARM_UP:]
    return {
        "search_ms_least": min(measured),
        "search_ms_p50": float(np.percentile(measured, 50)),
        "search_ms_p99": float(np.percentile(measured, 99)),
    }


async def timed(work: Callable[[], Awaitable[T]]) -> tuple[float, T]:
    """Return how many seconds something took, and what came of it."""
    began = time.perf_counter()
    result = await work()
    return time.perf_counter() - began, result


def probe_ms() -> float:
    """Return how long it takes to read a million windows' codes once."""
    numbers = np.ones(PROBE_BYTES // 8, np.int64)
    took = []
    for _ in range(PROBES):
        began = time.perf_counter()
        numbers.sum()
        took.append(time.perf_counter() - began)
    return min(took) * 1000


def anonymous_mb() -> float:
    """Return the memory of this process that is no file's; 0 where the system doesn't tell."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="ascii").splitlines() if status.exists() else []
    return next((int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("RssAnon")), 0.0)


def _fuse(found: Evidence) -> Scores:
    return by_both(found.similarities, found.words, ceiling=found.ceiling, vectors=found.vectors)
