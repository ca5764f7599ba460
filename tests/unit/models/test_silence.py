"""Reading a stream: it leaves others a turn, is held back where nobody takes it, and ends where nothing comes."""

import asyncio

import pytest

from retinue.models.http.client import ConnectionLost
from retinue.models.http.client.connection import Connection
from retinue.models.http.client.response import Response
from retinue.models.http.silence import Silence, Silent

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n"


class Line(asyncio.Transport):
    """A transport that leads nowhere, and notes what is asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.paused = self.aborted = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def is_closing(self) -> bool:
        return self.aborted

    def abort(self) -> None:
        self.aborted = True

    def pause_reading(self) -> None:
        assert not self.paused
        self.paused = True

    def resume_reading(self) -> None:
        assert self.paused
        self.paused = False

    def get_write_buffer_size(self) -> int:
        return 0


async def answered(head: bytes = HEAD) -> tuple[Response, Connection, Line]:
    """An answer of which the head is there."""
    connection, line = Connection(rests=lambda _: None, ends=lambda _: None), Line()
    connection.connection_made(line)
    asking = asyncio.create_task(connection.ask(b"GET / HTTP/1.1\r\n\r\n", b"", seconds=60))
    while not line.written:
        await asyncio.sleep(0)
    connection.data_received(head)
    return Response(connection, await asking), connection, line


async def test_bytes_that_are_all_there_already_leave_others_a_turn() -> None:
    response, connection, _ = await answered()
    connection.data_received(bytes(200_000))
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(others())
    read = 0
    while more := await response.read():
        read += len(more)
    other.cancel()
    assert read == 200_000
    assert turns >= 10


async def test_reading_stops_above_the_high_water_mark_and_goes_on_below_the_low_one() -> None:
    response, connection, line = await answered()
    connection.data_received(bytes(64 * 1024))
    assert not line.paused
    connection.data_received(b"1")
    assert line.paused
    while line.paused:
        assert len(response._framing.body) > 16 * 1024
        await response.read()
    assert 0 < len(response._framing.body) <= 16 * 1024


async def test_a_read_that_has_bytes_does_not_wait() -> None:
    response, connection, _ = await answered()
    connection.data_received(b"hi")
    with pytest.raises(StopIteration) as done:
        response.read().send(None)
    assert done.value.value == b"hi"


async def test_who_waits_for_too_long_is_told_and_the_connection_ends() -> None:
    response, connection, line = await answered()
    silence = Silence(response, first=60, idle=0.01)
    connection.data_received(b"hi")
    silence.begun()
    assert await response.read() == b"hi"
    with pytest.raises(Silent, match=r"nothing came for 0.01 s\."):
        await response.read()
    assert line.aborted


async def test_an_answer_that_does_not_begin_is_told_so() -> None:
    response, _, _ = await answered()
    Silence(response, first=0.01, idle=60)
    with pytest.raises(Silent, match=r"did not begin to answer within 0.01 s"):
        await response.read()


async def test_an_answer_may_take_longer_to_begin_than_it_may_pause() -> None:
    response, connection, line = await answered()
    silence = Silence(response, first=60, idle=0.001)
    reading = asyncio.create_task(response.read())
    looked = asyncio.Event()
    asyncio.get_running_loop().call_later(0.01, looked.set)  # timers that are due go by their times
    await looked.wait()
    connection.data_received(b"hi")
    assert (await reading, line.aborted) == (b"hi", False)
    silence.end()


async def test_who_reads_on_only_later_has_not_been_kept_waiting() -> None:
    response, connection, line = await answered()
    silence = Silence(response, first=60, idle=0.001)
    silence.begun()
    looked = asyncio.Event()
    asyncio.get_running_loop().call_later(0.01, looked.set)  # timers that are due go by their times
    await looked.wait()
    connection.data_received(b"hi")
    assert (await response.read(), line.aborted) == (b"hi", False)
    silence.end()


async def test_an_answer_that_fails_gives_what_came_before() -> None:
    response, connection, _ = await answered()
    connection.data_received(b"hi")
    connection.connection_lost(ConnectionResetError())
    assert await response.read() == b"hi"
    with pytest.raises(ConnectionLost):
        await response.read()


async def test_an_answer_that_was_closed_is_at_its_end_for_nobody_else() -> None:
    response, connection, line = await answered()
    response.close()
    assert line.aborted
    with pytest.raises(ConnectionLost):
        await response.read()
    assert not connection.usable
