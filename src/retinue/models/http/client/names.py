"""Hosts' names and their IP addresses, remembered for some seconds: a burst of calls asks for a name once."""

import asyncio
import socket
from ipaddress import ip_address
from typing import cast

from aiohappyeyeballs import AddrInfoType

from retinue.models.http.client.errors import NoSuchHost

_SECONDS = 10.0

_FOR_GOOD = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


class Names:
    """What hosts' names were found to mean."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, int], tuple[float, asyncio.Task[list[AddrInfoType]]]] = {}

    async def addresses(self, host: str, port: int) -> list[AddrInfoType]:
        """Return where a host can be reached, the best first; raises NoSuchHost."""
        try:
            if _is_ip(host):
                flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
                return _told(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags))
            # Who gives up must not take the answer from those who wait for the same.
            return await asyncio.shield(self._asked(host, port))
        except socket.gaierror as exc:
            raise NoSuchHost(host, for_now=exc.errno not in _FOR_GOOD) from exc

    def forget(self) -> None:
        """Forget all names."""
        self._found.clear()

    def _asked(self, host: str, port: int) -> "asyncio.Task[list[AddrInfoType]]":
        now = asyncio.get_running_loop().time()
        until, task = self._found.get((host, port), (0.0, None))
        if task is None or (task.done() and (now >= until or task.cancelled() or task.exception())):
            task = asyncio.create_task(_look_up(host, port))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())  # also if nobody waits any more
            self._found[host, port] = now + _SECONDS, task
        return task


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


async def _look_up(host: str, port: int) -> list[AddrInfoType]:
    loop = asyncio.get_running_loop()
    return _told(await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG))


def _told(found: object) -> list[AddrInfoType]:
    return cast(list[AddrInfoType], found)  # what `getaddrinfo` returns, said in a narrower type
