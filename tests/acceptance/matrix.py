"""All clients' programs: clients side by side, the programs of one in turn, each client on servers of its own."""

import asyncio
import json
import os
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from acceptance.operations import Operation, called
from acceptance.programs import SKIP, Place, Program, programs_of, run_program
from acceptance.sdks import MATRIX, Client
from acceptance.server import FUNCTIONS, SCRIPT, Server
from retinue.testing import FakeProvider, says

AT_ONCE = max(2, (os.cpu_count() or 2) + 1)  # programs wait about as much as they compute

Skipped = list[str]


class Matrix:
    """Results as they come: `skipped` waits for one program, `operations` for all of a client's."""

    def __init__(self, chosen: Iterable[tuple[Client, Program]], folder: Path) -> None:
        """`chosen` is what is run; the servers' data folders are made in `folder`."""
        self._results: dict[tuple[Client, Program], Future[Skipped]] = {each: Future() for each in chosen}
        self._ledgers: dict[Client, Future[frozenset[Operation]]] = {}
        self._folder = folder
        self._pool = ThreadPoolExecutor(AT_ONCE)
        self._is_left = threading.Event()

    def __enter__(self) -> Self:
        for client in dict.fromkeys(client for client, _ in self._results):
            self._ledgers[client] = self._pool.submit(self._run, client)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_left.set()
        self._pool.shutdown(cancel_futures=True)

    @property
    def is_whole(self) -> bool:
        """Whether every program of every client was chosen."""
        return self._results.keys() == set(everything())

    def skipped(self, client: Client, program: Program) -> Skipped:
        """Wait for the program; the parts that it skipped. Raises what kept it from its end."""
        return self._results[client, program].result()

    def operations(self, client: Client) -> frozenset[Operation]:
        """Wait for the client; what its programs called with success."""
        return self._ledgers[client].result()

    def _run(self, client: Client) -> frozenset[Operation]:
        with Servers(self._folder / client.name.replace(" ", "-")) as servers:
            for (of, program), result in self._results.items():
                if of is client and not self._is_left.is_set():
                    _settle(result, client, program, servers)
        return frozenset(servers.answered())


class Servers:
    """The servers of one client, each started when the first program wants it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: dict[Place, Server] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._started.values():
            if server.running:
                server.stop()
        self._stack.close()

    def at(self, place: Place) -> Server:
        """The server of this kind, running."""
        if place not in self._started:
            self._started[place] = self._stack.enter_context(self._made(place))
        return self._started[place]

    def answered(self) -> Iterator[Operation]:
        """What the servers, once stopped, have answered without an error."""
        for server in self._started.values():
            for line in server.lines:
                if (operation := _answered(line)) is not None:
                    yield operation

    def _made(self, place: Place) -> Server:
        environment = {"RETINUE_LOG_LEVEL": "debug"}
        match place:
            case "scripted":
                script: Path | None = SCRIPT
                environment |= {"RETINUE_SANDBOX": "auto", "RETINUE_INTERPRETER_WARM": "0"}
            case "hasty":
                script, environment["RETINUE_RUN_EXPIRES_S"] = SCRIPT, "1"
            case "equipped":
                script, environment["RETINUE_CONFIG"] = SCRIPT, str(FUNCTIONS)
            case "relaying":
                script, environment["OPENAI_BASE_URL"] = None, self._stack.enter_context(_provider())
                environment["OPENAI_API_KEY"] = "sk-upstream"
        return Server(self._folder / place, script=script, environment=environment)


def everything() -> list[tuple[Client, Program]]:
    """Every client with every program of its own."""
    return [(client, program) for client in MATRIX for program in programs_of(client)]


def _settle(result: "Future[Skipped]", client: Client, program: Program, servers: Servers) -> None:
    try:
        printed = run_program(client, program.source, servers.at(program.place))
    except Exception as error:  # the one who waits for the program gets to see it
        result.set_exception(error)
    else:
        result.set_result([line.removeprefix(SKIP) for line in printed if line.startswith(SKIP)])


def _answered(line: str) -> Operation | None:
    """The operation that a line of the server's log tells of, if it was answered as wished."""
    try:
        entry = json.loads(line)
    except ValueError:
        return None  # what is printed for people
    if not isinstance(entry, dict) or entry.get("event") != "request" or entry["status"] != 200:
        return None
    streamed = str(entry["content_type"]).startswith("text/event-stream")
    return called(entry["method"], entry["path"], streamed=streamed)


@contextmanager
def _provider() -> Iterator[str]:
    """A provider that runs in a thread of its own; gives its base URL."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    provider = FakeProvider(default=says("Hello", " there"))
    try:
        asyncio.run_coroutine_threadsafe(provider.__aenter__(), loop).result()
        yield provider.base_url
    finally:
        asyncio.run_coroutine_threadsafe(provider.__aexit__(None, None, None), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
