"""A provider's HTTP side: connections, headers, bounds, and what its failures mean."""

import asyncio
import io
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

import aiohttp
import msgspec
from aiohttp.http import HttpProcessingError

from retinue import __version__
from retinue.core.errors import Blame, ModelFault
from retinue.models.address import host_of, proxy_for, without_password
from retinue.models.faults.faults import Remedies, unreachable
from retinue.models.http.endpoint import Endpoint, Use, endpoint_of
from retinue.models.http.silence import Silent, unanswered

FAILURES = (aiohttp.ClientError, HttpProcessingError, OSError, TimeoutError)
"""What aiohttp raises where a provider is not there, goes away or speaks no HTTP."""
UNREADABLE = (ValueError, RecursionError)
"""What reading an answer raises that makes no sense."""

Read = Callable[[], Awaitable[bytes]]
"""Returns the next bytes, none at the end."""

_SECRET_LENGTH = 8  # characters; a shorter key, such as "ollama", is a word and no secret
_ERROR_LIMIT = 64 * 1024  # bytes of an error answer that are looked at
_ERROR_SECONDS = 5.0  # for the body of an error answer; its status is known by then


class Upstream:
    """The provider at `base_url`, called `name` in sentences. Its connections belong to the loop of the first call.

    Proxies are taken from the system's settings (HTTPS_PROXY, NO_PROXY), never for this machine itself.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str | None,
        *,
        name: str,
        connect_seconds: float,
        endpoint: Endpoint | None = None,
        headers: Mapping[str, str] | None = None,
        remedies: Remedies,
    ) -> None:
        """`headers` are sent with every request, in place of ours of the same names."""
        self.base_url = base_url.strip()
        self.name = name
        self.remedies = remedies
        self._endpoint = endpoint or endpoint_of(self.base_url)
        self._own_headers = dict(headers or {})
        self._own_names = {name.lower() for name in self._own_headers}
        self._key = (api_key or "").strip()
        self._connect_seconds = connect_seconds
        self._proxy, self._proxy_login = proxy_for(self.base_url)
        self._session: aiohttp.ClientSession | None = None

    async def get(self, path: str, *, seconds: float) -> aiohttp.ClientResponse:
        """Ask for JSON and return the answer, whatever its status; `seconds` bounds all of it. Raises ModelFault."""
        headers = self._headers("application/json", "list")
        return await self._ask("GET", self._endpoint.url(path), seconds=seconds, total=seconds, headers=headers)

    async def beside(self, path: str, body: bytes | None = None, *, seconds: float) -> aiohttp.ClientResponse:
        """Ask for JSON at a path of the server itself, not under its base URL; with a body, POST it."""
        method = "GET" if body is None else "POST"
        headers = self._headers("application/json", "server")
        url = self._endpoint.beside(path)
        return await self._ask(method, url, seconds=seconds, total=seconds, data=body, headers=headers)

    async def post(
        self, path: str, body: bytes, *, accept: str, seconds: float, model: str | None = None
    ) -> aiohttp.ClientResponse:
        """Send JSON for a model and return the answer, whatever its status; raises ModelFault if there is none.

        `seconds` bounds the wait for its beginning; its body may take for ever.
        """
        return await self._ask(
            "POST",
            self._endpoint.url(path, model),
            seconds=seconds,
            data=io.BytesIO(body),  # aiohttp warns of large bare bytes
            headers=self._headers(accept) | {"Content-Type": "application/json"},
        )

    async def close(self) -> None:
        """Let go of connections; a later call opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def check_coding(self, response: aiohttp.ClientResponse) -> None:
        """Raise ModelFault for a compressed answer: a few bytes of it could unpack to gigabytes."""
        coding = response.headers.get("Content-Encoding", "").strip()
        if coding.lower() not in ("", "identity"):
            raise ModelFault(
                f"{self.name} compressed its answer ({self.without_key(coding)[:20]}), which it was asked not to do."
                " See whether a proxy before it does that, and turn it off."
            )

    def without_key(self, text: str) -> str:
        """Return the text of an error without our key, should the provider repeat it."""
        return text.replace(self._key, "***") if len(self._key) >= _SECRET_LENGTH else text

    def why(self, exc: BaseException) -> str:
        """Return what one of FAILURES or UNREADABLE means, as the end of a sentence."""
        match exc:
            case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError():
                return f"'{without_password(self.base_url)}' is no address that begins with http:// or https://."
            case aiohttp.ConnectionTimeoutError():
                return f"no connection within {self._connect_seconds:g} s."
            case Silent():
                return str(exc)
            case aiohttp.ClientPayloadError() | aiohttp.ServerDisconnectedError() | ConnectionResetError():
                return "the connection was lost."
            case aiohttp.ClientResponseError() | HttpProcessingError():
                return "its answer is no valid HTTP."
            case TimeoutError():
                return "it took too long."
            case aiohttp.ClientConnectorDNSError():
                return f"there is no host '{host_of(self.base_url)}'."
            case aiohttp.ClientConnectorSSLError() | aiohttp.ClientConnectorCertificateError():
                return "no secure connection came about; an address that begins with http:// speaks none."
            case aiohttp.ClientConnectorError(os_error=ConnectionRefusedError()):
                return f"nothing listens at {without_password(self.base_url)}."
            case msgspec.MsgspecError() | UnicodeDecodeError() | RecursionError():
                return "a part of the answer is no valid JSON."
            case _:
                return str(exc) or type(exc).__name__

    def unreached(self, exc: BaseException) -> ModelFault:
        """Return the fault that one of FAILURES or UNREADABLE means where no answer came."""
        return unreachable(self.name, self.why(exc), remedies=self.remedies, blame=_blame(exc))

    async def _ask(
        self, method: str, url: str, *, seconds: float, total: float | None = None, **options: Any
    ) -> aiohttp.ClientResponse:
        """Send a request; `seconds` bounds the wait for the answer's beginning, `total` all of it."""
        timeout = aiohttp.ClientTimeout(total=total, connect=self._connect_seconds)
        try:
            async with asyncio.timeout(seconds) as bound:
                return await self._open().request(
                    method, url, allow_redirects=False, timeout=timeout, **options, **self._proxy
                )
        except (*FAILURES, *UNREADABLE) as exc:
            raise self.unreached(unanswered(seconds) if bound.expired() else exc) from exc

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),
                auto_decompress=False,  # see `check_coding`
                cookie_jar=aiohttp.DummyCookieJar(),  # what one caller gets must not reach the next
            )
        return self._session

    def _headers(self, accept: str, use: Use = "chat") -> dict[str, str]:
        # A compressed stream would be held back until there is enough to compress.
        headers = {"Accept": accept, "Accept-Encoding": "identity", "User-Agent": f"retinue/{__version__}"}
        headers |= self._proxy_login | self._endpoint.login(self._key, use)
        kept = {name: value for name, value in headers.items() if name.lower() not in self._own_names}
        return kept | self._own_headers


