"""Finds out what a provider takes for one of its models, by tiny requests over the relay: as they are, unshaped.

What a provider takes without a word and does not do is not taken: a format has to show in the answer.
"""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import msgspec
from msgspec import Raw, Struct, structs

from retinue.core.errors import ModelFault
from retinue.core.model_profile import Bound, Findings, Sizes
from retinue.models.base import Json
from retinue.models.relay import Relayed, RelayRequest

REQUESTS = 9
"""How many a probe sends at most; each is of a few tokens."""

_ANSWER_BYTES = 1024 * 1024
_BOUNDS: tuple[Bound, ...] = ("max_tokens", "max_completion_tokens")
_BOUND = 256  # tokens: those that reason need some before the first word
_CUT_OFF = "output limit was reached"  # how OpenAI refuses a reply that reasoning used up: the request was taken
_TRY_LATER = (408, 409, 425, 429)
# White, 32 by 32: there are models that take no image of a single pixel.
_IMAGE = "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAAAAABWESUoAAAAFklEQVR42mP4TwAwjCoYVTCqYKQqAAA/aPwuqUTQyAAAAABJRU5ErkJggg=="
_OF_IMAGES = re.compile(r"(?i)image|vision|multi-?modal|content|modalit")
_PING = {"type": "function", "function": {"name": "ping", "parameters": {"type": "object", "properties": {}}}}
_SCHEMA = {
    "type": "object",
    "properties": {"is_it_so": {"type": "boolean"}},
    "required": ["is_it_so"],
    "additionalProperties": False,
}


class Relaying(Protocol):
    """Whoever hands a request on as it is."""

    def relay(self, request: RelayRequest) -> AbstractAsyncContextManager[Relayed]:
        """Hand a request on; see `Model.relay`."""
        ...


class Answer(Struct, frozen=True):
    """What came of one request: an answer, or what was said against it."""

    status: int
    body: bytes

    @property
    def taken(self) -> bool | None:
        """Whether the request was taken; None where the provider did not get so far as to look."""
        if self.status == 200 or _CUT_OFF in self.said:
            return True
        return None if self.status in _TRY_LATER or self.status >= 500 else False

    @property
    def said(self) -> str:
        """All of the answer, as text."""
        return self.body.decode(errors="replace")

    @property
    def readable(self) -> bool:
        """Whether a model said something in it, or would have, had reasoning not used up the bound."""
        cut_off = _CUT_OFF in self.said or self._choice.get("finish_reason") == "length"
        return cut_off or any(said for name, said in self.message.items() if name != "role")

    @property
    def message(self) -> Json:
        """The model's message; empty if there is none."""
        message = self._choice.get("message")
        return message if isinstance(message, dict) else {}

    @property
    def _choice(self) -> Json:
        try:
            choice = msgspec.json.decode(self.body)["choices"][0]
        except (ValueError, LookupError, TypeError, RecursionError):
            return {}
        return choice if isinstance(choice, dict) else {}


class Found(Struct, frozen=True):
    """A question that was settled, or not: None."""

    question: str
    answer: str | bool | None


class Probed(Struct, frozen=True, kw_only=True):
    """What a probe found out."""

    findings: Findings
    sizes: Sizes


async def probe(provider: Relaying, model: str, tell: Callable[[Found], None]) -> Probed:
    """Ask the provider about one of its models; `tell` hears each result as it comes.

    Raises ModelFault where the provider can't be reached, refuses the key, has no such model, or gives no reply that
    can be read.
    """
    return await _Probe(provider, model, tell).run()


