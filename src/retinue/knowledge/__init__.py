"""From files to answers: documents read, cut, embedded and searched. Its seam is `Knowledge`."""

from retinue.knowledge.base import IngestFault, Knowledge, NoKnowledge, SearchFault

__all__ = ["IngestFault", "Knowledge", "NoKnowledge", "SearchFault"]
