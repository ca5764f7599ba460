from collections.abc import Iterator, MutableMapping, Sequence
from typing import Any

import pytest
from structlog.testing import capture_logs

Entries = Sequence[MutableMapping[str, Any]]


@pytest.fixture(autouse=True)
def logged() -> Iterator[Entries]:
    """What the log got to read."""
    with capture_logs() as entries:
        yield entries