class _Probe:
    def __init__(self, provider: Relaying, model: str, tell: Callable[[Found], None]) -> None:
        self._provider, self._model, self._tell = provider, model, tell
        self._bound: Json = {}

    async def run(self) -> Probed:
        findings = Findings(bound=await self._find_bound())
        findings = structs.replace(findings, developer=await self._find("developer messages", self._developer()))
        findings = structs.replace(findings, stream_usage=await self._find("usage in streams", self._stream_usage()))
        findings = structs.replace(findings, temperature=await self._find("temperature", self._temperature()))
        findings = structs.replace(findings, json_object=await self._find("json_object", self._json_object()))
        findings = structs.replace(findings, json_schema=await self._find("json_schema", self._json_schema()))
        told = await self._find("parallel_tool_calls", self._parallel())
        findings = structs.replace(findings, parallel_tool_calls=told)
        images = await self._find("images", self._images())
        return Probed(findings=findings, sizes=Sizes(images=images))

    async def _find(self, question: str, asking: Any) -> bool | None:
        answer: bool | None = await asking
        self._tell(Found(question, answer))
        return answer

    async def _find_bound(self) -> Bound:
        """Find how a completion is bounded; the first request: what is amiss with it is amiss with all."""
        for name in _BOUNDS:
            answer = await self._ask("Say ok.", **{str(name): _BOUND})
            if answer.taken:
                if not answer.readable:
                    raise _unread(self._model)
                self._bound = {name: _BOUND}
                self._tell(Found("the reply's bound", name))
                return name
            if name == _BOUNDS[-1] or name not in answer.said:
                raise _refused(self._model, answer)
        raise AssertionError("the last refusal is raised")

    async def _developer(self) -> bool | None:
        messages = [{"role": "developer", "content": "Be short."}, {"role": "user", "content": "Say ok."}]
        return (await self._ask(messages=messages)).taken

    async def _stream_usage(self) -> bool | None:
        answer = await self._ask(stream=True, stream_options={"include_usage": True})
        return answer.taken and b'"prompt_tokens"' in answer.body

    async def _temperature(self) -> bool | None:
        return (await self._ask(temperature=0.2)).taken

    async def _json_object(self) -> bool | None:
        answer = await self._ask("Answer with the JSON object {}.", response_format={"type": "json_object"})
        return _shown(answer, lambda said: isinstance(said, dict))

    async def _json_schema(self) -> bool | None:
        named = {"name": "answer", "strict": True, "schema": _SCHEMA}
        answer = await self._ask("Is water wet?", response_format={"type": "json_schema", "json_schema": named})
        return _shown(answer, lambda said: isinstance(said, dict) and set(said) == {"is_it_so"})

    async def _parallel(self) -> bool | None:
        answer = await self._ask("Call the function ping.", tools=[_PING], parallel_tool_calls=False)
        return None if answer.taken is False and "parallel_tool_calls" not in answer.said else answer.taken

    async def _images(self) -> bool | None:
        image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{_IMAGE}"}}
        content = [{"type": "text", "text": "Say ok."}, image]
        answer = await self._ask(messages=[{"role": "user", "content": content}])
        return None if answer.taken is False and not _OF_IMAGES.search(answer.said) else answer.taken

    async def _ask(self, prompt: str = "Say ok.", **fields: Any) -> Answer:
        body = {"model": self._model, "messages": [{"role": "user", "content": prompt}], **self._bound, **fields}
        request = RelayRequest(
            operation="chat/completions",
            model=self._model,
            parameters={name: Raw(msgspec.json.encode(value)) for name, value in body.items()},
            stream=bool(fields.get("stream")),
        )
        async with self._provider.relay(request) as relayed:
            return Answer(relayed.status, await _read(relayed.pieces))


def _shown(answer: Answer, holds: Callable[[Any], bool]) -> bool | None:
    """Whether a format was taken and held to; None where the model said nothing by which to tell."""
    if not answer.taken:
        return answer.taken
    content = answer.message.get("content")
    if not isinstance(content, str) or not content.strip():
        return None
    try:
        return holds(msgspec.json.decode(content))
    except (ValueError, RecursionError):
        return False


def _refused(model: str, answer: Answer) -> ModelFault:
    said = " ".join(answer.said.split())[:300]
    return ModelFault(
        f"The provider took no request for '{model}' ({answer.status}): {said}. Name another with --model."
    )


def _unread(model: str) -> ModelFault:
    return ModelFault(
        f"The provider's answer for '{model}' holds no reply that can be read, so nothing is found out."
        " See that its base_url is that of a model provider, or name another model with --model."
    )


async def _read(pieces: AsyncIterator[bytes]) -> bytes:
    body = bytearray()
    async for piece in pieces:
        body += piece
        if len(body) > _ANSWER_BYTES:
            break
    return bytes(body)
