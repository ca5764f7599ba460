"""Any provider that speaks OpenAI's chat completions, over HTTP."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import cast

import aiohttp
import msgspec
from msgspec import Struct

from retinue.core.errors import ModelFault
from retinue.models.address import OPENAI_HOST, host_of, provider_name
from retinue.models.base import Json, ModelCard, ModelEvent, ModelFacts, ModelRequest
from retinue.models.chunks import Reading
from retinue.models.faults import OPENAI_VARIABLES, Remedies, broken_off, unreachable
from retinue.models.refusal import is_reply, refusal
from retinue.models.relay import Relayed, RelayRequest
from retinue.models.silence import Silence, Silent
from retinue.models.sse import EVENT_STREAM, LIMIT
from retinue.models.upstream import FAILURES, PAUSE_BYTES, UNREADABLE, Upstream, body_of
from retinue.models.upstream_answer import hand_on

_CARDS_SECONDS = 10.0
_DRAIN_SECONDS = 1.0  # for the end of a stream after its last event, so that the connection can be used again


class _Listed(Struct, frozen=True):
    id: str
    owned_by: str | None = None
    created: float | None = None
    description: str | None = None


class _Listing(Struct, frozen=True):
    data: list[_Listed]


_decode_listing = msgspec.json.Decoder(_Listing | list[_Listed], strict=False).decode


def _nothing() -> None:
    pass


class OpenAICompatible:
    """A provider at `base_url`, such as https://api.openai.com/v1: what is asked here is asked once.

    `label` is its name in sentences, `name` that in the settings. Proxies are taken from the system's settings
    (HTTPS_PROXY, NO_PROXY), never for this machine itself. The connections belong to the event loop of the first
    call.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str | None,
        *,
        name: str = "",
        label: str | None = None,
        remedies: Remedies = OPENAI_VARIABLES,
        connect_seconds: float = 10.0,
        first_byte_seconds: float = 300.0,
        idle_seconds: float = 120.0,
        answer_seconds: float = 600.0,
    ) -> None:
        """`first_byte_seconds` bounds the wait for the first byte, `idle_seconds` that between two of them.

        `answer_seconds` bounds both for answers that are relayed and not streamed: a provider is silent over them.
        """
        self.name, self.label = name, label or provider_name(base_url)
        self._upstream = Upstream(
            base_url, api_key, name=self.label, connect_seconds=connect_seconds, remedies=remedies
        )
        self.base_url = self._upstream.base_url
        self._first_byte_seconds = first_byte_seconds
        self._idle_seconds, self._answer_seconds = idle_seconds, answer_seconds
        self._draining: set[asyncio.Task[None]] = set()

    async def stream(
        self, request: ModelRequest, *, attempts: int = 1, done: Callable[[], None] = _nothing
    ) -> AsyncGenerator[ModelEvent, None]:
        """Return what the model says once it begins; see `Model.stream`.

        `attempts` is how many calls it took, this one counted; `done` is called when the call is over, if it began.
        """
        model = request.model
        response = await self._post(self._body(request, model), model)
        reading = Reading(self.label, model, provider=self.name, attempts=attempts, remedies=self._upstream.remedies)
        events = self._events(response, reading, done)
        # It is begun by its first, empty event: another generator around it would cost a microsecond an event.
        await anext(events)
        return cast(AsyncGenerator[ModelEvent, None], events)  # it yields None once, and that is taken

    async def _events(
        self, response: aiohttp.ClientResponse, reading: Reading, done: Callable[[], None]
    ) -> AsyncGenerator[ModelEvent | None, None]:
        """Yield None when the first event is there, then all events."""
        begun = False
        silence = Silence(response.content, first=self._first_byte_seconds, idle=self._idle_seconds)
        try:
            if response.content_type.endswith("json"):
                events = reading.whole(await body_of(response, LIMIT, silence.read))
                yield None
                begun = True
                for event in events:
                    yield event
            else:
                taken = 0
                while read := await silence.read():
                    for event in reading.feed(read):
                        if not begun:
                            begun = True
                            silence.begun()
                            yield None
                        yield event
                    if reading.ended:
                        break
                    taken += len(read)
                    if taken >= PAUSE_BYTES:
                        taken = 0
                        await asyncio.sleep(0)
                else:
                    for event in reading.end():
                        if not begun:
                            begun = True
                            yield None
                        yield event
        except ModelFault as fault:
            fault.message = self._upstream.without_key(fault.message)
            raise
        except (*FAILURES, *UNREADABLE) as exc:
            if isinstance(exc, Silent) and not begun:
                raise self._upstream.unreached(exc) from exc
            # Once the reply itself is whole, only its usage can be missing.
            if not reading.complete:
                raise broken_off(self.label, self._upstream.why(exc)) from exc
        finally:
            silence.end()
            self._part_from(response, ended=reading.ended)
            done()
        finished = reading.finished()
        if not begun:
            yield None
        yield finished

    @asynccontextmanager
    async def relay(self, request: RelayRequest) -> AsyncIterator[Relayed]:
        """Hand a request on; see `Model.relay`."""
        first_seconds = self._first_byte_seconds if request.stream else self._answer_seconds
        response = await self._upstream.post(
            f"/{request.operation}",
            request.body(request.model),
            accept=EVENT_STREAM if request.stream else "application/json",
            seconds=first_seconds,
        )
        try:
            yield await hand_on(
                self._upstream,
                response,
                operation=request.operation,
                model=request.model,
                first_seconds=first_seconds,
                idle_seconds=self._idle_seconds if request.stream else self._answer_seconds,
            )
        finally:
            response.close()

    async def facts(self, name: str) -> ModelFacts:
        """Return what is known of the model that serves this name."""
        return ModelFacts(model=name, provider=self.name)

    async def cards(self) -> list[ModelCard]:
        """Return the provider's models; raises ModelFault if it can't tell."""
        response = await self._upstream.get("/models", seconds=_CARDS_SECONDS)
        try:
            if response.status != 200:
                raise await refusal(self._upstream, response, model="")
            self._upstream.check_coding(response)
            listing = _decode_listing(await body_of(response, LIMIT))
        except FAILURES as exc:
            raise self._upstream.unreached(exc) from exc
        except UNREADABLE as exc:
            why = "its list of models can't be read."
            raise unreachable(self.label, why, remedies=self._upstream.remedies, blame="provider") from exc
        finally:
            response.close()
        return [_card(listed) for listed in (listing if isinstance(listing, list) else listing.data)]

    async def close(self) -> None:
        """Let go of connections; a later call opens new ones."""
        for task in self._draining:
            task.cancel()
        await asyncio.gather(*self._draining, return_exceptions=True)
        await self._upstream.close()

    def _body(self, request: ModelRequest, model: str) -> Json:
        # OpenAI's newer models refuse the older name of the bound, other servers don't know the newer one.
        bound = "max_completion_tokens" if host_of(self.base_url) == OPENAI_HOST else "max_tokens"
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
        raw = msgspec.json.encode(body)
        response = await self._upstream.post(
            "/chat/completions", raw, accept=EVENT_STREAM, seconds=self._first_byte_seconds
        )
        try:
            if not is_reply(response):
                raise await refusal(self._upstream, response, model=model)
            self._upstream.check_coding(response)
        except BaseException:
            response.close()
            raise
        return response

    def _part_from(self, response: aiohttp.ClientResponse, *, ended: bool) -> None:
        """Close the connection, or keep it for the next call if the reply is at its end."""
        if not ended or response.content.is_eof():
            response.close()
            return
        task = asyncio.create_task(_drain(response))
        self._draining.add(task)
        task.add_done_callback(self._draining.discard)
        task.add_done_callback(lambda _: response.close())  # also if it was cancelled before it began


def _card(listed: _Listed) -> ModelCard:
    return ModelCard(
        id=listed.id,
        owned_by=listed.owned_by or "",
        created=int(listed.created or 0),
        description=listed.description,
    )


async def _drain(response: aiohttp.ClientResponse) -> None:
    with suppress(*FAILURES):
        async with asyncio.timeout(_DRAIN_SECONDS):
            while await response.content.readany():
                pass
