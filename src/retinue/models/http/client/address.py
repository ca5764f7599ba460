"""Where a request goes: scheme, host, port and target out of a URL, in a form that can be sent as it is."""

import re
from base64 import b64encode
from typing import Literal, cast
from urllib.parse import SplitResult, quote, unquote, urlsplit

from msgspec import Struct

from retinue.models.http.client.errors import InvalidAddress

Scheme = Literal["http", "https"]
Origin = tuple[str, str, int]
"""Scheme, host and port: what a connection leads to."""

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+(%[A-Za-z0-9._-]+)?")
_UNQUOTED = "/%:@!$&'()*+,;=~"  # what may stand in a path as it is; a percent sign is taken for one that quotes


class Address(Struct, frozen=True, kw_only=True):
    """A place on the network, and what to ask for there."""

    scheme: Scheme
    host: str
    """A name in ASCII, or an IP address without brackets, with the zone that it may have on this machine."""
    port: int
    target: str = "/"
    """Path and query, as a request line bears them."""
    login: str = ""
    """What an Authorization header says, where the address bears a user; else empty."""

    @property
    def origin(self) -> Origin:
        """What a connection to it can be used for."""
        return self.scheme, self.host, self.port

    @property
    def told_host(self) -> str:
        """The host as others know it: a zone means something on this machine alone."""
        return self.host.partition("%")[0]

    @property
    def authority(self) -> str:
        """Host and port, as a tunnel is asked for."""
        host = f"[{self.told_host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def host_header(self) -> str:
        """Host and port, the latter only where it is not the scheme's own."""
        return self.authority.removesuffix(f":{_PORTS[self.scheme]}")


def address_of(url: str) -> Address:
    """Read a URL of http or https; raises InvalidAddress."""
    try:
        parts = urlsplit(url.strip())
        scheme, port, host = parts.scheme, parts.port, _ascii(parts.hostname or "")
    except ValueError as exc:  # brackets that hold no IPv6 address, a port that is none, a name that can be none
        raise InvalidAddress from exc
    if scheme not in _PORTS or port == 0 or not _HOST.fullmatch(host):
        raise InvalidAddress
    return Address(
        scheme=cast(Scheme, scheme),  # one of the two that have ports
        host=host,
        port=port or _PORTS[scheme],
        target=_target(parts),
        login=_login(parts),
    )


def _ascii(host: str) -> str:
    return host if ":" in host else host.encode("idna").decode()


def _target(parts: SplitResult) -> str:
    path = quote(parts.path or "/", safe=_UNQUOTED)
    return f"{path}?{quote(parts.query, safe=_UNQUOTED + '?')}" if parts.query else path


def _login(parts: SplitResult) -> str:
    if parts.username is None:
        return ""
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return f"Basic {b64encode(login.encode()).decode()}"
