"""A tunnel through a proxy: its own short exchange, before the connection belongs to somebody else."""

import asyncio

from retinue.models.http.client.address import Address
from retinue.models.http.client.errors import ConnectionLost, InvalidAnswer, ProxyRefused
from retinue.models.http.client.framing import Framing
from retinue.models.http.client.request import proxy_login


class Tunnel(asyncio.Protocol):
    """Asks a proxy for a tunnel, and hears whether there is one."""

    def __init__(self) -> None:
        self._framing = Framing()
        self._answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def ask(self, transport: asyncio.Transport, address: Address, proxy: Address) -> None:
        """Return when the tunnel to a place is there; raises ProxyRefused, ConnectionLost or InvalidAnswer."""
        told = {"Host": address.authority, **proxy_login(proxy)}
        lines = [f"CONNECT {address.authority} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items()), "", ""]
        transport.write("\r\n".join(lines).encode())
        await self._answered
        head = self._framing.head
        assert head is not None, "it is answered"
        if not 200 <= head.status < 300:
            raise ProxyRefused(head.status, head.reason)

    def data_received(self, data: bytes) -> None:
        """Bytes of the proxy's answer came."""
        try:
            self._framing.feed(data)
        except InvalidAnswer as exc:
            self._answer(exc)
        if self._framing.head is not None:
            self._answer(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """The proxy is gone."""
        self._answer(ConnectionLost())

    def _answer(self, exc: Exception | None) -> None:
        if self._answered.done():
            return
        if exc is None:
            self._answered.set_result(None)
        else:
            self._answered.set_exception(exc)
