"""The real `retinue` command beside the test's event loop, in a folder of its own."""

import asyncio
import os
import sys
from pathlib import Path

from msgspec import Struct

FOREIGN = ("OPENAI_", "RETINUE_", "AZURE_", "OPEN_API_KEY", "ASSISTANT_", "MAX_SESSION_TOKENS")


class Done(Struct, frozen=True):
    """What a command came to."""

    code: int
    out: str
    err: str


async def retinue(folder: Path, *arguments: str, columns: int = 120, **environment: str) -> Done:
    """Run the command in this folder, which holds its data and its settings too."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(FOREIGN)}
    own = {"XDG_CONFIG_HOME": str(folder), "RETINUE_DATA": str(folder / "data"), "COLUMNS": str(columns)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "retinue", *arguments),
        cwd=folder,
        env={**inherited, **own, **environment},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert "Traceback" not in err.decode(), err.decode()
    return Done(process.returncode or 0, out.decode(), err.decode())
