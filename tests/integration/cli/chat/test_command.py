"""`retinue chat` itself, as a process: how it begins, what it says beside the answer, how it ends."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from cli.terminal import FOREIGN, retinue
from retinue.testing import Call, FakeProvider, calls, says

MODULE = '''
import asyncio
from retinue.tools import tool

@tool
async def ponder(about: str) -> str:
    """Ponder for ever, and mind no stopping."""
    print("at it", flush=True)
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            pass
'''
LOADED_BY_ENGINES = {"retinue.engine", "retinue.store", "starlette", "sqlite3", "retinue.app.models"}
LOADED_BY_SCREENS = {"prompt_toolkit", "rich.markdown", "markdown_it"}

Environment = dict[str, str]


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """What a process is to find: its own folder, and no provider."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(FOREIGN)}
    return {**inherited, "XDG_CONFIG_HOME": str(tmp_path), "RETINUE_DATA": str(tmp_path / "data")}


@contextlib.asynccontextmanager
async def process(
    folder: Path, environment: Environment, *arguments: str, **more: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the command; kill it where it does not end."""
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "retinue", *arguments),
        cwd=folder,
        env={**environment, **more},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield running
    finally:
        with contextlib.suppress(ProcessLookupError):
            running.kill()
        await running.communicate()


@contextlib.asynccontextmanager
async def serving(folder: Path, environment: Environment) -> AsyncIterator[None]:
    """Have a server serve the folder."""
    async with process(folder, environment, "serve", "--port", "0") as server:
        assert server.stdout is not None
        while b"Stop with Ctrl-C" not in await server.stdout.readline():
            assert not server.stdout.at_eof()
        yield


def loaded(told: str) -> set[str]:
    return {line.rpartition("|")[2].strip() for line in told.splitlines()}


async def test_client_of_a_server_loads_no_engine_and_an_answer_in_a_pipe_nothing_that_draws(
    tmp_path: Path, environment: Environment
) -> None:
    async with serving(tmp_path, environment):
        done = await retinue(tmp_path, "chat", "hi", PYTHONPROFILEIMPORTTIME="1")
    assert done.code == 0
    assert "retinue.cli.client.over_http" in loaded(done.err)
    assert loaded(done.err).isdisjoint(LOADED_BY_ENGINES | LOADED_BY_SCREENS)


async def test_function_that_is_still_at_work_holds_the_process_no_longer_than_a_moment(
    tmp_path: Path, environment: Environment
) -> None:
    (tmp_path / "functions.py").write_text(MODULE, "utf-8")
    called = calls(Call(name="ponder", arguments='{"about": "it"}', id="call_1"))
    async with (
        FakeProvider(called) as provider,
        process(
            *(tmp_path, environment, "chat", "--tools", "functions.py", "-m", "fake-model", "Ponder it."),
            OPENAI_BASE_URL=provider.base_url,
        ) as chat,
    ):
        assert chat.stdout is not None
        assert chat.stderr is not None
        assert await chat.stdout.readline() == b"at it\n"
        chat.send_signal(signal.SIGINT)
        async with asyncio.timeout(30):
            assert await chat.wait() == 1
        assert "Left a function that was still at work." in (await chat.stderr.read()).decode()


async def test_functions_of_a_terminal_that_is_a_servers_client_are_said_to_count_for_nothing(
    tmp_path: Path, environment: Environment
) -> None:
    (tmp_path / "functions.py").write_text(MODULE, "utf-8")
    async with serving(tmp_path, environment):
        done = await retinue(tmp_path, "chat", "hi", "--tools", "functions.py")
    assert (done.code, done.out.count("\n")) == (0, 1)
    assert "--tools counts for nothing here" in done.err


@pytest.mark.parametrize("named", [[], ["-m", "gpt-4o"]])
async def test_rehearsal_model_is_said_to_answer_by_whatever_name_it_is_asked(named: list[str], tmp_path: Path) -> None:
    done = await retinue(tmp_path, "chat", *named, "hi")
    assert done.code == 0
    assert "The rehearsal model answers." in done.err


async def test_real_model_is_answered_by_without_a_word(tmp_path: Path) -> None:
    async with FakeProvider(default=says("Hi.")) as provider:
        done = await retinue(tmp_path, "chat", "-m", "fake-model", "hi", OPENAI_BASE_URL=provider.base_url)
    assert done.code == 0
    assert "rehearsal" not in done.err


async def test_ctrl_c_ends_a_command_quietly_that_is_still_being_loaded(
    tmp_path: Path, environment: Environment, interrupted_at: Callable[[str], Path]
) -> None:
    path = os.pathsep.join([str(interrupted_at("typer")), environment.get("PYTHONPATH", "")])
    async with process(tmp_path, environment, "chat", PYTHONPATH=path) as chat:
        out, err = await chat.communicate()
    assert (chat.returncode, out, err) == (130, b"", b"")


@pytest.fixture
def interrupted_at(tmp_path: Path) -> Callable[[str], Path]:
    """Gives a folder whose module of a name is interrupted as Ctrl-C does, while it is loaded."""

    def folder(name: str) -> Path:
        code = "import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(60)\n"  # it may come late
        (tmp_path / f"{name}.py").write_text(code, "utf-8")
        return tmp_path

    return folder
