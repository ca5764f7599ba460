"""How fast bytes flow: no faster than they are read, in either direction, and a thousand streams at once."""

import asyncio
import hashlib
import resource

import pytest

from models.http.servers import OK, Peer, client, got, posted, serving, whole

BIG = bytes(range(256)) * (32 * 1024)  # 8 MB


async def test_a_server_is_read_from_no_faster_than_its_answer_is_taken() -> None:
    async def serve(peer: Peer) -> None:
        await peer.asked()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (4 * len(BIG)), *[BIG] * 4)
        await peer.left()

    async with serving(serve) as server, client() as asking:
        response = await got(asking, server.url)
        connection, held = response._connection, response._framing.body
        while not connection._stands_still:
            await asyncio.sleep(0)
        waiting = len(held)
        for _ in range(1_000):
            await asyncio.sleep(0)
        assert len(held) == waiting <= 512 * 1024  # the high-water mark and what one read of a socket brings
        assert server.peers[0].writer.transport.get_write_buffer_size() > 2 * len(BIG)
        assert hashlib.sha256(await whole(response)).digest() == hashlib.sha256(BIG * 4).digest()


async def test_an_answer_that_is_whole_before_it_is_read_leaves_its_connection_to_the_next() -> None:
    async def serve(peer: Peer) -> None:
        while True:
            await peer.asked()
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n", BIG[:200_000])

    async with serving(serve) as server, client() as asking:
        for _ in range(3):
            response = await got(asking, server.url)
            while not response._framing.complete:
                await asyncio.sleep(0)
                if response._connection._stands_still:
                    await response.read()
            response.close()
    assert len(server.peers) == 1


async def test_a_long_body_is_sent_as_the_server_takes_it_and_arrives_whole() -> None:
    async def serve(peer: Peer) -> None:
        (connection,) = asking._pool._open
        while not connection._congested:  # it is more than the sockets hold, and nobody reads
            await asyncio.sleep(0)
        assert connection._transport is not None
        assert connection._transport.get_write_buffer_size() <= 256 * 1024
        _, body = await peer.asked()
        told = hashlib.sha256(body).hexdigest().encode()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(told), told)
        await peer.left()

    async with serving(serve) as server, client() as asking:
        assert await posted(asking, server.url, BIG) == (200, hashlib.sha256(BIG).hexdigest().encode())
        assert any(asking._pool._resting.values())


async def test_an_answer_that_comes_before_the_body_is_all_sent_is_read_and_the_connection_not_used_again() -> None:
    async def serve(peer: Peer) -> None:
        await peer.reader.readuntil(b"\r\n\r\n")
        if len(server.peers) == 1:
            peer.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
        else:
            peer.send(OK)
        await peer.left()

    async with serving(serve) as server, client() as asking:
        assert await posted(asking, server.url, BIG) == (413, b"no")
        assert await posted(asking, server.url, b"") == (200, b"hi")
    assert len(server.peers) == 2


async def test_a_body_is_sent_to_its_end_though_the_answer_has_begun() -> None:
    async def serve(peer: Peer) -> None:
        await peer.reader.readuntil(b"\r\n\r\n")
        peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n")
        assert await peer.reader.readexactly(len(BIG)) == BIG
        peer.send(b"0\r\n\r\n")
        await peer.left()

    async with serving(serve) as server, client() as asking:
        assert await posted(asking, server.url, BIG) == (200, b"hi")


@pytest.fixture
def _many_files() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8_192) if hard > 0 else 8_192, hard))


@pytest.mark.usefixtures("_many_files")
async def test_a_thousand_streams_flow_at_once() -> None:
    all_there = asyncio.Event()

    async def serve(peer: Peer) -> None:
        await peer.asked()
        peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
        if len(server.peers) == 1_000:
            all_there.set()
        await all_there.wait()
        peer.send(b"1\r\nb\r\n0\r\n\r\n")
        await peer.left()

    async with serving(serve) as server, client(connect_seconds=60.0) as asking:
        answers = await asyncio.gather(*(posted(asking, server.url) for _ in range(1_000)))
    assert answers == [(200, b"ab")] * 1_000
    assert len(server.peers) == 1_000
