"""What is stored, and the only SQL. A Store is opened once; `scoped` gives each project its own view of it."""

from retinue.store.base import Database, Transaction
from retinue.store.branches import Branch
from retinue.store.scope import Scope, Store

__all__ = ["Branch", "Database", "Scope", "Store", "Transaction"]
