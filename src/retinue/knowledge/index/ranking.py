"""The ways of ranking that callers can ask for."""

from retinue.knowledge import fusion
from retinue.knowledge.fusion import Scores
from retinue.knowledge.index.candidates import Evidence, Fuse


def by_both(found: Evidence) -> Scores:
    """Rank by vectors and words; see `fusion.by_both`."""
    return fusion.by_both(found.similarities, found.words, ceiling=found.ceiling, vectors=found.vectors)


def by_vectors(found: Evidence) -> Scores:
    """Rank by vectors alone."""
    return fusion.by_vectors(found.similarities)


def by_ranks(*, embedding_weight: float, text_weight: float) -> Fuse:
    """Rank by weighted reciprocal ranks; see `fusion.by_ranks`."""

    def fuse(found: Evidence) -> Scores:
        return fusion.by_ranks(
            found.similarities, found.words, embedding_weight=embedding_weight, text_weight=text_weight
        )

    return fuse
