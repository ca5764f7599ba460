"""Search vector stores in this process: by vectors and words together, the query's vector being given.

Stores are loaded from a database, and again from what was saved of them. Beside them stands how long this machine's
memory takes to deliver a million windows' codes, 384 MB, in the same minute: no scan of them is quicker.
"""

import asyncio
import gc
import tempfile
import time
from collections.abc import Awaitable, Callable, Collection, Iterator
from pathlib import Path

import numpy as np

from bench.figures import Figures, Round
from bench.plan import Plan
from bench.progress import tell
from bench.stored_windows import DIMENSIONS, StoredWindows
from retinue.knowledge.index.indexes import Indexes
from retinue.knowledge.index.ranking import by_both
from retinue.knowledge.index.saved import SavedIndexes
from retinue.knowledge.index.store_index import Search, StoreIndex
from retinue.knowledge.index.workers import Workers

LIMIT = 20
THREADS = 2
BOUND = 1 << 40
SMALL_STORES, SMALL_WINDOWS = 5_000, 20
WARM_UP = 10
PROBE_BYTES = 384_000_000


def measure(plan: Plan) -> Iterator[Round]:
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(1):
            yield asyncio.run(taken_in(Path(folder), plan))


async def taken_in(folder: Path, plan: Plan) -> Round:
    taken: Round = {}
    for windows in plan.searched_windows:
        tell(f"  a store of {windows:,} windows ...")
        taken |= await large(folder, windows, plan)
    return taken


async def large(folder: Path, windows: int, plan: Plan) -> Round:
    stored = StoredWindows(folder / f"{windows}.db", windows)
    workers, saved = Workers(THREADS), SavedIndexes(folder / "indexes")
    before = anonymous_mb()
    indexes = Indexes(bound=BOUND, workers=workers, saved=saved)
    loaded, _ = await timed(lambda: opened(indexes, stored))
    saving, _ = await timed(indexes.saved)
    del indexes
    gc.collect()
    indexes = Indexes(bound=BOUND, workers=workers, saved=saved)
    again, index = await timed(lambda: opened(indexes, stored))
    print("nbytes", indexes.nbytes / 1e6)
    one_percent = [str(file) for file in range(0, stored.files, 100)]
    every = await searched(index, stored, plan.searches, None)
    figures = {
        "load_s": loaded,
        "save_s": saving,
        "load_saved_s": again,
        "index_mb": anonymous_mb() - before,
    }
    some = await searched(index, stored, plan.searches, one_percent)
    stored.close()
    workers.close()
    saved.close()
    return {
        "memory": {"search_ms_p50": probe_ms()},
        f"{windows:,}": every | figures,
        f"{windows:,}, 1%": some,
    }


async def opened(indexes: Indexes, stored: StoredWindows) -> StoreIndex:
    return await indexes.get(f"vs_{stored.files}", version=1, dimensions=DIMENSIONS, load=stored.load)


async def searched(index: StoreIndex, stored: StoredWindows, times: int, files: Collection[str] | None) -> Figures:
    took = []
    for _ in range(WARM_UP + times):
        search = Search(queries=[stored.query()], limit=LIMIT, files=files, fuse=by_both)
        seconds, _ = await timed(lambda search=search: index.find(search, stored.fetch))
        took.append(seconds * 1000)
    took = took[WARM_UP:]
    return {
        "search_ms_p50": float(np.percentile(took, 50)),
        "search_ms_p99": float(np.percentile(took, 99)),
        "min": min(took),
    }


async def timed(work):
    began = time.perf_counter()
    result = await work()
    return time.perf_counter() - began, result


def probe_ms() -> float:
    numbers = np.ones(PROBE_BYTES // 8, np.int64)
    took = []
    for _ in range(10):
        began = time.perf_counter()
        numbers.sum()
        took.append(time.perf_counter() - began)
    return min(took) * 1000


def anonymous_mb() -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) * 1024 / 1e6
