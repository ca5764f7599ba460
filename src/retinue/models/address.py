"""Addresses of providers: what to call them, how to show them, and the proxy on the way to them."""

from urllib.parse import SplitResult, urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

OPENAI_HOST = "api.openai.com"

LOOPBACK = ("localhost", "127.0.0.1", "::1")
"""What this machine calls itself."""


def provider_name(base_url: str) -> str:
    """Return what to call the provider at an address: its host, and its port where one is given."""
    if host_of(base_url) == OPENAI_HOST:
        return "OpenAI"
    return _split(base_url).netloc.rpartition("@")[2] or base_url


def without_password(url: str) -> str:
    """Return an address as it may be shown: without the user and password that it may bear."""
    parts = _split(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=""))


def host_of(url: str) -> str:
    """Return the host of an address; empty if it has none."""
    return _split(url).hostname or ""


def port_of(url: str) -> int | None:
    """Return the port that an address names; None if it names none."""
    try:
        return _split(url).port
    except ValueError:  # no number, or none that a port can have
        return None


def under(base_url: str, path: str) -> str:
    """Return the address of a path such as `/models` below the base."""
    parts = _split(base_url)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + path, fragment=""))


def proxy_for(base_url: str) -> str | None:
    """Return the address of the system's proxy for this address; None if the way there is direct."""
    host, scheme = host_of(base_url), _split(base_url).scheme
    proxy = getproxies().get(scheme)
    if proxy is None or host in LOOPBACK or proxy_bypass(host):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:  # brackets that hold no IPv6 address
        return SplitResult("", "", url, "", "")
