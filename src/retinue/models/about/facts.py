"""What is known of a provider's models, from every source there is: the best one counts, and the rest fill in.

In order: the settings; what a probe stored; what the provider's own list says, and its server beside it, but no more
than a refusal told was the limit; the price list that is shipped; nothing.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from contextlib import suppress

from msgspec import Struct, structs

from retinue.core.errors import ModelFault
from retinue.core.model_profile import ModelProfile, Sizes
from retinue.models.about.beside import sizes_beside
from retinue.models.about.context_windows import context_window
from retinue.models.about.listing import Entry, card_of, name_of, read_listing, sizes_of
from retinue.models.base import ModelCard
from retinue.models.dialects.known import DIALECTS
from retinue.models.dialects.speech import Speech
from retinue.models.faults.faults import unreachable
from retinue.models.http.refusal import refusal
from retinue.models.http.sse import LIMIT
from retinue.models.http.upstream import FAILURES, UNREADABLE, Upstream, body_of

_CARDS_SECONDS = 10.0
_PATIENCE = 2.0  # seconds that a caller waits for facts at most
_AGE = 60.0  # seconds until they are asked for again
_LIMIT_AGE = 3600.0  # until what a refusal told is forgotten: it may have been wrong
_MEMORY = 1024  # models; their names come from callers
_TELL_NO_SIZES = ("openai", "azure", "deepseek")
_FAULTS = (ModelFault, *UNREADABLE)
_OWNERS = {"vllm": "vllm", "llamacpp": "llama.cpp", "library": "ollama"}


class Known(Struct, frozen=True, kw_only=True):
    """What is known of a provider before it is asked."""

    dialect: str | None = None
    """The dialect that the settings name."""
    sizes: Mapping[str, Sizes] = {}
    """What the settings say of models, by their names."""
    profiles: tuple[ModelProfile, ...] = ()
    """What probes found out of its models."""


class _Limit(Struct, frozen=True):
    context_tokens: int
    at: float


class _Fact(Struct, frozen=True):
    sizes: Sizes
    at: float


class Facts:
    """The sizes of a provider's models; asked of it at most once a minute, and never waited for longer than 2 s."""

    def __init__(self, upstream: Upstream, speech: Speech, known: Known) -> None:
        self._upstream, self._speech = upstream, speech
        self._told = known.sizes
        self._probed = {profile.model: profile.sizes for profile in known.profiles}
        self._limits: OrderedDict[str, _Limit] = OrderedDict()
        self._facts: OrderedDict[str, _Fact] = OrderedDict()
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._entries: Mapping[str, Entry] = {}
        self._entries_at: float | None = None
        self._listing = asyncio.Lock()

    async def cards(self) -> list[ModelCard]:
        """Return the provider's models, asked of it now; raises ModelFault if it can't tell."""
        return [card_of(entry) for entry in (await self._listed()).values()]

    async def of(self, model: str) -> Sizes:
        """Return the sizes of a model. Never raises; old ones are returned while new ones are asked for."""
        fact = self._facts.get(model)
        if fact is None or time.monotonic() - fact.at > _AGE:
            asking = self._ask(model)
            if fact is None:
                await asyncio.wait([asking], timeout=_PATIENCE)
                fact = self._facts.get(model)
        return fact.sizes if fact else self._told_of(model).over(self._limited(model, Sizes()))

    def limit(self, model: str, context_tokens: int) -> None:
        """Take note of a refusal that told how much the model reads at most; it counts for an hour."""
        self._limits[model] = _Limit(context_tokens, time.monotonic())
        self._forget_oldest(self._limits)
        if fact := self._facts.get(model):
            sizes = self._told_of(model).over(self._limited(model, fact.sizes))
            self._facts[model] = structs.replace(fact, sizes=sizes)

    async def close(self) -> None:
        """Stop asking."""
        asking = list(self._asking.values())
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    def _ask(self, model: str) -> asyncio.Task[None]:
        if model not in self._asking:
            task = asyncio.create_task(self._find_out(model), name=f"facts of {model}")
            self._asking[model] = task
            task.add_done_callback(lambda _: self._asking.pop(model, None))
        return self._asking[model]

    async def _find_out(self, model: str) -> None:
        asked, told = Sizes(), self._told_of(model)
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                asked = await self._asked(model)
        if told.over(asked).context_tokens is None:
            window = await asyncio.to_thread(_listed_window, model, self._upstream.base_url)
            asked = asked.over(Sizes(context_tokens=window))
        self._facts[model] = _Fact(told.over(self._limited(model, asked)), time.monotonic())
        self._forget_oldest(self._facts)

    def _told_of(self, model: str) -> Sizes:
        return self._told.get(model, Sizes()).over(self._probed.get(model, Sizes()))

    def _limited(self, model: str, sizes: Sizes) -> Sizes:
        limit = self._limits.get(model)
        if limit is None or time.monotonic() - limit.at > _LIMIT_AGE:
            return sizes
        told = limit.context_tokens
        return structs.replace(sizes, context_tokens=min(told, sizes.context_tokens or told))

    async def _asked(self, model: str) -> Sizes:
        sizes = Sizes()
        dialect = self._speech.dialect.name
        with suppress(*_FAULTS):
            sizes = await sizes_beside(self._upstream, dialect, model)
        if dialect in _TELL_NO_SIZES:
            return sizes
        with suppress(*_FAULTS):
            entries = await self._recently_listed()
            # Ollama lists its models with a tag.
            sizes = sizes.over(sizes_of(entries.get(model) or entries.get(f"{model}:latest") or {}))
        return sizes

    async def _recently_listed(self) -> Mapping[str, Entry]:
        async with self._listing:
            if self._entries_at is None or time.monotonic() - self._entries_at > _AGE:
                self._entries_at = time.monotonic()
                await self._listed()
        return self._entries

    async def _listed(self) -> Mapping[str, Entry]:
        response = await self._upstream.get("/models", seconds=_CARDS_SECONDS)
        try:
            if response.status != 200:
                raise await refusal(self._upstream, response, model="")
            self._upstream.check_coding(response)
            entries = read_listing(await body_of(response, LIMIT))
        except FAILURES as exc:
            raise self._upstream.unreached(exc) from exc
        except UNREADABLE as exc:
            why = "its list of models can't be read."
            raise unreachable(self._upstream.name, why, remedies=self._upstream.remedies, blame="provider") from exc
        finally:
            response.close()
        self._entries, self._entries_at = {name_of(entry): entry for entry in entries}, time.monotonic()
        self._recognize(entries)
        return self._entries

    def _recognize(self, entries: Iterable[Entry]) -> None:
        """Tell a server's kind by whom its models are said to be owned by."""
        owners = {str(entry.get("owned_by")) for entry in entries}
        if self._speech.dialect.name == "default" and len(owners) == 1 and (kind := _OWNERS.get(owners.pop())):
            self._speech.recognize(DIALECTS[kind])

    def _forget_oldest(self, memory: "OrderedDict[str, _Limit] | OrderedDict[str, _Fact]") -> None:
        if len(memory) > _MEMORY:
            memory.popitem(last=False)


def _listed_window(model: str, base_url: str) -> int | None:
    try:
        return context_window(model, base_url)
    except Exception:  # a size is not worth a run, whatever the package stumbles over
        return None
