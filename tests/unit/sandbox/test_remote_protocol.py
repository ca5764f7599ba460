"""What goes over the wire between a server and its runners."""

import pytest

from retinue.sandbox.base import Drawn, Ended, Output, Printed, SandboxFault, SessionLost
from retinue.sandbox.remote.frames import BEAT, NoFrame, fault_frame, frame, next_output
from retinue.sandbox.remote.protocol import check_key, path_of_query, path_to_query


class Wire:
    """Bytes that have come."""

    def __init__(self, content: bytes) -> None:
        self._left = content

    async def exactly(self, length: int) -> bytes:
        piece, self._left = self._left[:length], self._left[length:]
        if len(piece) < length:
            raise EOFError
        return piece


@pytest.mark.parametrize(
    "output",
    [
        Printed("é\n"),
        Printed(""),
        Drawn(b"\x89PNG\0"),
        Ended(),
        Ended(error="Traceback \udc80 é", left_out=12, charts_left_out=3),
    ],
)
async def test_what_a_run_gives_comes_through_whole(output: Output) -> None:
    assert await next_output(Wire(frame(output)).exactly) == output


async def test_a_beat_is_nothing() -> None:
    assert await next_output(Wire(BEAT).exactly) is None


@pytest.mark.parametrize("fault", [SandboxFault("It can't."), SessionLost("It is gone.")])
async def test_a_fault_is_raised_as_what_it_is(fault: SandboxFault) -> None:
    with pytest.raises(SandboxFault) as raised:
        await next_output(Wire(fault_frame(fault)).exactly)
    assert (type(raised.value), raised.value.message) == (type(fault), fault.message)


async def test_a_kind_that_nobody_knows_is_no_frame() -> None:
    with pytest.raises(NoFrame):
        await next_output(Wire(b"q\0\0\0\0").exactly)


@pytest.mark.parametrize("path", ["a.csv", "in/ä &=?#%2F+ .csv", "\udcff.txt", "a\0b", "../x", "x" * 4_400])
def test_a_path_comes_through_whole(path: str) -> None:
    query = path_to_query(path)
    assert path_of_query(query.encode("ascii")) == path


@pytest.mark.parametrize("path", ["", "\ud800", "x" * 4_401])
def test_what_can_be_no_name_of_a_file_is_not_sent(path: str) -> None:
    with pytest.raises(SandboxFault):
        path_to_query(path)


@pytest.mark.parametrize("key", [None, "", "x" * 15, "x" * 16 + "\n", "x" * 16 + "é", "x" * 8 + " " + "x" * 8])
def test_a_key_that_will_not_do_is_refused(key: str | None) -> None:
    with pytest.raises(SandboxFault, match="RETINUE_RUNNER_KEY"):
        check_key(key)


def test_a_key_of_sixteen_characters_will_do() -> None:
    assert check_key("x" * 16) == "x" * 16
