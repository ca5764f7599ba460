"""Where a server listens, who can reach it there, and by which names it may be called."""

import contextlib
import errno
import ipaddress
import os
import socket
from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct

from retinue.core.errors import NotStarted
from retinue.models.address import LOOPBACK
from retinue.settings import Settings

_BACKLOG = 2048
_HERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}
"""What stands for every address of this machine, and where this machine itself finds that."""


class Address(Struct, frozen=True, kw_only=True):
    """An address to listen on, looked up once, so that what was judged is what is listened on."""

    host: str
    """As it was asked for: an address or a name."""
    family: socket.AddressFamily
    place: tuple[Any, ...]
    """The address and the port as a socket of the family takes them."""
    loopback: bool
    """Whether only this machine can reach it."""

    @property
    def everywhere(self) -> bool:
        """Whether it stands for every address of this machine."""
        return self.place[0] in _HERE

    def url(self, port: int) -> str:
        """Return where this machine finds the server."""
        return f"http://{bracketed(_HERE.get(self.place[0], self.host))}:{port}"


def find_address(host: str, port: int, *, look_up: Callable[..., list[Any]] = socket.getaddrinfo) -> Address:
    """Look the host up; raises NotStarted for one that has no address."""
    host = host.removeprefix("[").removesuffix("]") if ":" in host else host  # an IPv6 address as URLs have it
    try:
        found = look_up(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise NotStarted(
            f"The host name {host[:80]!r} leads to no address. "
            "Name an address of this machine with --host: 127.0.0.1 for this machine alone, 0.0.0.0 for others too."
        ) from None
    family, _, _, _, place = next((one for one in found if one[0] == socket.AF_INET), found[0])
    return Address(host=host, family=family, place=place, loopback=all(_is_loopback(one[4][0]) for one in found))


def host_names(settings: Settings) -> list[str]:
    """Return the names that the Host header may bear as long as any token will do."""
    return [bracketed(host) for host in (*LOOPBACK, settings.host, *settings.hosts)]


def bracketed(host: str) -> str:
    """Return an address as it stands in a URL."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


@contextlib.contextmanager
def listening_socket(address: Address) -> Iterator[socket.socket]:
    """Take the port before anything else is begun, so that a port in use costs nothing."""
    with socket.socket(address.family, socket.SOCK_STREAM) as listening:
        if os.name != "nt":  # there it would let two servers share the port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(address.place)
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise NotStarted(
                    f"This machine has no address {address.host}. Name one that it has with --host, or 0.0.0.0 for all."
                ) from error
            raise NotStarted(
                f"Port {address.place[1]} on {address.host} can't be used ({error.strerror}). "
                "Choose another with --port."
            ) from error
        listening.listen(_BACKLOG)
        yield listening


def _is_loopback(address: str) -> bool:
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped  # by the older address that it stands for: not every Python does so itself
    return ip.is_loopback
