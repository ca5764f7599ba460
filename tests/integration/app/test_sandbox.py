"""Which sandbox a server takes: the first that holds, of those that its settings allow, and never none at all."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from msgspec import structs
from sandbox.sessions import ran
from structlog.testing import capture_logs

from retinue.app.sandbox import BACK_ENDS, ChosenSandbox, Found, StartSandbox, limits_of
from retinue.sandbox.base import Limits, SandboxFault, Session
from retinue.sandbox.lasting import Mortal
from retinue.settings import Settings, read_settings

REFUSED = "The system lets no namespaces be made (Operation not permitted)."


async def refused(settings: Settings, libraries: Sequence[str]) -> Mortal:
    raise SandboxFault(REFUSED)


async def broken(settings: Settings, libraries: Sequence[str]) -> Mortal:
    raise RuntimeError("a fault of ours")


class Started:
    """Starts real sandboxes and keeps what was asked for."""

    def __init__(self) -> None:
        self.libraries: list[Sequence[str]] = []

    async def __call__(self, settings: Settings, libraries: Sequence[str]) -> Mortal:
        self.libraries.append(libraries)
        return await BACK_ENDS["namespaces"](settings, ["numpy"] if libraries else [])


class Hollow:
    """Opens sessions that are none."""

    alive = True

    async def open(self) -> Session:
        raise SandboxFault("No session can be opened: its walls can't be built.")

    async def close(self) -> None:
        pass


async def hollow(settings: Settings, libraries: Sequence[str]) -> Mortal:
    return Hollow()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path)


@pytest.fixture
async def real(settings: Settings) -> Started:
    start = Started()
    try:
        await (await start(settings, [])).close()
    except SandboxFault as fault:
        pytest.skip(f"this machine has no namespaces: {fault}")
    start.libraries.clear()
    return start


async def test_code_runs_in_the_first_that_holds(settings: Settings, real: Started) -> None:
    sandbox = ChosenSandbox(settings, back_ends={"namespaces": refused, "landlock": real})
    with capture_logs() as logged:
        session = await sandbox.open()
    assert (await ran(session, "6 * 7")).text == "42\n"
    await session.close()
    await sandbox.close()
    found = await sandbox_found(settings, {"namespaces": refused, "landlock": real})
    assert [entry["event"] for entry in logged] == ["sandbox_ready"]
    assert logged[0]["back_end"] == "landlock"
    assert found.back_end == "landlock"
    assert [(tried.name, tried.why_not) for tried in found.tried] == [
        ("namespaces", REFUSED.rstrip(".")),
        ("landlock", None),
    ]


async def test_what_is_tried_loads_nothing_and_is_gone_until_code_is_to_run(settings: Settings, real: Started) -> None:
    sandbox = ChosenSandbox(settings, back_ends={"namespaces": real})
    sandbox.begin()
    await sandbox.found()
    assert real.libraries == [()]
    await asyncio.gather(*(session.close() for session in await asyncio.gather(sandbox.open(), sandbox.open())))
    assert len(real.libraries) == 2
    assert "pandas" in real.libraries[1]
    await sandbox.close()


@pytest.mark.parametrize(
    ("start", "why"),
    [(refused, REFUSED.rstrip(".")), (broken, "RuntimeError: a fault of ours"), (hollow, "its walls can't be built")],
)
async def test_where_none_holds_no_code_runs_and_it_is_said_why(
    settings: Settings, start: StartSandbox, why: str
) -> None:
    sandbox = ChosenSandbox(settings, back_ends={"namespaces": start, "landlock": refused})
    with capture_logs() as logged, pytest.raises(SandboxFault) as raised:
        await sandbox.open()
    assert raised.value.message.startswith("Code can't be run on this server. namespaces: ")
    assert why in raised.value.message
    assert "RETINUE_RUNNERS" in raised.value.message
    assert logged[-1]["event"] == "sandbox_none"
    assert logged[-1]["log_level"] == "warning"
    await sandbox.close()


@pytest.mark.parametrize(
    ("said", "tried"),
    [
        ({"sandbox": "off"}, []),
        ({"sandbox": "landlock"}, ["landlock"]),
        ({"sandbox": "namespaces", "runners": ("http://runner:1",)}, ["namespaces"]),
        ({"runners": ("http://runner:1",)}, ["remote"]),
        ({"sandbox": "remote"}, ["remote"]),
        ({}, ["namespaces", "landlock"]),
    ],
)
async def test_the_settings_say_what_is_tried(settings: Settings, said: dict[str, object], tried: list[str]) -> None:
    back_ends = {"namespaces": refused, "landlock": refused, "remote": refused}
    found = await sandbox_found(structs.replace(settings, **said), back_ends)
    assert [each.name for each in found.tried] == tried
    assert found.back_end is None


async def test_where_none_held_it_is_looked_again_after_a_minute(settings: Settings, real: Started) -> None:
    """As for a runner that came up after its server."""
    clock = [0.0]
    back_ends: dict[str, StartSandbox] = {"namespaces": refused}
    sandbox = ChosenSandbox(settings, back_ends=back_ends, now=lambda: clock[0])
    with pytest.raises(SandboxFault, match="Operation not permitted"):
        await sandbox.open()
    back_ends["namespaces"] = real
    clock[0] = 59.0
    with pytest.raises(SandboxFault, match="Operation not permitted"):
        await sandbox.open()
    clock[0] = 61.0
    await (await sandbox.open()).close()
    await sandbox.close()


async def test_an_interpreter_that_is_off_says_so(settings: Settings) -> None:
    sandbox = ChosenSandbox(structs.replace(settings, sandbox="off"))
    sandbox.begin()
    with pytest.raises(SandboxFault, match="switched off on this server \\(RETINUE_SANDBOX=off\\)"):
        await sandbox.open()
    await sandbox.close()


async def test_another_system_than_linux_says_so(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(SandboxFault, match="Only Linux has namespaces, and this is darwin"):
        await BACK_ENDS["namespaces"](settings, [])


async def test_runners_without_an_address_are_no_use(settings: Settings) -> None:
    found = await sandbox_found(structs.replace(settings, sandbox="remote"), {"remote": refused})
    assert [each.why_not for each in found.tried] == ["RETINUE_RUNNERS names none"]


async def test_a_sandbox_that_is_closed_opens_nothing(settings: Settings) -> None:
    sandbox = ChosenSandbox(settings, back_ends={"namespaces": refused})
    await sandbox.close()
    with pytest.raises(SandboxFault, match="The server stops"):
        await sandbox.open()


def test_the_limits_are_those_of_the_settings(tmp_path: Path) -> None:
    said = {
        "RETINUE_INTERPRETER_CALL_S": "2.5",
        "RETINUE_INTERPRETER_MEMORY_MB": "64",
        "RETINUE_INTERPRETER_OUTPUT_KB": "8",
        "RETINUE_INTERPRETER_FILE_MB": "1",
    }
    expected = Limits(call_s=2.5, memory_bytes=64 << 20, output_bytes=8 << 10, file_bytes=1 << 20)
    assert limits_of(read_settings(said)) == expected
    assert limits_of(Settings(data=tmp_path)) == Limits()


async def sandbox_found(settings: Settings, back_ends: Mapping[str, StartSandbox]) -> Found:
    sandbox = ChosenSandbox(settings, back_ends=back_ends)
    try:
        return await sandbox.found()
    finally:
        await sandbox.close()
