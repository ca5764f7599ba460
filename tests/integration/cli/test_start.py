"""The commands begin at once: they load nothing that takes long and that they do not use."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from cli.terminal import FOREIGN, retinue

SLOW = ("structlog", "aiohttp", "asyncio", "sqlite3", "pydantic", "rich", "retinue.app", "retinue.engine")
NOT_YET = ("pydantic", "tiktoken", "genai_prices", "jsonschema_rs", "yaml", "docstring_parser")
"""What a server has no use for before it is asked for something."""


def loaded(told: str) -> set[str]:
    """Return the modules that Python told to have loaded."""
    return {line.rpartition("|")[2].strip() for line in told.splitlines()}


@pytest.mark.parametrize("command", ["--help", "config", "config --example", "version"])
async def test_command_that_only_prints_loads_nothing_that_is_slow(command: str, tmp_path: Path) -> None:
    done = await retinue(tmp_path, *command.split(), PYTHONPROFILEIMPORTTIME="1")
    modules = loaded(done.err)
    assert "retinue.cli.main" in modules
    assert modules.isdisjoint(SLOW)


async def test_server_that_nobody_has_asked_for_anything_has_loaded_what_it_serves_with_alone(tmp_path: Path) -> None:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(FOREIGN)}
    log = tmp_path / "log"
    with log.open("wb") as told:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "retinue", "serve", "--port", "0", "--data", str(tmp_path / "data")),
            cwd=tmp_path,
            env=inherited | {"PYTHONPROFILEIMPORTTIME": "1"},
            stdout=asyncio.subprocess.PIPE,
            stderr=told,
        )
    assert process.stdout is not None
    while b"Stop with Ctrl-C" not in await process.stdout.readline():
        assert not process.stdout.at_eof()
    process.terminate()
    await process.communicate()
    modules = loaded(log.read_text("utf-8"))
    assert "uvicorn.server" in modules
    assert modules.isdisjoint(NOT_YET)
