"""Any provider that speaks OpenAI's chat completions, over HTTP."""

import asyncio
import io
import time
from base64 import b64encode
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import msgspec
from aiohttp.http import HttpProcessingError
from msgspec import Struct

from retinue import __version__
from retinue.core.errors import ModelFault
from retinue.models.base import Json, ModelCard, ModelEvent, ModelRequest
from retinue.models.chunks import Reading, said
from retinue.models.faults import broken_off, fault_of_status, unreachable
from retinue.models.sse import LIMIT

_OPENAI_HOST = "api.openai.com"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_ERROR_LIMIT = 64 * 1024  # bytes of an error answer that are looked at
_ERROR_SECONDS = 5.0  # for the body of an error answer; its status is known by then
_CARDS_SECONDS = 10.0
_CARDS_AGE = 60.0  # seconds until a model that was not in the list is looked for again
_DRAIN_SECONDS = 1.0  # for the end of a stream after its last event, so that the connection can be used again

_PAUSE_BYTES = 256 * 1024  # of a stream, after which everybody else has a turn: a read that has bytes never waits

_FAILURES = (aiohttp.ClientError, HttpProcessingError, OSError, TimeoutError)
_UNREADABLE = (ValueError, RecursionError)


class _Listed(Struct, frozen=True):
    id: str
    owned_by: str | None = None
    created: float | None = None
    description: str | None = None


class _Listing(Struct, frozen=True):
    data: list[_Listed]


_decode_listing = msgspec.json.Decoder(_Listing | list[_Listed], strict=False).decode


