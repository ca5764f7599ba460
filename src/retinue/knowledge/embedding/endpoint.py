"""Any embedding model of the configured providers as an embedder, with all the patience that those are asked with."""

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any, Literal

import msgspec
from msgspec import Raw, Struct

from retinue.core.errors import InvalidRequest, ModelFault
from retinue.knowledge.embedding.base import EmbeddingFault
from retinue.knowledge.embedding.batches import batches
from retinue.knowledge.embedding.vectors import Unfit, unit, written
from retinue.models import Model, Relayed, RelayRequest
from retinue.models.faults.faults import StatusFault

_BATCH, _BATCH_CHARACTERS = 32, 100_000  # what small servers take, too
_SIDE_BY_SIDE = 4
_MOST_BYTES = 16 << 20  # of an answer: 32 vectors of 16,384 numbers in decimals
_REFUSALS = (401, 403, 404)  # of a key or a model, not of texts
_SHOWN = 300  # characters of what a provider says


class _Embedding(Struct, frozen=True):
    index: int
    embedding: Raw
    """A list of numbers, or a string."""


class _Listing(Struct, frozen=True):
    data: list[_Embedding]


class _Error(Struct, frozen=True):
    message: str


class _Refusal(Struct, frozen=True):
    error: _Error


class EndpointEmbedder:
    """Asks `models` for embeddings: a few requests side by side, however many callers there are."""

    def __init__(self, models: Model, model: str, *, dimensions: int | None = None) -> None:
        """`model` is a name as a request has it; `dimensions` is asked for where it is given."""
        self.model = model
        self.dimensions = dimensions
        self._models = models
        self._asked = {"model": model} if dimensions is None else {"model": model, "dimensions": dimensions}
        self._places = asyncio.Semaphore(_SIDE_BY_SIDE)

    async def embed(self, texts: Sequence[str]) -> list[bytes]:
        """Return each passage's vector."""
        asked = [self._passages(batch) for batch in batches(texts, count=_BATCH, characters=_BATCH_CHARACTERS)]
        return [vector for answer in await _all(asked) for vector in answer]

    async def embed_queries(self, texts: Sequence[str], *, project: str) -> list[bytes]:
        """Return each query's vector; they wait for no place. The provider says what is too long."""
        asked = batches(texts, count=_BATCH, characters=_BATCH_CHARACTERS)
        return [vector for batch in asked for vector in await self._embedded(batch, "f")]

    async def close(self) -> None:
        """Do nothing: the models are another's."""

    async def _passages(self, texts: Sequence[str]) -> list[bytes]:
        async with self._places:
            return await self._embedded(texts, "e")

    async def _embedded(self, texts: Sequence[str], kind: Literal["e", "f"]) -> list[bytes]:
        try:
            async with self._models.relay(self._request(texts)) as answer:
                body = await _read(answer)
        except (ModelFault, InvalidRequest) as fault:
            raise _fault(fault, self.model) from fault
        if answer.status != 200:
            raise _refused(answer, body, self.model)
        try:
            return await self._vectors(msgspec.json.decode(body, type=_Listing).data, len(texts), kind)
        except (msgspec.MsgspecError, UnicodeError, Unfit) as fault:
            raise EmbeddingFault(
                f"What {self.model} answered is no list of embeddings: {fault}", passing=False
            ) from fault

    def _request(self, texts: Sequence[str]) -> RelayRequest:
        # providers refuse an empty text, and JSON has no half surrogate pairs
        readable = [text.encode(errors="replace").decode() or " " for text in texts]
        members = {name: Raw(msgspec.json.encode(value)) for name, value in {**self._asked, "input": readable}.items()}
        return RelayRequest(operation="embeddings", model=self.model, parameters=members)

    async def _vectors(self, data: Sequence[_Embedding], count: int, kind: Literal["e", "f"]) -> list[bytes]:
        """Return the vectors in their texts' order, of length 1; raises Unfit.

        Each is decoded by itself, and others have their turn in between: a batch of large ones takes 30 ms. A thread
        would hold the interpreter as long.
        """
        if sorted(entry.index for entry in data) != list(range(count)):
            raise Unfit(f"there are {len(data)} for {count} texts, or their numbers are not 0 to {count - 1}.")
        vectors: list[bytes] = []
        for entry in sorted(data, key=lambda entry: entry.index):
            vector = unit(msgspec.json.decode(entry.embedding, type=list[float] | str))
            if self.dimensions is None:
                self.dimensions = len(vector)
            if len(vector) != self.dimensions:
                raise Unfit(f"a vector has {len(vector)} numbers where {self.dimensions} were expected.")
            vectors.append(written(vector, kind))
            await asyncio.sleep(0)
        return vectors


async def _all(asked: Iterable[Coroutine[Any, Any, list[bytes]]]) -> list[list[bytes]]:
    """Return all answers in their order; the first fault ends what is asked beside it."""
    tasks = [asyncio.create_task(one) for one in asked]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


async def _read(answer: Relayed) -> bytes:
    body = bytearray()
    async for piece in answer.pieces:
        body += piece
        if len(body) > _MOST_BYTES:
            raise ModelFault(f"The answer has more than {_MOST_BYTES >> 20} MB.", blame="request")
    return bytes(body)


def _refused(answer: Relayed, body: bytes, model: str) -> EmbeddingFault:
    if answer.fault is not None:
        return _fault(answer.fault, model)
    try:
        said = msgspec.json.decode(body, type=_Refusal).error.message
    except msgspec.MsgspecError:
        said = body.decode(errors="replace")
    passing = answer.status in (408, 429) or answer.status >= 500
    return EmbeddingFault(_sentence(model, f"({answer.status}) {said}"), passing=passing)


def _fault(fault: ModelFault | InvalidRequest, model: str) -> EmbeddingFault:
    passing = isinstance(fault, ModelFault) and fault.blame != "request"
    refused = isinstance(fault, StatusFault) and fault.status in _REFUSALS
    return EmbeddingFault(_sentence(model, fault.message), passing=passing, refused=refused)


def _sentence(model: str, why: str) -> str:
    return f"{model} could not embed: {' '.join(why.split())[:_SHOWN]}"
