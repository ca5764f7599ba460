"""Where a server listens, and by which names it may be called."""

import contextlib
import ipaddress
import os
import socket
from collections.abc import Iterator

from retinue.core.errors import NotStarted
from retinue.settings import Settings

LOOPBACK = ("localhost", "127.0.0.1", "::1")

_BACKLOG = 2048


def check_address(host: str) -> None:
    """Refuse an address that others can reach: there are no keys yet that would keep them out."""
    if not _is_loopback(host):
        raise NotStarted(
            f"{host} can be reached from other machines, and this server has no keys that would tell friend from foe. "
            "Serve on 127.0.0.1."
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False


def host_names(settings: Settings) -> list[str]:
    """Return the names that the Host header may bear."""
    return [bracketed(host) for host in (*LOOPBACK, settings.host, *settings.hosts)]


def bracketed(host: str) -> str:
    """Return an address as it stands in a URL."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


@contextlib.contextmanager
def listening_socket(host: str, port: int) -> Iterator[socket.socket]:
    """Take the port before anything else is begun, so that a port in use costs nothing."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listening:
        if os.name != "nt":  # there it would let two servers share the port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
        except OSError as error:
            raise NotStarted(
                f"Port {port} on {host} can't be used ({error.strerror}). Choose another with --port."
            ) from error
        listening.listen(_BACKLOG)
        yield listening
