"""A provider's HTTP side: connections, headers, bounds, and what its failures mean."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache

import msgspec

from retinue import __version__
from retinue.core.errors import Blame, ModelFault
from retinue.models.address import proxy_for, without_password
from retinue.models.faults.faults import Remedies, unreachable
from retinue.models.http.client import (
    Address,
    AnswerTimeout,
    CertificateRefused,
    Client,
    ConnectionLost,
    ConnectionRefused,
    ConnectTimeout,
    HTTPError,
    InvalidAddress,
    InvalidAnswer,
    NoSuchHost,
    NotConnected,
    NotSecure,
    ProxyRefused,
    Request,
    Response,
    address_of,
)
from retinue.models.http.endpoint import Endpoint, Use, endpoint_of
from retinue.models.http.silence import Silent, unanswered

FAILURES = (HTTPError, OSError)
"""What is raised where a provider is not there, goes away, is silent or speaks no HTTP."""
UNREADABLE = (ValueError, RecursionError)
"""What reading an answer raises that makes no sense."""

_REQUESTS = 64  # that are remembered; Azure's bear the model's name
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
        self._proxy = proxy_for(self.base_url)
        self._opened: Client | None = None
        # What is asked for is one of a few; to say it anew each time would be a tenth of a call.
        self._posted = lru_cache(_REQUESTS)(self._post_of)

    async def get(self, path: str, *, seconds: float) -> Response:
        """Ask for JSON and return the answer, whatever its status; `seconds` bounds all of it. Raises ModelFault."""
        return await self._ask_briefly("GET", self._endpoint.url(path), None, seconds, use="list")

    async def beside(self, path: str, body: bytes | None = None, *, seconds: float) -> Response:
        """Ask for JSON at a path of the server itself, not under its base URL; with a body, POST it."""
        method = "GET" if body is None else "POST"
        return await self._ask_briefly(method, self._endpoint.beside(path), body, seconds, use="server")

    async def post(self, path: str, body: bytes, *, accept: str, seconds: float, model: str | None = None) -> Response:
        """Send JSON for a model and return the answer, whatever its status; raises ModelFault if there is none.

        `seconds` bounds the wait for its beginning; its body may take for ever.
        """
        try:
            request = self._posted(path, accept, model if self._endpoint.style == "azure" else None)
            return await self._client().send(request, body, seconds=seconds)
        except (*FAILURES, *UNREADABLE) as exc:
            raise self.unreached(unanswered(seconds) if isinstance(exc, AnswerTimeout) else exc) from exc

    async def close(self) -> None:
        """Let go of connections; a later call opens new ones."""
        client, self._opened = self._opened, None
        if client is not None:
            await client.close()

    def check_coding(self, response: Response) -> None:
        """Raise ModelFault for a compressed answer: a few bytes of it could unpack to gigabytes."""
        coding = response.headers.get("content-encoding", "").strip()
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
            case InvalidAddress():
                return f"'{without_password(self.base_url)}' is no address that begins with http:// or https://."
            case ConnectTimeout():
                return f"no connection within {self._connect_seconds:g} s."
            case ConnectionLost() | ConnectionResetError():
                return "the connection was lost."
            case InvalidAnswer():
                return "its answer is no valid HTTP."
            case CertificateRefused():
                return f"its certificate is not to be trusted ({exc})."
            case NotSecure():
                return "no secure connection came about; an address that begins with http:// speaks none."
            case ConnectionRefused() if self._proxy is None:
                return f"nothing listens at {without_password(self.base_url)}."
            case NotConnected() | Silent():
                return str(exc)
            case TimeoutError():
                return "it took too long."
            case msgspec.MsgspecError() | UnicodeDecodeError() | RecursionError():
                return "a part of the answer is no valid JSON."
            case _:
                return str(exc) or type(exc).__name__

    def unreached(self, exc: BaseException) -> ModelFault:
        """Return the fault that one of FAILURES or UNREADABLE means where no answer came."""
        return unreachable(self.name, self.why(exc), remedies=self.remedies, blame=_blame(exc))

    async def _ask_briefly(self, method: str, url: str, body: bytes | None, seconds: float, *, use: Use) -> Response:
        """Send a request whose whole answer is to come within so many seconds."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        try:
            request = self._client().request(method, url, self._headers("application/json", use))
            response = await self._client().send(request, body, seconds=seconds)
        except (*FAILURES, *UNREADABLE) as exc:
            raise self.unreached(unanswered(seconds) if isinstance(exc, AnswerTimeout) else exc) from exc
        loop.call_at(end, response.fail, TimeoutError())
        return response

    def _client(self) -> Client:
        if self._opened is None:
            self._opened = Client(connect_seconds=self._connect_seconds, proxy=_proxy_at(self._proxy))
        return self._opened

    def _post_of(self, path: str, accept: str, model: str | None) -> Request:
        headers = self._headers(accept) | {"Content-Type": "application/json"}
        return self._client().request("POST", self._endpoint.url(path, model), headers)

    def _headers(self, accept: str, use: Use = "chat") -> dict[str, str]:
        # A compressed stream would be held back until there is enough to compress.
        headers = {"Accept": accept, "Accept-Encoding": "identity", "User-Agent": f"retinue/{__version__}"}
        headers |= self._endpoint.login(self._key, use)
        kept = {name: value for name, value in headers.items() if name.lower() not in self._own_names}
        return kept | self._own_headers


def _blame(exc: BaseException) -> Blame:
    """Whether a failure may pass by itself: an address that makes no sense does not."""
    match exc:
        case InvalidAddress() | ValueError() | NotSecure() | InvalidAnswer():
            return "provider"
        case NoSuchHost():
            return "moment" if exc.for_now else "provider"
        case ProxyRefused():
            return "moment" if exc.status >= 500 else "provider"
        case _:
            return "moment"


def _proxy_at(url: str | None) -> Address | None:
    try:
        return None if url is None else address_of(url)
    except InvalidAddress as exc:
        shown = without_password(url or "")
        raise ValueError(f"the proxy '{shown}' on the way to it is no address of http; see HTTPS_PROXY.") from exc


async def body_of(response: Response, limit: int) -> bytes:
    """Return the whole body of an answer; raises ValueError if it is longer than `limit` bytes."""
    body = bytearray()
    while more := await response.read():
        body += more
        if len(body) > limit:
            raise ValueError(f"its answer is longer than {limit} bytes")
    return bytes(body)


async def error_body_of(response: Response) -> bytes:
    """Return the body of an error answer; empty where it is too long, too slow or broken off."""
    with suppress(*FAILURES, *UNREADABLE):
        async with asyncio.timeout(_ERROR_SECONDS):
            return await body_of(response, _ERROR_LIMIT)
    return b""
