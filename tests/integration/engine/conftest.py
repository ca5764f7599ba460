from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engine.world import World


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """An engine over a database of its own, with an assistant and a thread in which the user has spoken."""
    async with World.opened(tmp_path / "retinue.db") as opened:
        yield opened
