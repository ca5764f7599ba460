"""Connections: when they are used again, when not, and that nothing is sent twice that may have been read."""

import asyncio
import socket

import pytest

from models.http.servers import OK, Peer, always_hi, client, got, posted, serving, whole
from retinue.models.http.client import ConnectionLost, InvalidAnswer, NotConnected, dialing
from retinue.models.http.client import pool as pools


async def test_a_small_request_goes_out_at_once_and_as_it_was_meant() -> None:
    seen: list[bytes] = []

    async def serve(peer: Peer) -> None:
        seen.append(await peer.reader.read(2**16))
        peer.send(OK)

    async with serving(serve) as server, client() as asking:
        request = asking.request("POST", f"{server.url}/chat?x=1", {"Accept": "*/*"})
        response = await asking.send(request, b'{"a":1}', seconds=5)
        assert (response.status, response.reason, response.content_length) == (200, "OK", 2)
        assert await whole(response) == b"hi"
    head = b"POST /v1/chat?x=1 HTTP/1.1\r\nHost: localhost:%d\r\nAccept: */*\r\nContent-Length: 7\r\n\r\n" % server.port
    assert seen == [head + b'{"a":1}']


async def test_one_request_after_another_uses_one_connection() -> None:
    async with serving(always_hi) as server, client() as asking:
        for _ in range(5):
            assert await posted(asking, server.url) == (200, b"hi")
    assert len(server.peers) == 1


async def test_requests_side_by_side_have_connections_of_their_own_and_the_last_used_is_used_next() -> None:
    async with serving(always_hi) as server, client() as asking:
        assert await asyncio.gather(*(posted(asking, server.url) for _ in range(8))) == [(200, b"hi")] * 8
        assert len(server.peers) == 8
        response = await got(asking, server.url)
        last = response._connection
        await whole(response)
        again = await got(asking, server.url)
        assert again._connection is last
        again.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi",
        OK + b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison",
        OK + b"\0",
    ],
)
async def test_a_connection_is_not_used_again_where_more_came_or_the_server_says_so(answer: bytes) -> None:
    async def serve(peer: Peer) -> None:
        await peer.asked()
        peer.send(answer)
        await peer.left()

    async with serving(serve) as server, client() as asking:
        for _ in range(2):
            assert await posted(asking, server.url) == (200, b"hi")
    assert len(server.peers) == 2


async def test_bytes_that_nobody_asked_for_end_a_connection_at_rest() -> None:
    poisoned = asyncio.Event()

    async def serve(peer: Peer) -> None:
        await peer.asked()
        peer.send(OK)
        if len(server.peers) == 1:
            await poisoned.wait()
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")
        await peer.left()
        gone.set()

    gone = asyncio.Event()
    async with serving(serve) as server, client() as asking:
        assert await posted(asking, server.url) == (200, b"hi")
        poisoned.set()
        await gone.wait()
        assert await posted(asking, server.url) == (200, b"hi")
    assert len(server.peers) == 2


async def test_a_connection_that_the_server_closed_at_rest_is_not_used() -> None:
    async def serve(peer: Peer) -> None:
        await peer.asked()
        peer.send(OK)

    async with serving(serve) as server, client() as asking:
        for _ in range(3):
            assert await posted(asking, server.url) == (200, b"hi")
            while any(asking._pool._resting.values()):
                await asyncio.sleep(0)
    assert len(server.peers) == 3


async def answers_once_then_closes(peer: Peer) -> None:
    await peer.asked()
    peer.send(OK)
    await peer.asked()


async def test_a_request_that_meets_the_end_of_a_rested_connection_may_have_been_read_so_it_is_not_sent_again() -> None:
    async with serving(answers_once_then_closes) as server, client() as asking:
        assert await posted(asking, server.url) == (200, b"hi")
        with pytest.raises(ConnectionLost):
            await posted(asking, server.url)
        assert len(server.peers) == 1
        assert await posted(asking, server.url) == (200, b"hi")


async def test_a_request_whose_answer_had_begun_is_not_sent_again() -> None:
    async def serve(peer: Peer) -> None:
        await peer.asked()
        peer.send(OK)
        await peer.asked()
        peer.send(b"HTTP/1.1 2")

    async with serving(serve) as server, client() as asking:
        assert await posted(asking, server.url) == (200, b"hi")
        with pytest.raises(ConnectionLost):
            await posted(asking, server.url)
    assert len(server.peers) == 1


async def test_a_fresh_connection_that_ends_is_not_tried_again() -> None:
    async with serving(Peer.asked) as server, client() as asking:
        with pytest.raises(ConnectionLost):
            await posted(asking, server.url)
    assert len(server.peers) == 1


async def test_a_connection_that_rests_for_too_long_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "_REST_SECONDS", 0.01)
    gone = asyncio.Event()

    async def serve(peer: Peer) -> None:
        await peer.asked()
        peer.send(OK)
        await peer.left()
        gone.set()

    async with serving(serve) as server, client() as asking:
        assert await posted(asking, server.url) == (200, b"hi")
        await gone.wait()
        assert not any(asking._pool._resting.values())


async def test_no_more_connections_rest_than_a_bound_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "_REST_LIMIT", 3)
    async with serving(always_hi) as server, client() as asking:
        assert await asyncio.gather(*(posted(asking, server.url) for _ in range(8))) == [(200, b"hi")] * 8
        assert [len(resting) for resting in asking._pool._resting.values()] == [3]
        assert len(asking._pool._open) == 3