def _blame(exc: BaseException) -> Blame:
    """Whether a failure may pass by itself: an address that makes no sense does not."""
    match exc:
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError() | ValueError():
            return "provider"
        case aiohttp.ClientConnectorDNSError(os_error=socket.gaierror(errno=socket.EAI_NONAME)):
            return "provider"
        case aiohttp.ClientConnectorSSLError() | aiohttp.ClientConnectorCertificateError():
            return "provider"
        case aiohttp.ClientResponseError() | HttpProcessingError():
            return "provider"  # something else listens there
        case _:
            return "moment"


async def body_of(response: aiohttp.ClientResponse, limit: int, read: Read | None = None) -> bytes:
    """Return the whole body of an answer; raises ValueError if it is longer than `limit` bytes.

    `read` reads on, where somebody watches over that.
    """
    body = bytearray()
    read = read or response.content.readany
    while more := await read():
        body += more
        if len(body) > limit:
            raise ValueError(f"its answer is longer than {limit} bytes")
    return bytes(body)


async def error_body_of(response: aiohttp.ClientResponse) -> bytes:
    """Return the body of an error answer; empty where it is too long, too slow or broken off."""
    with suppress(*FAILURES, *UNREADABLE):
        async with asyncio.timeout(_ERROR_SECONDS):
            return await body_of(response, _ERROR_LIMIT)
    return b""