class OpenAICompatible:
    """A provider at `base_url`, such as https://api.openai.com/v1.

    `name` stands in error messages, `default_model` serves where the provider has no model of the name that was
    asked for, so that code with an outdated name goes on working. Proxies are taken from the system's settings
    (HTTPS_PROXY, NO_PROXY), never for this machine itself. The connections belong to the event loop of the first
    call.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str | None,
        *,
        name: str | None = None,
        default_model: str | None = None,
        connect_seconds: float = 10.0,
        idle_seconds: float = 120.0,
    ) -> None:
        """`idle_seconds` bounds the wait for the first byte and between any two; a reply may take for ever."""
        self.name = name or provider_name(base_url)
        self.base_url = base_url.strip()
        self._key = (api_key or "").strip()
        self._default_model = default_model
        self._timeout = aiohttp.ClientTimeout(total=None, connect=connect_seconds, sock_read=idle_seconds)
        self._proxy, self._proxy_login = _proxy_for(self.base_url)
        self._session: aiohttp.ClientSession | None = None
        self._draining: set[asyncio.Task[None]] = set()
        self._names: frozenset[str] = frozenset()
        self._names_at: float | None = None
        self._names_lock = asyncio.Lock()

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """Yield what the model says, `Finished` last; see `Model.stream`."""
        model = await self._served(request.model)
        reading = Reading(self.name, model)
        response = await self._post(self._body(request, model), model)
        # One generator for everything: each layer of them costs a microsecond an event.
        try:
            if response.content_type.endswith("json"):
                for event in reading.whole(await body_of(response, LIMIT)):
                    yield event
            else:
                taken = 0
                async for read in response.content.iter_any():
                    for event in reading.feed(read):
                        yield event
                    if reading.ended:
                        break
                    taken += len(read)
                    if taken >= _PAUSE_BYTES:
                        taken = 0
                        await asyncio.sleep(0)
                else:
                    for event in reading.end():
                        yield event
        except (*_FAILURES, *_UNREADABLE) as exc:
            # Once the reply itself is whole, only its usage can be missing.
            if not reading.complete:
                raise broken_off(self.name, self._why(exc)) from exc
        finally:
            self._part_from(response, ended=reading.ended)
        yield reading.finished()

    async def cards(self) -> list[ModelCard]:
        """Return the provider's models; raises ModelFault if it can't tell."""
        try:
            async with self._open().get(
                self._url("/models"),
                headers=self._headers("application/json"),
                timeout=aiohttp.ClientTimeout(total=_CARDS_SECONDS),
                allow_redirects=False,
                **self._proxy,
            ) as response:
                if response.status != 200:
                    raise await self._refusal(response, model="")
                self._check_coding(response)
                listing = _decode_listing(await body_of(response, LIMIT))
        except _FAILURES as exc:
            raise unreachable(self.name, self._why(exc)) from exc
        except _UNREADABLE as exc:
            raise unreachable(self.name, "its list of models can't be read.") from exc
        return [_card(listed) for listed in (listing if isinstance(listing, list) else listing.data)]

    async def close(self) -> None:
        """Let go of connections; a later call opens new ones."""
        session, self._session = self._session, None
        for task in self._draining:
            task.cancel()
        await asyncio.gather(*self._draining, return_exceptions=True)
        if session is not None:
            await session.close()

    async def _served(self, name: str) -> str:
        default = self._default_model
        if default is None or name == default or self._has(name):
            return name
        async with self._names_lock:
            if self._names_at is None or time.monotonic() - self._names_at > _CARDS_AGE:
                with suppress(ModelFault):
                    self._names = frozenset(card.id for card in await self.cards())
                self._names_at = time.monotonic()
        return name if self._has(name) else default

    def _has(self, name: str) -> bool:
        return name in self._names or f"{name}:latest" in self._names  # Ollama lists its models with a tag

    def _body(self, request: ModelRequest, model: str) -> Json:
        # OpenAI's newer models refuse the older name of the bound, other servers don't know the newer one.
        bound = "max_completion_tokens" if _host(self.base_url) == _OPENAI_HOST else "max_tokens"
        optional: Json = {
            "response_format": request.response_format,
            "reasoning_effort": request.reasoning_effort,
            "temperature": request.temperature,
            "top_p": request.top_p,
            bound: request.max_tokens,
        }
        if request.tools:
            optional["tools"] = request.tools
            optional["tool_choice"] = request.tool_choice
            optional["parallel_tool_calls"] = request.parallel_tool_calls
        body = {"model": model, "messages": request.messages, "stream": True}
        body["stream_options"] = {"include_usage": True}
        return body | {name: value for name, value in optional.items() if value is not None}

    async def _post(self, body: Json, model: str) -> aiohttp.ClientResponse:
        """Send a request and return the answer to be read; raises ModelFault if there is none."""
        try:
            response = await self._open().post(
                self._url("/chat/completions"),
                data=io.BytesIO(msgspec.json.encode(body)),  # aiohttp warns of large bare bytes
                headers=self._headers("text/event-stream") | {"Content-Type": "application/json"},
                allow_redirects=False,
                **self._proxy,
            )
        except (*_FAILURES, *_UNREADABLE) as exc:
            raise unreachable(self.name, self._why(exc)) from exc
        try:
            if not 200 <= response.status < 300 or response.content_type == "text/html":
                raise await self._refusal(response, model=model)
            self._check_coding(response)
        except BaseException:
            response.close()
            raise
        return response

    def _check_coding(self, response: aiohttp.ClientResponse) -> None:
        """Raise ModelFault for a compressed answer: a few bytes of it could unpack to gigabytes."""
        coding = response.headers.get("Content-Encoding", "").strip()
        if coding.lower() not in ("", "identity"):
            raise ModelFault(
                f"{self.name} compressed its answer ({coding[:20]}), which it was asked not to do."
                " See whether a proxy before it does that, and turn it off."
            )

    async def _refusal(self, response: aiohttp.ClientResponse, *, model: str) -> ModelFault:
        """Return what an answer that is no reply means."""
        status = response.status
        if 300 <= status < 400:
            return unreachable(self.name, f"it redirects to {response.headers.get('Location', 'nowhere')}.")
        error: Any = None
        with suppress(*_FAILURES, *_UNREADABLE):
            async with asyncio.timeout(_ERROR_SECONDS):
                error = msgspec.json.decode(await body_of(response, _ERROR_LIMIT))
        knows_the_path = isinstance(error, dict) and bool(error.get("error"))
        if status < 300 or (status in (404, 405) and not (knows_the_path and model)):
            return self._wrong_address(status)
        return fault_of_status(self.name, status, said(error) or response.reason or "no reason.", model=model)

    def _wrong_address(self, status: int) -> ModelFault:
        return ModelFault(
            f"{self.name} answered as no model provider does ({status}): OPENAI_BASE_URL seems wrong, it is"
            f" {without_password(self.base_url)} and for most providers ends in /v1."
        )

    def _part_from(self, response: aiohttp.ClientResponse, *, ended: bool) -> None:
        """Close the connection, or keep it for the next call if the reply is at its end."""
        if not ended or response.content.is_eof():
            response.close()
            return
        task = asyncio.create_task(_drain(response))
        self._draining.add(task)
        task.add_done_callback(self._draining.discard)
        task.add_done_callback(lambda _: response.close())  # also if it was cancelled before it began

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),
                timeout=self._timeout,
                auto_decompress=False,  # see `_check_coding`
                cookie_jar=aiohttp.DummyCookieJar(),  # what one caller gets must not reach the next
            )
        return self._session

    def _url(self, path: str) -> str:
        parts = _split(self.base_url)
        return urlunsplit(parts._replace(path=parts.path.rstrip("/") + path, fragment=""))

    def _headers(self, accept: str) -> dict[str, str]:
        # A compressed stream would be held back until there is enough to compress.
        headers = {"Accept": accept, "Accept-Encoding": "identity", "User-Agent": f"retinue/{__version__}"}
        headers |= self._proxy_login
        return headers | {"Authorization": f"Bearer {self._key}"} if self._key else headers

    def _why(self, exc: BaseException) -> str:
        match exc:
            case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError():
                return f"'{without_password(self.base_url)}' is no address that begins with http:// or https://."
            case aiohttp.ConnectionTimeoutError():
                return f"no connection within {self._timeout.connect:g} s."
            case aiohttp.SocketTimeoutError():
                return f"nothing came for {self._timeout.sock_read:g} s."
            case aiohttp.ClientPayloadError() | aiohttp.ServerDisconnectedError() | ConnectionResetError():
                return "the connection was lost."
            case aiohttp.ClientResponseError() | HttpProcessingError():
                return "its answer is no valid HTTP."
            case TimeoutError():
                return "it took too long."
            case aiohttp.ClientConnectorDNSError():
                return f"there is no host '{_host(self.base_url)}'."
            case aiohttp.ClientConnectorSSLError() | aiohttp.ClientConnectorCertificateError():
                return "no secure connection came about; an address that begins with http:// speaks none."
            case aiohttp.ClientConnectorError(os_error=ConnectionRefusedError()):
                return f"nothing listens at {without_password(self.base_url)}."
            case msgspec.MsgspecError() | UnicodeDecodeError() | RecursionError():
                return "a part of the answer is no valid JSON."
            case _:
                return str(exc) or type(exc).__name__


def provider_name(base_url: str) -> str:
    """Return what to call the provider at an address: its host, and its port where one is given."""
    if _host(base_url) == _OPENAI_HOST:
        return "OpenAI"
    return _split(base_url).netloc.rpartition("@")[2] or base_url


def without_password(url: str) -> str:
    """Return an address as it may be shown: without the user and password that it may bear."""
    parts = _split(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=""))


async def body_of(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """Return the whole body of an answer; raises ValueError if it is longer than `limit` bytes."""
    body = bytearray()
    async for read in response.content.iter_any():
        body += read
        if len(body) > limit:
            raise ValueError(f"its answer is longer than {limit} bytes")
    return bytes(body)


def _card(listed: _Listed) -> ModelCard:
    return ModelCard(
        id=listed.id,
        owned_by=listed.owned_by or "",
        created=int(listed.created or 0),
        description=listed.description,
    )


async def _drain(response: aiohttp.ClientResponse) -> None:
    with suppress(*_FAILURES):
        async with asyncio.timeout(_DRAIN_SECONDS):
            while await response.content.readany():
                pass


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:  # brackets that hold no IPv6 address
        return SplitResult("", "", url, "", "")


def _host(url: str) -> str:
    return _split(url).hostname or ""


def _proxy_for(base_url: str) -> tuple[Mapping[str, Any], dict[str, str]]:
    """Return what sends a request through the system's proxy for this address: arguments, and headers."""
    host, scheme = _host(base_url), _split(base_url).scheme
    proxy = getproxies().get(scheme)
    if proxy is None or host in _LOOPBACK or proxy_bypass(host):
        return {}, {}
    parts = _split(proxy if "://" in proxy else f"http://{proxy}")
    address = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    if parts.username is None:
        return {"proxy": address}, {}
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    header = {"Proxy-Authorization": f"Basic {b64encode(login.encode()).decode()}"}
    # Of a tunnel the proxy sees only what it is sent first; without TLS it reads the request itself.
    return ({"proxy": address, "proxy_headers": header}, {}) if scheme == "https" else ({"proxy": address}, header)
