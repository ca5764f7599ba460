"""Commands that only print begin at once: they load nothing that takes long and that they do not use."""

from pathlib import Path

import pytest

from cli.terminal import retinue

SLOW = ("structlog", "aiohttp", "asyncio", "sqlite3", "retinue.app", "retinue.engine", "retinue.store")


@pytest.mark.parametrize("command", ["--help", "config", "config --example", "version"])
async def test_command_that_only_prints_loads_nothing_that_is_slow(command: str, tmp_path: Path) -> None:
    done = await retinue(tmp_path, *command.split(), PYTHONPROFILEIMPORTTIME="1")
    loaded = {line.rpartition("|")[2].strip() for line in done.err.splitlines()}
    assert "retinue.cli.main" in loaded
    assert loaded.isdisjoint(SLOW)
