"""Who serves without more being said: what the OPENAI_* variables name, else a model server on this machine."""

import asyncio
from collections.abc import Collection, Sequence
from typing import Literal
from urllib.parse import urljoin, urlsplit

import msgspec
from msgspec import Struct

from retinue.core.key import PREFIX as KEY_PREFIX
from retinue.models.address import LOOPBACK, OPENAI_HOST, host_of, provider_name, without_password
from retinue.models.base import REHEARSAL
from retinue.models.http.client import Client
from retinue.models.http.upstream import FAILURES, UNREADABLE, body_of

OPENAI_URL = "https://api.openai.com/v1"

_PROBE_SECONDS = 0.3
_LISTING_LIMIT = 1024 * 1024  # bytes
_THIS_MACHINE = (*LOOPBACK, "0.0.0.0", "::", "")
_RETINUE_GREETS = b"Retinue serves here"  # see `_root` in api/app.py
_PORTS = {"http": 80, "https": 443}
_REAL_KEY_LENGTH = 40  # OpenAI's keys are "sk-" and at least 48 characters more

_NOTHING_FOUND = (
    "No key and no local model server was found: the built-in rehearsal model answers. It follows rules and is no"
    " language model. Set OPENAI_API_KEY or OPENAI_BASE_URL to use a real one."
)
_PASSED_OVER = "OPENAI_BASE_URL points at Retinue: that is for your programs, and is passed over here."
_OUR_KEY = "OPENAI_API_KEY is a key of Retinue's: that is for your programs, and is passed over here."


class LocalServer(Struct, frozen=True):
    """A program that serves models on this machine, and the port where it usually listens."""

    label: str
    port: int


LOCAL_SERVERS = (LocalServer("Ollama", 11434), LocalServer("LM Studio", 1234), LocalServer("llama.cpp", 8080))
"""In the order of preference."""


class FoundProvider(Struct, frozen=True, kw_only=True):
    """A provider that was found."""

    name: str
    """As in `name/model`."""
    label: str
    """Its name in sentences."""
    base_url: str
    api_key: str | None = None
    default_model: str | None = None
    """What serves for names that it lacks."""


class Serving(Struct, frozen=True, kw_only=True):
    """Who serves, and why."""

    endpoint: FoundProvider | None
    """None where nobody was found."""
    why: str
    """One or two sentences for people."""
    label: str
    """A short name of who serves."""


_NOBODY = Serving(endpoint=None, why=_NOTHING_FOUND, label=REHEARSAL)


class _Entry(Struct, frozen=True):
    id: str


class _Listing(Struct, frozen=True):
    object: Literal["list"]
    data: list[_Entry]


class _Found(Struct, frozen=True):
    server: LocalServer
    names: tuple[str, ...]


async def discover(
    base_url: str | None,
    api_key: str | None,
    model: str | None,
    *,
    own_addresses: Collection[str],
    local_servers: Sequence[LocalServer] = LOCAL_SERVERS,
) -> Serving:
    """Choose who serves from OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL.

    `own_addresses` are this server's own, as `host:port`: neither they nor what listens there is taken for a
    provider. Takes 0.3 s at most, and asks nobody but this machine.
    """
    own = {_place(f"http://{address}") for address in own_addresses}
    passed_over = bool(base_url) and (_place(base_url or "") in own or await _is_retinue(base_url or ""))
    if passed_over:
        base_url = None
        # Who points OPENAI_BASE_URL here has a key for this server beside it, which must not go to OpenAI.
        api_key = api_key if _is_openai_key(api_key) else None
    our_key = not base_url and (api_key or "").startswith(KEY_PREFIX)
    if our_key:  # it opens this server, so it must not go to OpenAI
        api_key = None
    if base_url or api_key:
        serving = _configured(base_url, api_key, model)
    else:
        found = await _first_found([server for server in local_servers if _place(_root(server)) not in own])
        serving = _local(found, model) if found else _NOBODY
    passed = [sentence for sentence, true in ((_PASSED_OVER, passed_over), (_OUR_KEY, our_key)) if true]
    return msgspec.structs.replace(serving, why=" ".join([*passed, serving.why]))


def _configured(base_url: str | None, api_key: str | None, model: str | None) -> Serving:
    url = base_url or OPENAI_URL
    setting = "OPENAI_BASE_URL" if base_url else "OPENAI_API_KEY"
    serves = f"; OPENAI_MODEL={model} serves every model name it does not have" if model else ""
    label = provider_name(url)
    name = "openai" if host_of(url) == OPENAI_HOST else label
    return Serving(
        endpoint=FoundProvider(name=name, label=label, base_url=url, api_key=api_key, default_model=model or None),
        why=f"{setting} is set: {without_password(url)} serves{serves}.",
        label=label,
    )


def _local(found: _Found, model: str | None) -> Serving:
    server = found.server
    listed = model and (model in found.names or f"{model}:latest" in found.names)
    default = model if model and listed else found.names[0]
    return Serving(
        endpoint=FoundProvider(
            name=server.label.lower().replace(" ", "-"),
            label=server.label,
            base_url=f"{_root(server)}/v1",
            default_model=default,
        ),
        why=f"{server.label} answers on this machine ({_root(server)}):"
        f" {default} serves every model name it does not have.",
        label=server.label,
    )


async def _first_found(servers: Sequence[LocalServer]) -> _Found | None:
    probes = await asyncio.gather(*(_probe(server) for server in servers))
    return next((found for found in probes if found), None)


async def _probe(server: LocalServer) -> _Found | None:
    # Whatever else may listen on the port, in whatever protocol, is no model server.
    try:
        listing = msgspec.json.decode(await _got(f"{_root(server)}/v1/models"), type=_Listing)
    except UNREADABLE:
        return None
    names = tuple(entry.id for entry in listing.data if "embed" not in entry.id.lower())
    # Another Retinue offers rehearsal: asking it would only add a detour.
    return _Found(server, names) if names and REHEARSAL not in names else None


async def _is_retinue(base_url: str) -> bool:
    """Whether another Retinue on this machine serves at the address: shells keep it set for the programs in them."""
    if _place(base_url)[0] != "this machine":
        return False
    return (await _got(urljoin(base_url, "/"))).startswith(_RETINUE_GREETS)


async def _got(url: str) -> bytes:
    """Return what is answered there; empty where nothing is, or nothing good.

    No proxy is asked, which would answer for any port.
    """
    client = Client(connect_seconds=_PROBE_SECONDS)
    try:
        async with asyncio.timeout(_PROBE_SECONDS):
            response = await client.send(client.request("GET", url), seconds=_PROBE_SECONDS)
            return await body_of(response, _LISTING_LIMIT) if response.status == 200 else b""
    except (*FAILURES, *UNREADABLE):
        return b""
    finally:
        await client.close()


def _root(server: LocalServer) -> str:
    return f"http://127.0.0.1:{server.port}"


def _place(url: str) -> tuple[str, int | None]:
    """Return what an address points at; all of this machine's own names and wildcards are one host."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return url, None
    return ("this machine" if host in _THIS_MACHINE else host), port


def _is_openai_key(key: str | None) -> bool:
    return key is not None and key.startswith("sk-") and len(key) >= _REAL_KEY_LENGTH
