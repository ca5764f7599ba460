"""Functions that would keep a server from ending: it ends all the same, as it should."""

import os
from pathlib import Path

import pytest

from acceptance.runs import thread_with
from acceptance.server import SCRIPT, Server
from acceptance.wire import ASSISTANTS, RUNS, Wire

END_BOUND_S = 30

ENTERED = """
import asyncio, os, sys
from pathlib import Path
from retinue.tools import tool

def entered():
    Path(os.environ["ENTERED"]).write_text("entered")
"""
DEAF = f"""{ENTERED}
@tool
async def get_weather(city: str) -> str:
    entered()
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            pass
"""
CLOSING = f"""{ENTERED}
@tool
def get_weather(city: str) -> str:
    sys.stdout.close()
    entered()
    return "sun"
"""


@pytest.mark.parametrize("source", [DEAF, CLOSING], ids=["minds no stopping", "closes standard output"])
def test_server_ends_well_whatever_its_functions_do(source: str, tmp_path: Path) -> None:
    pipe, settings = tmp_path / "pipe", tmp_path / "retinue.toml"
    os.mkfifo(pipe)
    (tmp_path / "stubborn.py").write_text(source)
    settings.write_text('[tools]\nmodules = ["stubborn.py"]\n[[tools.expose]]\nprojects = ["default"]\n')
    environment = {"RETINUE_CONFIG": str(settings), "RETINUE_DRAIN_S": "0.1", "ENTERED": str(pipe)}
    with Server(tmp_path / "data", script=SCRIPT, environment=environment) as server:
        wire = Wire(server.port)
        tools = [{"type": "function", "function": {"name": "get_weather"}}]
        assistant = wire.post(ASSISTANTS, {"model": "gpt-4o", "tools": tools})["id"]
        wire.post(RUNS, {"assistant_id": assistant}, thread_id=thread_with(wire, "weather in Oslo"))
        assert pipe.read_text() == "entered"
        server.terminate()
        assert server.wait(END_BOUND_S) == 0
        assert "Traceback" not in server.output, server.output
