"""A runner as its client reaches it. What it answers may come from one that was broken into: all of it is bounded."""

import contextlib
import io
import json
from collections.abc import AsyncIterator
from typing import TypeVar

import aiohttp
import msgspec
from aiohttp import ClientResponse, ClientSession, ClientTimeout
from msgspec import Struct
from yarl import URL

from retinue.sandbox.base import SandboxFault, SessionLost
from retinue.sandbox.remote.frames import told
from retinue.sandbox.remote.protocol import ABOUT, MOST_LISTED, PROTOCOL, PROTOCOL_HEADER, About

_CONNECT_S, _ABOUT_S = 3.0, 5.0
_ANSWER_S = 45.0  # more than a session's keeper may take, and a fork server that is started anew, mostly
_TOTAL_S = 300.0
_MOST_REFUSAL = 64 << 10
_PIECE = 1 << 16
_LONGEST_REASON = 200

_STRANGE = "what answers there is no runner, or it is out of order"
_WRONG_KEY = "it does not take this server's key: RETINUE_RUNNER_KEY has to be the same on both sides"
_OTHER = (
    "it runs Retinue {}, which speaks version {} of their protocol, and this server version {}: run the same on both"
)

T = TypeVar("T")


class Unreached(SandboxFault):
    """The runner can't be had: down, hung, of another version, with another key, or no runner at all."""


class Request(Struct, frozen=True, kw_only=True):
    """What a runner is asked."""

    method: str
    path: str
    query: str = ""
    content: bytes = b""
    silence_s: float = _ANSWER_S
    total_s: float | None = _TOTAL_S


class Runner:
    """One address."""

    def __init__(self, url: str, key: str, http: ClientSession) -> None:
        """Raises SandboxFault for an address that is none."""
        self.url = checked_address(url)
        self._http = http
        self._headers = {"Authorization": f"Bearer {key}", PROTOCOL_HEADER: str(PROTOCOL)}

    async def about(self) -> About:
        """Return what it says of itself; raises Unreached where it is none that this server can use."""
        request = Request(method="GET", path=ABOUT, silence_s=_ABOUT_S, total_s=_ABOUT_S)
        content = await self.answer(request, MOST_LISTED)
        said = decoded(content, _Version)
        if said.protocol != PROTOCOL:
            raise Unreached(_OTHER.format(said.version[:20], said.protocol, PROTOCOL))
        return decoded(content, About)

    async def answer(self, request: Request, most: int) -> bytes:
        """Return the answer to a request, `most` bytes; raises as `asked` does, and SandboxFault for a longer one."""
        async with self.asked(request) as response:
            content = bytearray()
            async for piece in response.content.iter_chunked(_PIECE):
                content += piece
                if len(content) > most:
                    raise SandboxFault(f"The runner's answer is longer than {most:,} bytes.")
            return bytes(content)

    @contextlib.asynccontextmanager
    async def asked(self, request: Request) -> AsyncIterator[ClientResponse]:
        """Give the answer to a request once it begins. Raises Unreached, and what the runner refuses it with.

        What goes wrong with the answer inside is Unreached, too.
        """
        times = ClientTimeout(total=request.total_s, sock_connect=_CONNECT_S, sock_read=request.silence_s)
        try:
            async with self._http.request(
                request.method,
                _joined(self.url, request),
                data=_body(request.content),
                headers=self._headers,
                timeout=times,
                allow_redirects=False,
            ) as response:
                try:
                    if response.status not in (200, 204):
                        raise await _refused(response)
                    yield response
                except BaseException:
                    response.close()  # and the connection: nobody reads the rest of it
                    raise
        except (aiohttp.ClientError, OSError, EOFError, ValueError) as fault:  # a TimeoutError too
            raise Unreached(_reason(fault)) from fault


class _Version(Struct, frozen=True):
    protocol: int
    version: str


def decoded(content: bytes, type_: type[T]) -> T:
    """Return the value that an answer holds; raises Unreached."""
    try:
        # names of files may hold half a pair of surrogates, which msgspec's own decoder refuses
        return msgspec.convert(json.loads(content), type_)
    except (ValueError, RecursionError) as fault:
        raise Unreached(_STRANGE) from fault


def open_http() -> ClientSession:
    """Return the client for all runners: it keeps no cookies, follows nothing and unpacks nothing."""
    return ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(),
        connector=aiohttp.TCPConnector(limit=0),
        auto_decompress=False,
        trust_env=False,
    )


def checked_address(url: str) -> str:
    """Return an address without the slash at its end; raises SandboxFault for one that is none."""
    try:
        parsed = URL(url)
        is_one = parsed.scheme in ("http", "https") and bool(parsed.host) and parsed.port is not None
        is_plain = not (parsed.user or parsed.password or parsed.query_string or parsed.fragment)
    except ValueError:
        is_one = is_plain = False
    if not (is_one and is_plain):
        raise SandboxFault(f"{url[:80]!r} is no address of a runner; one is http://runner-1:4748.")
    return url.rstrip("/")


def _body(content: bytes) -> bytes | io.BytesIO | None:
    """Return what is sent: much of it piece by piece, which takes a thread, little at once."""
    if len(content) > _PIECE:
        return io.BytesIO(content)
    return content or None


def _joined(url: str, request: Request) -> URL:
    query = f"?{request.query}" if request.query else ""
    return URL(f"{url}{request.path}{query}", encoded=True)


async def _refused(response: ClientResponse) -> SandboxFault:
    if response.status == 401:
        return Unreached(_WRONG_KEY)
    content = bytearray()
    async for piece in response.content.iter_chunked(_PIECE):
        content += piece
        if len(content) > _MOST_REFUSAL:
            return Unreached(_STRANGE)
    try:
        fault = told(bytes(content))
    except ValueError:
        return Unreached(_STRANGE)
    if response.status == 410:
        return SessionLost(fault.message)
    return Unreached(fault.message) if response.status == 400 else SandboxFault(fault.message)


def _reason(fault: Exception) -> str:
    match fault:
        case aiohttp.ClientConnectorCertificateError():
            return "its certificate is not one that this machine trusts"
        case aiohttp.ClientConnectorDNSError():
            return "there is no such machine"
        case aiohttp.ClientConnectorError():
            return f"nothing answers there ({fault.os_error.strerror or fault.os_error})"[:_LONGEST_REASON]
        case TimeoutError():
            return "it does not answer in time"
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError() | EOFError() | OSError():
            return "the connection broke off"
    return _STRANGE