async def test_connections_that_come_to_rest_one_by_one_are_closed_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "_REST_SECONDS", 0.01)
    async with serving(always_hi) as server, client() as asking:
        answers = [await got(asking, server.url) for _ in range(5)]
        for answer in answers:
            await whole(answer)
        while asking._pool._open:
            await asyncio.sleep(0)
        assert asking._pool._sweep is None


async def test_no_more_connections_are_dialled_at_once_than_a_bound_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialing, "_AT_ONCE", 3)
    dialled, most = 0, 0

    async def reached(*place: object) -> None:
        nonlocal dialled, most
        dialled += 1
        most = max(most, dialled)
        for _ in range(10):
            await asyncio.sleep(0)
        dialled -= 1
        raise NotConnected("nobody is there.")

    monkeypatch.setattr(dialing.Dialing, "_reach", reached)
    async with client() as asking:
        calls = [posted(asking, "http://models.example") for _ in range(20)]
        assert all(isinstance(it, NotConnected) for it in await asyncio.gather(*calls, return_exceptions=True))
    assert most == 3


async def test_closing_the_client_ends_connections_that_are_still_coming_about() -> None:
    gone = asyncio.Event()

    async def serve(peer: Peer) -> None:
        await peer.left()
        gone.set()

    async with serving(serve) as server, client() as asking:
        waiting = asyncio.ensure_future(posted(asking, server.url))
        while not asking._pool._open:
            await asyncio.sleep(0)
        await asking.close()
        with pytest.raises(ConnectionLost):
            await waiting
        await gone.wait()


async def test_giving_up_on_an_answer_ends_its_connection() -> None:
    asked, gone = asyncio.Event(), asyncio.Event()

    async def serve(peer: Peer) -> None:
        await peer.asked()
        asked.set()
        await peer.left()
        gone.set()

    async with serving(serve) as server, client() as asking:
        request = asyncio.create_task(got(asking, server.url))
        await asked.wait()
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        await gone.wait()


async def test_closing_an_answer_that_is_not_whole_ends_its_connection() -> None:
    gone = asyncio.Event()

    async def serve(peer: Peer) -> None:
        await peer.asked()
        peer.send(b"HTTP/1.1 200 OK\r\n\r\nhi")
        await peer.left()
        gone.set()

    async with serving(serve) as server, client() as asking:
        response = await got(asking, server.url)
        assert await response.read() == b"hi"
        response.close()
        await gone.wait()


async def test_an_answer_that_is_let_go_finishes_in_its_own_time_and_leaves_the_connection() -> None:
    over = asyncio.Event()

    async def serve(peer: Peer) -> None:
        await peer.asked()
        peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n")
        await over.wait()
        peer.send(b"0\r\n\r\n")
        await always_hi(peer)

    async with serving(serve) as server, client() as asking:
        response = await got(asking, server.url)
        assert await response.read() == b"hi"
        response.finish(60)
        over.set()
        while not any(asking._pool._resting.values()):
            await asyncio.sleep(0)
        assert await posted(asking, server.url) == (200, b"hi")
    assert len(server.peers) == 1


async def test_an_answer_that_is_let_go_and_does_not_finish_ends_its_connection() -> None:
    gone = asyncio.Event()

    async def serve(peer: Peer) -> None:
        await peer.asked()
        peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n")
        await peer.left()
        gone.set()

    async with serving(serve) as server, client() as asking:
        response = await got(asking, server.url)
        response.finish(0.01)
        await gone.wait()


async def test_closing_the_client_ends_what_is_under_way_and_a_later_request_is_served() -> None:
    async def serve(peer: Peer) -> None:
        await peer.asked()
        if len(server.peers) == 1:
            peer.send(b"HTTP/1.1 200 OK\r\n\r\nhi")
            await peer.left()
        peer.send(OK)

    async with serving(serve) as server, client() as asking:
        response = await got(asking, server.url)
        assert await response.read() == b"hi"
        waiting = asyncio.ensure_future(response.read())
        await asyncio.sleep(0)
        await asking.close()
        with pytest.raises(ConnectionLost):
            await waiting
        assert await posted(asking, server.url) == (200, b"hi")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", ConnectionLost),
        (b"HTTP/1.1 200 OK\r\nContent-", ConnectionLost),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi", ConnectionLost),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n", ConnectionLost),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", InvalidAnswer),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\nzz\r\n", InvalidAnswer),
    ],
)
async def test_an_answer_that_breaks_off_is_an_error_after_what_came(answer: bytes, error: type[Exception]) -> None:
    async def serve(peer: Peer) -> None:
        await peer.asked()
        peer.send(answer)

    body = b""
    async with serving(serve) as server, client() as asking:
        with pytest.raises(error):  # noqa: PT012 - the loop keeps what came before the error
            response = await got(asking, server.url)
            while piece := await response.read():
                body += piece
    assert body == (b"hi" if b"hi" in answer else b"")


async def test_packets_go_out_as_they_are_written() -> None:
    async with serving(always_hi) as server, client() as asking:
        response = await got(asking, server.url)
        transport = response._connection._transport
        assert transport is not None
        assert transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        response.close()
