"""Vector stores in memory: their windows' vectors and words, searched exactly."""

from retinue.knowledge.index.candidates import Evidence, Found, Fuse, Query
from retinue.knowledge.index.indexes import Changes, Indexes, Load
from retinue.knowledge.index.ranking import by_both, by_ranks
from retinue.knowledge.index.saved import SavedIndexes
from retinue.knowledge.index.store_index import Fetch, Search, StoreIndex
from retinue.knowledge.index.windows import BadSlab
from retinue.knowledge.index.workers import Workers

__all__ = [
    "BadSlab",
    "Changes",
    "Evidence",
    "Fetch",
    "Found",
    "Fuse",
    "Indexes",
    "Load",
    "Query",
    "SavedIndexes",
    "Search",
    "StoreIndex",
    "Workers",
    "by_both",
    "by_ranks",
]
