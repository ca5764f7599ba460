from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs
from tool_calls import Entries


@pytest.fixture(autouse=True)
def logged() -> Iterator[Entries]:
    """What the log got to read."""
    with capture_logs() as entries:
        yield entries
