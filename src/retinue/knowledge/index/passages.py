"""From windows with scores to the passages that callers get."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from retinue.knowledge.index.documents import Document


class Found(Struct, frozen=True, kw_only=True):
    """A chunk of a file that was found: a run of windows."""

    file_id: str
    first_window: int
    last_window: int
    best_window: int
    """The one that it was found for."""
    score: float
    """From 0 to 1."""


class Scored(Struct, frozen=True, kw_only=True):
    """A window that was looked at."""

    document: Document
    window: int
    score: float


def passages(windows: Sequence[Scored]) -> Iterator[Found]:
    """Yield chunks, the best first, each for its best window that no chunk before it has shown.

    Chunks overlap, so a good window would bring all that hold it: it brings the one with the best others beside it.
    """
    scores = {(each.document.file_id, each.window): each.score for each in windows}
    for best in sorted(windows, key=lambda each: (-each.score, each.document.file_id, each.window)):
        if (best.document.file_id, best.window) in scores:
            yield _shown(best, scores)


def _shown(best: Scored, scores: dict[tuple[str, int], float]) -> Found:
    """Return the chunk for a window, and take what it shows out of the scores."""
    document = best.document
    chunks = document.grid.holding(best.window, document.windows)
    runs = [document.grid.windows_of(chunk, document.windows) for chunk in chunks]
    run = max(runs, key=lambda run: sum(scores.get((document.file_id, window), 0) for window in run))
    for window in run:
        scores.pop((document.file_id, window), None)
    return Found(
        file_id=document.file_id,
        first_window=run[0],
        last_window=run[-1],
        best_window=best.window,
        score=best.score,
    )
