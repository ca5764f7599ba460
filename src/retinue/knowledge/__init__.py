"""From files to answers: documents read, cut, embedded and searched. Its seam is `Knowledge`."""

from retinue.knowledge.base import Knowledge, NoKnowledge

__all__ = ["Knowledge", "NoKnowledge"]
