"""What a file search found, as its model reads it: passages, each under the marker by which it is cited."""

from collections.abc import Sequence

from retinue.core.citing import marker_of, without_markers
from retinue.core.item import Hit
from retinue.core.search import Passage
from retinue.models.tokens import Counter

_LONGEST = 50_000  # characters of a passage
_MOST = 200_000  # and of them all: an output as long as that stands whole in its row
_NOTHING = "Nothing was found in the files."


async def told(
    passages: Sequence[Passage], notes: Sequence[str], *, searched: bool, number: int, limit: int, counter: Counter
) -> tuple[str, tuple[Hit, ...]]:
    """Return the text of a search's output and where its hits stand in it; the worst are left out beyond the limit.

    `number` tells the search from the others of its thread, `limit` is in tokens, `notes` are sentences: they stand
    alone where nothing was there to be `searched`.
    """
    blocks = [(_head(passage), without_markers(passage.text[:_LONGEST])) for passage in passages]
    count = await _room_for(blocks, limit, counter)
    text = "\n\n".join([_summary(count), *notes] if searched else notes)
    hits = []
    for rank, (passage, (head, body)) in enumerate(zip(passages[:count], blocks, strict=False)):
        marker = marker_of(number, rank)
        text += f"\n\n{marker} {head}\n"
        hits.append(_hit(passage, marker, start=len(text), end=len(text) + len(body)))
        text += body
    return text, tuple(hits)


async def _room_for(blocks: Sequence[tuple[str, str]], limit: int, counter: Counter) -> int:
    """How many of the first blocks have room."""
    tokens = characters = 0
    for count, (head, body) in enumerate(blocks):
        characters += len(head) + len(body)
        tokens += await counter.count(f"{marker_of(999, count)} {head}\n{body}\n\n")
        if (count and tokens > limit) or characters > _MOST:
            return count
    return len(blocks)


def _summary(count: int) -> str:
    if not count:
        return _NOTHING
    found = "1 passage was found." if count == 1 else f"{count} passages were found."
    return f"{found} Cite each that you use by its marker."


def _head(passage: Passage) -> str:
    name = without_markers(passage.file_name)
    pages = [page for _, page in passage.pages]
    if not pages:
        return name
    first, last = min(pages), max(pages)
    return f"{name}, page {first}" if first == last else f"{name}, pages {first}-{last}"


def _hit(passage: Passage, marker: str, *, start: int, end: int) -> Hit:
    return Hit(
        file_id=passage.file_id,
        file_name=passage.file_name,
        score=min(max(passage.score, 0.0), 1.0),
        marker=marker,
        start=start,
        end=end,
        pages=tuple((begins, page) for begins, page in passage.pages if begins < end - start),
    )
