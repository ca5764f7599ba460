"""Searches in vector stores, and what they find."""

from typing import Literal

from msgspec import Struct

from retinue.core.attributes import Attributes, Filter

MAX_RESULTS = 50  # contract
Ranker = Literal["auto", "none"]


class Ranking(Struct, frozen=True, kw_only=True):
    """How results are ranked."""

    ranker: Ranker = "auto"
    """`none` goes by the vectors alone."""
    score_threshold: float = 0.0
    """0 to 1; what scores less is left out."""
    embedding_weight: float | None = None
    """With `text_weight`: weights of a reciprocal rank fusion, as the API's `hybrid_search` has them."""
    text_weight: float | None = None


class Search(Struct, frozen=True, kw_only=True):
    """What is looked for. A passage is as good as the query that it answers best."""

    queries: tuple[str, ...]
    limit: int
    ranking: Ranking = Ranking()
    filter: Filter | None = None


class Passage(Struct, frozen=True, kw_only=True):
    """A chunk of a file that a search found."""

    store_id: str
    file_id: str
    file_name: str
    score: float
    """0 to 1."""
    text: str
    attributes: Attributes = {}
    pages: tuple[tuple[int, int], ...] = ()
    """Where in `text` a page begins, and which: the first at 0. Empty where the file has no pages."""
