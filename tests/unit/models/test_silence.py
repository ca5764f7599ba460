"""Reading a stream leaves everybody else a turn."""

import asyncio
from unittest.mock import Mock

import aiohttp
from aiohttp.base_protocol import BaseProtocol

from retinue.models.http.silence import Silence


async def test_bytes_that_are_all_there_already_leave_others_a_turn() -> None:
    content = aiohttp.StreamReader(Mock(spec=BaseProtocol), 2**20, loop=asyncio.get_running_loop())
    content.feed_data(bytes(200_000))
    content.feed_eof()
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(others())
    silence = Silence(content, first=60, idle=60)
    read = 0
    while more := await silence.read():
        read += len(more)
    silence.end()
    other.cancel()
    assert read == 200_000
    assert turns >= 10
