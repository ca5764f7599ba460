"""A request, as it goes over the wire."""

import re
from collections.abc import Mapping

from msgspec import Struct

from retinue.models.http.client.address import Address, address_of

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # https://www.rfc-editor.org/rfc/rfc9110#name-tokens
_UNSENDABLE = re.compile(r"[\r\n\0]")
_OURS = ("content-length", "transfer-encoding")


class Request(Struct, frozen=True, kw_only=True):
    """What is asked, but for the body: it is made once for many of them."""

    address: Address
    head: bytes
    """Without the body's length and the empty line."""

    def head_before(self, body: bytes | None) -> bytes:
        """Return the whole head, where this body follows; None for none."""
        return self.head + (b"\r\n" if body is None else b"Content-Length: %d\r\n\r\n" % len(body))


def request_of(
    method: str, url: str, headers: Mapping[str, str] | None = None, *, proxy: Address | None = None
) -> Request:
    """Return a request; `headers` go before ours of the same names. Raises InvalidAddress.

    Raises ValueError for a header that could end the head, or change how long the body is taken to be. A proxy that
    reads the request itself gets the whole address, and its login.
    """
    address, told = address_of(url), dict(headers or {})
    asked = {name.lower() for name in told}
    sent = {} if "host" in asked else {"Host": address.host_header}
    if address.login and "authorization" not in asked:
        sent["Authorization"] = address.login
    sent |= told
    target = address.target
    if proxy is not None and address.scheme == "http":
        target = f"http://{address.host_header}{target}"
        sent |= proxy_login(proxy)
    for name, value in sent.items():
        _check(name, value)
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items()), ""]
    return Request(address=address, head="\r\n".join(lines).encode())


def proxy_login(proxy: Address) -> dict[str, str]:
    """Return the header that a proxy is told its user by, if its address bears one."""
    return {"Proxy-Authorization": proxy.login} if proxy.login else {}


def _check(name: str, value: str) -> None:
    if not _NAME.fullmatch(name) or name.lower() in _OURS:
        raise ValueError(f"there can be no header {name!r}: take it out of the settings.")
    if _UNSENDABLE.search(value):
        raise ValueError(f"the header '{name}' holds a line break: take it out of the settings or the key.")
