"""A server to be killed, and the soundness of what it leaves behind."""

import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

from acceptance.runs import WEATHER, thread_with
from acceptance.server import Server
from acceptance.wire import ASSISTANTS, RUNS, Stream, Wire

DRAIN_S = 4

SLOW = """
rules:
  - {match: "^weather", tools_done: true, reply: "It will be {outputs}. ", repeat: 500, pieces: 500, interval: 0.05}
  - match: "^weather"
    calls:
      - {name: get_weather, arguments: {city: Paris}}
      - {name: get_weather, arguments: {city: Rome}}
  - {match: "^hang", reply: "This never comes to its end.", pieces: 10, fault: {hang_after: 3}}
  - {match: "^short", reply: "This takes about one second.", pieces: 10, interval: 0.1}
  - {match: "^silent", reply: "Nothing was said.", delay: 60}
  - {match: ".", reply: "One word after another. ", repeat: 500, pieces: 500, interval: 0.05}
"""
QUICK = """
rules:
  - {match: "^weather", tools_done: true, reply: "It will be {outputs}."}
  - {match: "^weather", calls: [{name: get_weather, arguments: {city: Paris}}]}
  - {match: ".", reply: "Said at once.", pieces: 3}
"""


class Crashing(Server):
    """A server that talks slowly until it dies, and at once after that."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self._slow, self._quick = folder / "slow.yaml", folder / "quick.yaml"
        self._slow.write_text(SLOW)
        self._quick.write_text(QUICK)
        self.up = threading.Event()
        """Set while there is somebody to ask."""
        super().__init__(
            folder / "data", script=self._slow, environment={"RETINUE_DRAIN_S": str(DRAIN_S), **environment}
        )

    @property
    def wire(self) -> Wire:
        return Wire(self.port)

    def assistant(self) -> str:
        made: dict[str, str] = self.wire.post(ASSISTANTS, {"model": "gpt-4o", "tools": [WEATHER]})
        return made["id"]

    def start(self) -> None:
        super().start()
        self.up.set()

    def die(self) -> None:
        """Killed at once; what it leaves behind must be sound."""
        self.up.clear()
        self.kill()
        expect_sound(self.data)

    def come_back(self) -> None:
        self.script = self._quick
        self.start()


def expect_sound(data: Path) -> None:
    """Check a copy of each database, so that the server itself has to recover the one that it left."""
    found = sorted(data.rglob("*.db"))
    assert found, f"no database in {data}: {sorted(data.rglob('*'))}"
    copies = data.parent / "copies"
    shutil.rmtree(copies, ignore_errors=True)
    shutil.copytree(data, copies)
    for database in copies.rglob("*.db"):
        with closing(sqlite3.connect(database)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def begin(server: Crashing, text: str, assistant_id: str) -> Stream:
    thread_id = thread_with(server.wire, text)
    return server.wire.stream(RUNS, {"assistant_id": assistant_id}, thread_id=thread_id)
