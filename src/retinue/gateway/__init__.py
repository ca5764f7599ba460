"""Floor 5: who may do how much."""

from retinue.gateway.access import Access, AnyToken

__all__ = ["Access", "AnyToken"]
