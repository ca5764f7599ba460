"""Any provider that speaks OpenAI's chat completions, over HTTP."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import cast

import msgspec

from retinue.core.errors import ModelFault, WindowExceeded
from retinue.models.about.facts import Facts, Known
from retinue.models.address import provider_name
from retinue.models.base import ModelCard, ModelEvent, ModelFacts, ModelRequest
from retinue.models.completions.chunks import Reading
from retinue.models.dialects import Body, body_in, dialect_of
from retinue.models.dialects.speech import Speech
from retinue.models.faults.faults import OPENAI_VARIABLES, Remedies, broken_off, remedies_of
from retinue.models.handed_on import hand_on
from retinue.models.http.client import InvalidAnswer, Response
from retinue.models.http.endpoint import endpoint_of
from retinue.models.http.refusal import is_reply, refusal
from retinue.models.http.silence import Silence, Silent
from retinue.models.http.sse import EVENT_STREAM, LIMIT
from retinue.models.http.upstream import FAILURES, UNREADABLE, Upstream, body_of
from retinue.models.relay import Relayed, RelayRequest

_END_SECONDS = 1.0  # for the end of a stream after its last event, so that the connection can be used again

_LEAST_CONTEXT = 1024  # tokens; no model that chats reads less

_LESSONS = 3  # of one request: how often it is worded anew after a refusal


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
        headers: Mapping[str, str] | None = None,
        remedies: Remedies | None = None,
        connect_seconds: float = 10.0,
        first_byte_seconds: float = 300.0,
        idle_seconds: float = 120.0,
        answer_seconds: float = 600.0,
        known: Known | None = None,
    ) -> None:
        """`remedies` are those of a provider of the settings where it has a name, unless others are given.

        `first_byte_seconds` bounds the wait for the first byte, `idle_seconds` that between two of them,
        `answer_seconds` bounds both for answers that are relayed and not streamed: a provider is silent over them.
        """
        self.name, self.label = name, label or provider_name(base_url)
        known = known or Known()
        dialect = dialect_of(base_url, named=known.dialect, label=self.label)
        self._endpoint = endpoint_of(base_url.strip(), dialect.name)
        self._upstream = Upstream(
            base_url,
            api_key,
            name=self.label,
            connect_seconds=connect_seconds,
            endpoint=self._endpoint,
            headers=headers,
            remedies=remedies or (remedies_of(name, None) if name else OPENAI_VARIABLES),
        )
        self._speech = Speech(self._upstream.base_url, dialect, known.profiles)
        self._facts = Facts(self._upstream, self._speech, known)
        self.base_url = self._upstream.base_url
        self._first_byte_seconds = first_byte_seconds
        self._idle_seconds, self._answer_seconds = idle_seconds, answer_seconds

    @property
    def dialect(self) -> str:
        """The name of the dialect that it speaks, as far as it is known by now."""
        return self._speech.dialect.name

    async def stream(
        self,
        request: ModelRequest,
        *,
        attempts: int = 1,
        done: Callable[[], None] = _nothing,
        first_byte_s: float | None = None,
    ) -> AsyncGenerator[Sequence[ModelEvent], None]:
        """Return what the model says once it begins; see `Model.stream`.

        `attempts` is how many calls it took, this one counted; `done` is called when the call is over, if it began.
        `first_byte_s` bounds the wait for its beginning, where that is less than the provider's own bound.
        """
        first_seconds = self._first_seconds(first_byte_s)
        response, body = await self._post(request, request.model, first_seconds)
        reading = Reading(
            self.label,
            request.model,
            provider=self.name,
            attempts=attempts,
            notes=body.notes,
            remedies=self._upstream.remedies,
        )
        events = self._events(response, reading, done, first_seconds)
        # It is begun by its first, empty batch: another generator around it would cost a microsecond a batch.
        try:
            await anext(events)
        except WindowExceeded as fault:
            self._heed(fault, request.model, msgspec.json.encode(body.fields))
            raise
        return cast(AsyncGenerator[Sequence[ModelEvent], None], events)  # it yields None once, and that is taken

    async def _events(
        self, response: Response, reading: Reading, done: Callable[[], None], first_seconds: float
    ) -> AsyncGenerator[Sequence[ModelEvent] | None, None]:
        """Yield None when the first batch is there, then all batches."""
        begun = False
        silence = Silence(response, first=first_seconds, idle=self._idle_seconds)
        read: Callable[[], Awaitable[bytes]] = response.read
        said_in: Callable[[bytes], Iterable[Sequence[ModelEvent]]] = reading.feed
        if response.content_type.endswith("json"):
            read, said_in = partial(body_of, response, LIMIT), reading.whole
        try:
            more = True
            while more and not reading.ended:
                taken = await read()
                more = bool(taken)
                for batch in said_in(taken):
                    if not begun:
                        begun = True
                        silence.begun()
                        yield None
                    yield batch
        except ModelFault as fault:
            fault.message = self._upstream.without_key(fault.message)
            raise
        except (*FAILURES, *UNREADABLE) as exc:
            if isinstance(exc, Silent | InvalidAnswer) and not begun:
                raise self._upstream.unreached(exc) from exc
            # Once the reply itself is whole, only its usage can be missing.
            if not reading.complete:
                raise broken_off(self.label, self._upstream.why(exc)) from exc
        finally:
            silence.end()
            response.finish(_END_SECONDS if reading.ended else 0)
            done()
        finished = reading.finished()
        if not begun:
            yield None
        yield (finished,)

    @asynccontextmanager
    async def relay(self, request: RelayRequest, *, first_byte_s: float | None = None) -> AsyncIterator[Relayed]:
        """Hand a request on; see `Model.relay`. `first_byte_s` bounds streams as in `stream`."""
        first_seconds = self._first_seconds(first_byte_s) if request.stream else self._answer_seconds
        response = await self._upstream.post(
            f"/{request.operation}",
            request.body(request.model),
            accept=EVENT_STREAM if request.stream else "application/json",
            seconds=first_seconds,
            model=request.model,
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
        sizes = await self._facts.of(name)
        images = self._speech.of(name).images if sizes.images is None else sizes.images
        return ModelFacts(
            model=name,
            provider=self.name,
            context_tokens=sizes.context_tokens,
            completion_tokens=sizes.completion_tokens,
            images=images,
        )

    async def cards(self) -> list[ModelCard]:
        """Return the provider's models; raises ModelFault if it can't tell."""
        if deployment := self._endpoint.deployment:
            return [ModelCard(id=deployment, owned_by=self.label)]
        return await self._facts.cards()

    async def close(self) -> None:
        """Let go of connections; a later call opens new ones."""
        await self._facts.close()
        await self._upstream.close()

    def _first_seconds(self, bound: float | None) -> float:
        return self._first_byte_seconds if bound is None else min(bound, self._first_byte_seconds)

    async def _post(self, request: ModelRequest, model: str, first_seconds: float) -> tuple[Response, Body]:
        """Send a request and return the answer to be read; raises ModelFault if there is none.

        One that is refused for its wording is worded anew and sent again at once.
        """
        for lessons in range(_LESSONS + 1):
            dialect = self._speech.of(model)
            body = body_in(dialect, request, model)
            sent = msgspec.json.encode(body.fields)
            response = await self._upstream.post(
                "/chat/completions",
                sent,
                accept=EVENT_STREAM,
                seconds=first_seconds,
                model=model,
            )
            try:
                if is_reply(response):
                    self._upstream.check_coding(response)
                    return response, body
                fault = await refusal(self._upstream, response, model=model)
            except BaseException:
                response.close()
                raise
            response.close()
            if isinstance(fault, WindowExceeded):
                self._heed(fault, model, sent)
            if lessons == _LESSONS or not self._speech.learn(model, dialect, body.fields, fault):
                raise fault
        raise AssertionError("the last refusal is raised")

    def _heed(self, refusal: WindowExceeded, model: str, sent: bytes) -> None:
        """Take note of how much the model reads at most, where the refusal of a longer prompt told it.

        It is noted for everybody, so it has to make sense: no token is shorter than a byte.
        """
        if refusal.limit and _LEAST_CONTEXT <= refusal.limit < len(sent):
            self._facts.limit(model, refusal.limit)
