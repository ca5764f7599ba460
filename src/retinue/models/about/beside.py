"""What servers tell of a model beside OpenAI's API, each in its own way.

LM Studio: https://lmstudio.ai/docs/developer/rest/endpoints. llama.cpp: GET /props. Gemini:
https://ai.google.dev/api/models. Ollama: https://docs.ollama.com/api/show and https://docs.ollama.com/context-length:
what a model could read is not what it is loaded with, and a longer prompt is cut without a word.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import msgspec

from retinue.core.errors import ModelFault
from retinue.core.model_profile import Sizes
from retinue.models.about.listing import Entry, read_listing, sizes_of, tokens
from retinue.models.address import host_of
from retinue.models.http.sse import LIMIT
from retinue.models.http.upstream import UNREADABLE, Upstream, body_of

OLLAMA_CONTEXT = 4096
"""Tokens that Ollama loads a model with on most machines, unless it is told otherwise."""

_OLLAMA_CLOUD = "ollama.com"
_SECONDS = 2.0
_NUM_CTX = re.compile(r"^\s*num_ctx\s+(\d{1,9})\s*$", re.MULTILINE)
_UNKNOWN = Sizes()


async def sizes_beside(upstream: Upstream, dialect: str, model: str) -> Sizes:
    """Return what a server of this kind tells of a model; raises ModelFault or UNREADABLE if it can't."""
    ask = _ASKED.get(dialect)
    return await ask(upstream, model) if ask else _UNKNOWN


async def _ollama(upstream: Upstream, model: str) -> Sizes:
    shown, loaded = await asyncio.gather(
        _told(upstream, "/api/show", msgspec.json.encode({"model": model})), _told(upstream, "/api/ps")
    )
    in_cloud = bool(shown.get("remote_host")) or host_of(upstream.base_url).endswith(_OLLAMA_CLOUD)
    return Sizes(context_tokens=_ollamas_context(shown, loaded, model, in_cloud), images=sizes_of(shown).images)


async def _told(upstream: Upstream, path: str, body: bytes | None = None) -> Entry:
    """Return what is answered; empty where nothing is: what speaks Ollama's API need not speak all of it."""
    with suppress(ModelFault, *UNREADABLE):
        return await _asked(upstream, path, body)
    return {}


def _ollamas_context(shown: Entry, loaded: Entry, model: str, in_cloud: bool) -> int | None:
    """Return what it is loaded with, else what it will be; a model of the cloud has all that it could have."""
    running = loaded.get("models")
    for entry in running if isinstance(running, list) else ():
        if _is_of(entry, model) and (context := tokens(entry.get("context_length"))):
            return context
    facts = shown.get("model_info")
    lengths = facts.items() if isinstance(facts, dict) else ()
    most = next((tokens(value) for name, value in lengths if str(name).endswith(".context_length")), None)
    if in_cloud:
        return most
    if told := _NUM_CTX.search(str(shown.get("parameters") or "")):
        return tokens(told.group(1))
    return min(most, OLLAMA_CONTEXT) if most else None


def _is_of(entry: Any, model: str) -> bool:
    names = (entry.get("model"), entry.get("name")) if isinstance(entry, dict) else ()
    return model in names or f"{model}:latest" in names


async def _lm_studio(upstream: Upstream, model: str) -> Sizes:
    listed = read_listing(await _body(upstream, "/api/v0/models"))
    return next((sizes_of(entry) for entry in listed if entry.get("id") == model), _UNKNOWN)


async def _llama_cpp(upstream: Upstream, _: str) -> Sizes:
    return sizes_of(await _asked(upstream, "/props"))


async def _gemini(upstream: Upstream, model: str) -> Sizes:
    return sizes_of(await _asked(upstream, f"/v1beta/models/{quote(model, safe='')}"))


_ASKED: dict[str, Callable[[Upstream, str], Awaitable[Sizes]]] = {
    "ollama": _ollama,
    "lm-studio": _lm_studio,
    "llama.cpp": _llama_cpp,
    "gemini": _gemini,
}


async def _asked(upstream: Upstream, path: str, body: bytes | None = None) -> Entry:
    answer = msgspec.json.decode(await _body(upstream, path, body))
    if not isinstance(answer, dict):
        raise ValueError("it is no JSON object")
    return answer


async def _body(upstream: Upstream, path: str, body: bytes | None = None) -> bytes:
    response = await upstream.beside(path, body, seconds=_SECONDS)
    try:
        if response.status != 200:
            raise ValueError(f"it answered {response.status}")
        upstream.check_coding(response)
        return await body_of(response, LIMIT)
    finally:
        response.close()
