"""What goes wrong around a model's code is told in the result, and nothing half done stays."""

import pytest
from fake_desk import FakeDesk, FullBlobs, ScriptedSession

from retinue.core.errors import NotFound, StoreFull, StoreUnavailable
from retinue.sandbox.base import Drawn, Ended, Printed, SandboxFault, SessionLost
from retinue.tools.interpreter import collecting

PNG = b"\x89PNG\r\n\x1a\n"
LOST = SessionLost("The session broke down.")


def session(*outputs: Printed | Drawn | Ended | SandboxFault, **files: bytes) -> ScriptedSession:
    return ScriptedSession(outputs, files)


async def test_where_no_sandbox_holds_the_run_ends_with_the_sentence() -> None:
    result = await FakeDesk(SandboxFault("Install a kernel.")).call()
    assert (result.output, result.outcome) == ("Install a kernel.", "failed")
    assert result.ends_run is not None
    assert (result.ends_run.code, result.ends_run.message) == ("server_error", "Install a kernel.")


async def test_a_session_that_is_lost_before_the_code_runs_is_replaced() -> None:
    first, second = session(), session(Printed("2"))
    first.lost_when = "files"
    result = await FakeDesk(first, second).call()
    assert (first.ran, second.ran, result.output) == (0, 1, "2")


async def test_sessions_that_are_lost_again_and_again_end_the_run() -> None:
    lost = [session() for _ in range(2)]
    for each in lost:
        each.lost_when = "files"
    result = await FakeDesk(*lost).call()
    assert result.ends_run is not None


async def test_code_that_may_have_run_is_not_run_again() -> None:
    first = session(Printed("begun"), LOST)
    result = await FakeDesk(first, session()).call()
    assert first.ran == 1
    assert result.output.startswith("begun\nThe session broke down, and Python was started anew")
    assert (result.outcome, result.ends_run, result.collected) == ("failed", None, None)


async def test_a_session_that_is_lost_while_files_are_collected_leaves_no_bytes() -> None:
    blobs = FullBlobs(9, StoreFull("full"))
    lost = session(Printed("1"), Drawn(PNG), a=b"1")
    desk = FakeDesk(lost, blobs=blobs)
    lost.lost_when = "read"
    result = await desk.call()
    assert result.output.startswith("1\nThe session broke down")
    assert blobs.kept == {}


@pytest.mark.parametrize("fault", [StoreFull("full"), OSError(28, "No space left on device")])
async def test_a_full_disk_keeps_the_output_and_no_half_of_the_files(fault: Exception) -> None:
    blobs = FullBlobs(1, fault)
    desk = FakeDesk(session(Printed("1"), a=b"1", b=b"2"), blobs=blobs)
    result = await desk.call()
    assert (result.output, result.outcome, result.files) == ("1", "failed", ())
    assert "could not be stored" in result.notes[-1]
    assert blobs.kept == {}
    assert desk.sessions.alive == 1


@pytest.mark.parametrize("fault", [StoreUnavailable("Busy."), NotFound("thread", "thread_1"), ValueError("ours")])
async def test_a_store_that_fails_is_told(fault: Exception) -> None:
    desk = FakeDesk(session())
    desk.fault = fault
    result = await desk.call()
    assert result.outcome == "failed"
    assert result.output.startswith("The code can't be run now: ")


async def test_a_store_that_fails_for_a_moment_costs_no_session() -> None:
    desk = FakeDesk(session(Printed("1")))
    await desk.call()
    desk.fault = StoreUnavailable("Busy.")
    await desk.call()
    desk.fault = None
    assert (await desk.call()).output == "1"


@pytest.mark.parametrize(
    "arguments", ["", "{}", '{"code": ""}', '{"code": 5}', "\ud800", '{"code": "\\ud800"}', "[" * 99_000]
)
async def test_arguments_of_any_kind_are_answered(arguments: str) -> None:
    result = await FakeDesk(session()).call(arguments)
    result.output.encode()
    assert result.outcome in ("failed", "done")


async def test_charts_are_bounded_and_checked() -> None:
    drawn = [Drawn(PNG + bytes([n])) for n in range(25)]
    result = await FakeDesk(session(Drawn(b"<svg>"), Drawn(PNG + b"x" * (21 << 20)), *drawn)).call()
    assert len(result.charts) == 20
    assert result.notes == ("Charts that were left out, as too many, too large or no pictures: 7.",)


async def test_names_that_are_no_text_never_reach_what_is_stored() -> None:
    names = {"\udcff": b"", "a\x00b": b"", "x" * 300: b"", "../up": b"", "fine": b""}
    result = await FakeDesk(session(**names)).call()
    assert [written.path for written in result.files] == ["fine"]
    assert len(result.notes) == 4
    "".join(result.notes).encode()


async def test_notes_are_as_many_as_a_model_reads() -> None:
    result = await FakeDesk(session(**{f"a\n{n}": b"" for n in range(50)})).call()
    assert len(result.notes) == 21
    assert result.notes[-1] == "There are 30 more notes of this kind."


async def test_files_of_one_call_are_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "MOST_COLLECTED_BYTES", 10)
    result = await FakeDesk(session(a=b"1234567", b=b"12", c=b"12", d=b"")).call()
    assert [written.path for written in result.files] == ["a", "b"]
    (note,) = result.notes
    assert note.endswith("2 more are left to the next ones.")
    result = await FakeDesk(session(a=b"x" * 20, b=b"1")).call()
    assert [written.path for written in result.files] == ["a"], "what is too large by itself is stored all the same"
