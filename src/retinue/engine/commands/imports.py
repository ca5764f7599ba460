"""Verbs for what comes from elsewhere."""

from collections.abc import Sequence

from retinue.core.caller import Caller
from retinue.core.imports import Import, Outcome
from retinue.store import Store


async def take(store: Store, caller: Caller, batch: Sequence[Import]) -> Outcome:
    """Take over a batch, whole or not at all, and say what became of each; what is here already stays as it is.

    Nothing of it has anything left to do, so there need be no engine.
    """
    return await store.scoped(caller.project).imports.take(batch)
