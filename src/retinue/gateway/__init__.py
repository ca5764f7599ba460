"""Floor 5: who may do how much."""

from retinue.gateway.access import Access, AnyToken
from retinue.gateway.keys import KeyAccess
from retinue.gateway.owner import OwnerAccess

__all__ = ["Access", "AnyToken", "KeyAccess", "OwnerAccess"]
