"""Bodies of searches."""

from typing import Annotated, Literal

from msgspec import Meta

from retinue.api.fields import Body
from retinue.api.vector_stores.bodies.files import Number
from retinue.core.attributes import Comparison, Compound, Filter, Operator
from retinue.core.errors import InvalidRequest
from retinue.core.invalid import missing, unknown
from retinue.core.search import MAX_RESULTS, Ranking, Search

MAX_QUERIES = 10
MAX_QUERY = 4_096  # characters: what is searched for is a question, not a document
MAX_DEPTH = 8  # of filters in filters
MAX_FILTERS = 100
RESULTS = 10  # contract: where no number is asked for

Query = Annotated[str, Meta(min_length=1, max_length=MAX_QUERY)]
Text = Annotated[str, Meta(max_length=512)]


class FilterBody(Body, frozen=True, kw_only=True):
    """A comparison of an attribute, or several filters joined: its type says which fields it has."""

    type: Literal["eq", "ne", "gt", "gte", "lt", "lte", "in", "nin", "and", "or"]
    key: Annotated[str, Meta(max_length=64)] | None = None
    value: Text | bool | Number | Annotated[tuple[Text | Number, ...], Meta(max_length=MAX_FILTERS)] | None = None
    filters: "Annotated[tuple[FilterBody, ...], Meta(max_length=MAX_FILTERS)] | None" = None

    def filter(self, place: str, *, depth: int = 1) -> Filter:
        """Return it as a core value; raises InvalidRequest, which names the field under `place`."""
        if depth > MAX_DEPTH:
            raise InvalidRequest(
                f"Invalid '{place}': filters are nested more than {MAX_DEPTH} deep.", param=place, code="invalid_value"
            )
        if self.type == "and" or self.type == "or":
            return Compound(operator=self.type, filters=tuple(self._joined(place, depth)))
        return self._comparison(self.type, place)

    @property
    def size(self) -> int:
        """How many filters it is made of, itself counted."""
        return 1 + sum(each.size for each in self.filters or ())

    def _joined(self, place: str, depth: int) -> list[Filter]:
        for name in ("key", "value"):
            if getattr(self, name) is not None:
                raise unknown(f"{place}.{name}")
        if self.filters is None:
            raise missing(f"{place}.filters")
        return [each.filter(f"{place}.filters[{index}]", depth=depth + 1) for index, each in enumerate(self.filters)]

    def _comparison(self, operator: Operator, place: str) -> Comparison:
        if self.filters is not None:
            raise unknown(f"{place}.filters")
        if self.key is None or self.value is None:
            raise missing(f"{place}.{'key' if self.key is None else 'value'}")
        if isinstance(self.value, tuple) != (operator in ("in", "nin")):
            raise InvalidRequest(
                f"Invalid '{place}.value': 'in' and 'nin' take a list of values, every other type takes one value.",
                param=f"{place}.value",
                code="invalid_type",
            )
        return Comparison(operator=operator, key=self.key, value=self.value)


class RankingBody(Body, frozen=True, kw_only=True):
    """How results are ranked."""

    ranker: Literal["none", "auto", "default-2024-11-15"] = "auto"
    score_threshold: Annotated[float, Meta(ge=0, le=1)] = 0.0

    def ranking(self) -> Ranking:
        """Return it as a core value."""
        return Ranking(ranker="none" if self.ranker == "none" else "auto", score_threshold=self.score_threshold)


class SearchBody(Body, frozen=True, kw_only=True):
    """To search a vector store."""

    query: Query | Annotated[tuple[Query, ...], Meta(min_length=1, max_length=MAX_QUERIES)]
    rewrite_query: bool | None = None
    max_num_results: Annotated[int, Meta(ge=1, le=MAX_RESULTS)] | None = None
    filters: FilterBody | None = None
    ranking_options: RankingBody | None = None

    def search(self) -> Search:
        """Return what is searched for; raises InvalidRequest."""
        return Search(
            queries=(self.query,) if isinstance(self.query, str) else self.query,
            limit=self.max_num_results or RESULTS,
            ranking=(self.ranking_options or RankingBody()).ranking(),
            filter=filter_of(self.filters),
        )


def filter_of(body: FilterBody | None, place: str = "filters") -> Filter | None:
    """Return a filter as a core value; raises InvalidRequest for one of too many parts."""
    if body is None:
        return None
    if body.size > MAX_FILTERS:
        raise InvalidRequest(
            f"Invalid '{place}': {body.size} filters are more than {MAX_FILTERS}.", param=place, code="invalid_value"
        )
    return body.filter(place)
