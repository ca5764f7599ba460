"""Counters: how many tokens a text, a message, a request comes to for a model."""

import asyncio
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from retinue.models.tokens.declarations import PER_TOOLS, declared
from retinue.models.tokens.encodings import USUAL, own_encoding
from retinue.models.tokens.messages import PER_MESSAGE, PER_REPLY, parts_of
from retinue.models.tokens.texts import Texts, texts_in

Json = dict[str, Any]

_MODELS = 1_024  # names that are remembered; callers make them up


class Counter:
    """Counts as a model does, or nearly so: see `exact`."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._texts: Texts | None = None

    @property
    def exact(self) -> bool:
        """Whether texts are counted with the model's own encoding; marks and tools are always estimates."""
        return own_encoding(self._model) is not None

    def bound(self, text: str) -> int:
        """Return what the text comes to at most, without counting: no token is shorter than a byte."""
        return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))

    def bound_message(self, message: Json) -> int:
        """Return what `count_message` comes to at most, without counting."""
        content = message.get("content")
        if isinstance(content, str) and len(message) == 2:  # a role and a text, as nearly all are
            return PER_MESSAGE + self.bound(content)
        return self._bound(parts_of(message))

    def bound_tools(self, tools: Sequence[Json]) -> int:
        """Return what `count_tools` comes to at most, without counting."""
        return self._bound((PER_TOOLS, declared(tools))) if tools else 0

    async def count(self, text: str) -> int:
        """Return the number of the text's tokens; special tokens in it count as what they are written with."""
        if self._texts is None:
            self._texts = await asyncio.to_thread(_texts_of, self._model)
        return await self._texts.count(text)

    async def count_message(self, message: Json) -> int:
        """Return what a chat message adds to the prompt, with its marks, its calls and its images."""
        content = message.get("content")
        if isinstance(content, str) and len(message) == 2:
            return PER_MESSAGE + await self.count(content)
        return await self._sum(parts_of(message))

    async def count_tools(self, tools: Sequence[Json]) -> int:
        """Return what the declarations of the tools add to the prompt."""
        return await self._sum((PER_TOOLS, declared(tools))) if tools else 0

    async def count_prompt(self, messages: Sequence[Json], tools: Sequence[Json] = ()) -> int:
        """Return what a whole request comes to."""
        total = PER_REPLY + await self.count_tools(tools)
        for message in messages:
            total += await self.count_message(message)
        # The declarations go with the first system message, and have one of their own only where there is none.
        shared = tools and any(message.get("role") == "system" for message in messages)
        return total - PER_MESSAGE if shared else total

    def _bound(self, parts: Iterable[str | int]) -> int:
        total = 0
        for part in parts:
            total += part if isinstance(part, int) else self.bound(part)
        return total

    async def _sum(self, parts: Iterable[str | int]) -> int:
        total = 0
        for part in parts:
            total += part if isinstance(part, int) else await self.count(part)
        return total


@lru_cache(_MODELS)
def counter_for(model: str) -> Counter:
    """Return what counts for a model, by the provider's name for it; any name will do."""
    return Counter(model)


def _texts_of(model: str) -> Texts:
    return texts_in(own_encoding(model) or USUAL)
