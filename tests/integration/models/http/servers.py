"""Servers beneath HTTP's rules: what they do with a connection is a function."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from retinue.models.http.client import Address, Client, Response

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


class Peer:
    """One connection, as the server has it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def asked(self) -> tuple[bytes, bytes]:
        """Return the next request's head and body."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        told = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        return head, await self.reader.readexactly(int(told[0].partition(b":")[2]) if told else 0)

    async def left(self) -> None:
        """Return when the client has closed the connection."""
        with suppress(ConnectionError):
            while await self.reader.read(2**16):
                pass

    def send(self, *pieces: bytes) -> None:
        self.writer.write(b"".join(pieces))

    def close(self) -> None:
        self.writer.close()

    def abort(self) -> None:
        self.writer.transport.abort()


class Server:
    """A listening server."""

    def __init__(self, port: int, scheme: str) -> None:
        self.port, self.scheme = port, scheme
        self.peers: list[Peer] = []

    @property
    def url(self) -> str:
        return f"{self.scheme}://localhost:{self.port}/v1"


Serve = Callable[[Peer], Awaitable[object]]


@asynccontextmanager
async def serving(serve: Serve, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """Serve each connection by this function, then close it."""
    tasks: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = Peer(reader, writer)
        here.peers.append(peer)
        with suppress(OSError, asyncio.IncompleteReadError):
            await serve(peer)
        peer.close()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(handle(reader, writer))
        tasks.add(task)

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    here = Server(server.sockets[0].getsockname()[1], "https" if tls else "http")
    try:
        async with asyncio.timeout(20):
            yield here
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        for peer in here.peers:
            peer.abort()
        server.close()
        await asyncio.sleep(0)
    for result in results:
        if isinstance(result, Exception):
            raise result


async def always_hi(peer: Peer) -> None:
    """Answer every request alike."""
    while True:
        await peer.asked()
        peer.send(OK)


@asynccontextmanager
async def client(*, connect_seconds: float = 5.0, proxy: Address | None = None) -> AsyncIterator[Client]:
    """A client that is closed in the end."""
    made = Client(connect_seconds=connect_seconds, proxy=proxy)
    try:
        yield made
    finally:
        await made.close()


async def whole(response: Response) -> bytes:
    """Return a body to its end."""
    body = bytearray()
    while piece := await response.read():
        body += piece
    return bytes(body)


async def got(asking: Client, url: str) -> Response:
    """Ask for a place and return the answer, once it has a head."""
    return await asking.send(asking.request("GET", url), seconds=60)


async def posted(asking: Client, url: str, body: bytes = b"{}") -> tuple[int, bytes]:
    response = await asking.send(asking.request("POST", url), body, seconds=60)
    return response.status, await whole(response)
