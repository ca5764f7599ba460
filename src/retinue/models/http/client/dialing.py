"""How a connection comes about: the host's addresses, TCP, the proxy on the way, TLS."""

import asyncio
import socket
import ssl
from collections.abc import Callable

from aiohappyeyeballs import start_connection

from retinue.models.http.client.address import Address
from retinue.models.http.client.connection import Connection
from retinue.models.http.client.errors import (
    CertificateRefused,
    ConnectionRefused,
    HTTPError,
    NotConnected,
    NotSecure,
)
from retinue.models.http.client.names import Names
from retinue.models.http.client.trust import Trust
from retinue.models.http.client.tunnel import Tunnel

_AT_ONCE = 500  # connections that are dialled; a place that is not there would take a file for every call
_NEXT_ADDRESS_S = 0.25  # after which the host's next address is tried beside the first: RFC 8305


class Dialing:
    """Connects to places, all of them through one proxy if there is one."""

    def __init__(self, proxy: Address | None) -> None:
        self._proxy = proxy
        self._names = Names()
        self._trust = Trust()
        self._lines = asyncio.Semaphore(_AT_ONCE)

    async def connect(self, address: Address, connection: Connection) -> None:
        """Connect to a place; raises NotConnected."""
        async with self._lines:
            try:
                await self._dial(address, connection)
            except HTTPError:
                raise
            except OSError as exc:  # TLS's errors are some
                raise _refused(exc, self._proxy or address) from exc

    def forget(self) -> None:
        """Forget what hosts' names were found to mean."""
        self._names.forget()

    async def _dial(self, address: Address, connection: Connection) -> None:
        if self._proxy is None:
            await self._reach(address, lambda: connection)
        elif address.scheme == "http":
            await self._reach(self._proxy, lambda: connection)
        else:
            await self._through(self._proxy, address, connection)

    async def _reach(self, address: Address, protocol: Callable[[], asyncio.Protocol]) -> asyncio.Transport:
        loop = asyncio.get_running_loop()
        trust = await self._trust.context() if address.scheme == "https" else None
        found = await self._names.addresses(address.host, address.port)
        connected = await start_connection(found, happy_eyeballs_delay=_NEXT_ADDRESS_S, loop=loop)
        try:
            # Packets go out as they are written: a request in two would wait for the first to be acknowledged.
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            transport, _ = await loop.create_connection(
                protocol,
                sock=connected,
                ssl=trust,
                server_hostname=_sent_name(address) if trust else None,
            )
        except BaseException:
            connected.close()
            raise
        return transport

    async def _through(self, proxy: Address, address: Address, connection: Connection) -> None:
        tunnel, trust = Tunnel(), await self._trust.context()
        outer = await self._reach(proxy, lambda: tunnel)
        try:
            await tunnel.ask(outer, address, proxy)
            inner = await asyncio.get_running_loop().start_tls(
                outer, connection, trust, server_hostname=_sent_name(address)
            )
        except BaseException:
            outer.abort()
            raise
        if inner is None:  # the connection was lost within the handshake
            raise ConnectionResetError
        connection.connection_made(inner)


def _sent_name(address: Address) -> str:
    return address.told_host.rstrip(".")


def _refused(exc: OSError, address: Address) -> NotConnected:
    match exc:
        case ssl.SSLCertVerificationError():
            return CertificateRefused(exc.verify_message)
        case ssl.SSLError():
            return NotSecure(exc.reason or "no TLS")
        case ConnectionRefusedError():
            return ConnectionRefused(f"nothing listens at {address.authority}.")
        case _:
            return NotConnected(f"{address.authority} can't be reached ({exc.strerror or exc}).")
