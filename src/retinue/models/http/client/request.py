"""A request's head, as it goes over the wire."""

import re
from collections.abc import Mapping

from retinue.models.http.client.address import Address

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # https://www.rfc-editor.org/rfc/rfc9110#name-tokens
_UNSENDABLE = re.compile(r"[\r\n\0]")
_OURS = ("content-length", "transfer-encoding")


def head_of(
    method: str, address: Address, headers: Mapping[str, str], *, length: int | None, proxy: Address | None
) -> bytes:
    """Return the head of a request whose body has this length, None if it has no body.

    `headers` go before ours of the same names. Raises ValueError for one that could end the head, or change how
    long the body is taken to be. A proxy that reads the request itself gets the whole address, and its login.
    """
    asked = {name.lower() for name in headers}
    sent = [] if "host" in asked else [("Host", address.host_header)]
    if address.login and "authorization" not in asked:
        sent.append(("Authorization", address.login))
    sent += headers.items()
    target = address.target
    if proxy is not None and address.scheme == "http":
        target = f"http://{address.host_header}{target}"
        sent += proxy_login(proxy).items()
    for name, value in sent:
        _check(name, value)
    if length is not None:
        sent.append(("Content-Length", str(length)))
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in sent), "", ""]
    return "\r\n".join(lines).encode()


def proxy_login(proxy: Address) -> dict[str, str]:
    """Return the header that a proxy is told its user by, if its address bears one."""
    return {"Proxy-Authorization": proxy.login} if proxy.login else {}


def _check(name: str, value: str) -> None:
    if not _NAME.fullmatch(name) or name.lower() in _OURS:
        raise ValueError(f"there can be no header {name!r}: take it out of the settings.")
    if _UNSENDABLE.search(value):
        raise ValueError(f"the header '{name}' holds a line break: take it out of the settings or the key.")
