"""Files in vector stores, waited for."""

import time
from typing import Any

from acceptance.wire import STORE, Wire

PATIENCE_S = 60


def settled(wire: Wire, store: str) -> dict[str, Any]:
    """The vector store, once none of its files is still being read."""
    until = time.monotonic() + PATIENCE_S
    while (found := wire.get(STORE, vector_store_id=store))["status"] == "in_progress":
        assert time.monotonic() < until, found
    answer: dict[str, Any] = found
    return answer
