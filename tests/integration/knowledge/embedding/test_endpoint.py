import asyncio
import json
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from models.ticking import Ticking

from knowledge.embedding.nearness import nearness
from retinue.knowledge.embedding import EmbeddingFault
from retinue.knowledge.embedding.endpoint import EndpointEmbedder, _Embedding
from retinue.models.openai import OpenAICompatible
from retinue.models.provider.provider import Provider
from retinue.models.rehearsal import Rehearsal
from retinue.models.routing.router import Router
from retinue.testing import Embeds, Fails, FakeProvider, Json, Sends, raw
from retinue.testing.embeddings import embeds
from retinue.testing.provider import Entry


@asynccontextmanager
async def embedding(
    answer: Entry = embeds, *, ticking: Ticking | None = None, patience_s: float = 60.0, **options: Any
) -> AsyncIterator[tuple[EndpointEmbedder, FakeProvider]]:
    """An embedder over a router over a provider that embeds so."""
    timer = (ticking or Ticking()).timer
    async with FakeProvider(embeddings=answer) as fake:
        provider = Provider(OpenAICompatible(fake.base_url, "key", name="acme", label="Acme"), timer=timer)
        router = Router([provider], Rehearsal(), timer=timer, patience_s=patience_s)
        embedder = EndpointEmbedder(router, "text-embedding-3-small", **options)
        yield embedder, fake
        await embedder.close()
        await router.close()


def sending(body: Any, *, status: int = 200) -> Sends:
    return Sends((json.dumps(body),), status=status, content_type="application/json")


def listing(*vectors: Any) -> Sends:
    return sending({"data": [{"index": index, "embedding": vector} for index, vector in enumerate(vectors)]})


def backwards(body: Json) -> Sends:
    answer = embeds(body)
    data = [{"index": index, "embedding": list(vector)} for index, vector in enumerate(answer.vectors)]
    return sending({"data": data[::-1]})


class Flaky:
    """Refuses each request once."""

    def __init__(self, *refusals: Fails) -> None:
        self._refusals = list(refusals)

    def __call__(self, body: Json) -> Fails | Embeds:
        return self._refusals.pop() if self._refusals else embeds(body)


async def fault_of(answer: Entry, *texts: str, **options: Any) -> EmbeddingFault:
    async with embedding(answer, **options) as (embedder, _):
        with pytest.raises(EmbeddingFault) as caught:
            await embedder.embed(texts or ["one", "two"])
    return caught.value


async def test_texts_and_queries_have_vectors_of_length_one() -> None:
    async with embedding(lambda _: Embeds([[3.0, 4.0]])) as (embedder, fake):
        assert embedder.dimensions is None
        assert await embedder.embed(["a text"]) == [struct.pack("<2e", 0.6, 0.8)]
        assert await embedder.embed_queries(["a query"], project="p") == [struct.pack("<2f", 0.6, 0.8)]
        assert embedder.dimensions == 2
    assert fake.requests[0].body == {"model": "text-embedding-3-small", "input": ["a text"]}
    assert fake.requests[0].headers["Authorization"] == "Bearer key"


async def test_the_dimensions_that_are_set_are_asked_for() -> None:
    async with embedding(dimensions=384) as (embedder, fake):
        passage, query = *(await embedder.embed(["cats"])), *(await embedder.embed_queries(["cats"], project="p"))
    assert nearness(passage, query) == pytest.approx(1, abs=1e-2)
    assert fake.requests[0].body["dimensions"] == 384


async def test_many_texts_go_in_batches_and_come_back_in_order() -> None:
    texts = [f"text number {number}" for number in range(150)] + ["long " * 30_000, "last"]
    async with embedding(dimensions=384) as (embedder, fake):
        vectors = await embedder.embed(texts)
        alone = [await embedder.embed([texts[place]]) for place in (0, 77, 151)]
        assert await embedder.embed([]) == []
    assert alone == [[vectors[0]], [vectors[77]], [vectors[151]]]
    sizes = [len(request.body["input"]) for request in fake.requests]
    assert sorted(sizes) == [1, 1, 1, 1, 1, 22, 32, 32, 32, 32]


async def test_a_few_requests_go_side_by_side_and_a_query_beside_them() -> None:
    release, asked = asyncio.Event(), asyncio.Semaphore(0)

    class Held(Rehearsal):
        @asynccontextmanager
        async def relay(self, request: Any) -> AsyncIterator[Any]:
            asked.release()
            if len(json.loads(bytes(request.parameters["input"]))) > 1:
                await release.wait()
            async with super().relay(request) as answer:
                yield answer

    embedder = EndpointEmbedder(Held(), "rehearsal")
    passages = asyncio.create_task(embedder.embed([f"text {number}" for number in range(32 * 6)]))
    for _ in range(4):
        await asked.acquire()
    assert [len(it) for it in await embedder.embed_queries(["at once"], project="p")] == [4 * 256]
    await asked.acquire()
    assert asked.locked()
    release.set()
    assert len(await passages) == 32 * 6


async def test_others_have_their_turn_while_an_answer_is_decoded() -> None:
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    numbers = b",".join([b'{"index":%d,"embedding":[3.0,4.0]}' % place for place in range(32)])
    data = msgspec.json.decode(b"[" + numbers + b"]", type=list[_Embedding])
    beside = asyncio.create_task(others())
    assert len(await EndpointEmbedder(Rehearsal(), "rehearsal")._vectors(data, 32, "e")) == 32
    beside.cancel()
    assert turns >= 32


async def test_answers_are_taken_by_their_index() -> None:
    async with embedding(backwards) as (embedder, _), embedding() as (other, _):
        assert await embedder.embed(["one", "two", "three"]) == await other.embed(["one", "two", "three"])


async def test_base64_is_read_too() -> None:
    async with embedding(listing("AABAQAAAgEA=")) as (embedder, _):
        assert await embedder.embed_queries(["x"], project="p") == [struct.pack("<2f", 0.6, 0.8)]


async def test_texts_that_providers_would_refuse_are_sent_otherwise() -> None:
    async with embedding() as (embedder, fake):
        assert len(await embedder.embed(["", "\ud800", "a\0b"])) == 3
    assert fake.requests[0].body["input"] == [" ", "?", "a\0b"]


async def test_the_rehearsal_model_embeds() -> None:
    embedder = EndpointEmbedder(Rehearsal(), "rehearsal", dimensions=384)
    near, far = await embedder.embed(["A cat is sitting on a mat", ""])
    asked = (await embedder.embed(["The cat sat on the mat"]))[0]
    assert nearness(asked, near) > nearness(asked, far) + 0.3


async def test_a_provider_that_is_busy_is_asked_again_when_it_says() -> None:
    ticking = Ticking()
    busy = Flaky(Fails(503), Fails(429, headers={"retry-after": "7"}))
    async with embedding(busy, ticking=ticking) as (embedder, fake):
        assert len(await embedder.embed(["one"])) == 1
    assert len(fake.requests) == 3
    assert ticking.slept[0] >= 7


@pytest.mark.parametrize(
    ("answer", "passing", "words"),
    [
        (Fails(429, "Slow down.", {"retry-after": "3600"}), True, "Slow down."),
        (Fails(500, "Out of order."), True, "Out of order."),
        (Fails(400, "This model's maximum context length is 8192 tokens."), False, "maximum context length"),
        (Fails(404, "No model of that name."), True, "No model of that name."),
        (raw(), True, "text-embedding-3-small could not embed: Acme"),
        (listing([1.0, 0.0]), False, "there are 1 for 2 texts"),
        (sending({"data": [{"index": 0, "embedding": [1.0]}] * 2}), False, "numbers are not 0 to 1"),
        (listing([1.0, 0.0], [1.0]), False, "a vector has 1 numbers where 2 were expected"),
        (listing([0.0, 0.0], [1.0, 0.0]), False, "is zero"),
        (listing([1e999, 0.0], [1.0, 0.0]), False, "no list of embeddings"),
        (listing("%%%", "%%%"), False, "neither a list of numbers nor the base64"),
        (sending({"object": "list"}), False, "missing required field `data`"),
        (sending([1]), False, "no list of embeddings"),
        (Sends(("<html>",), content_type="text/html"), True, "answered as no model provider does"),
    ],
)
async def test_what_goes_wrong_is_a_sentence_that_says_whether_it_may_pass(
    answer: Entry, passing: bool, words: str
) -> None:
    fault = await fault_of(answer)
    assert words in fault.message
    assert fault.passing is passing
    assert "\n" not in fault.message


async def test_a_key_that_is_refused_is_told() -> None:
    fault = await fault_of(Fails(401, "Incorrect API key provided."))
    assert "Incorrect API key" in fault.message


@pytest.mark.parametrize(("status", "refused"), [(401, True), (403, True), (404, True), (429, False), (500, False)])
async def test_a_provider_that_does_not_want_to_is_no_provider_that_is_away(status: int, refused: bool) -> None:
    fault = await fault_of(Fails(status, "No."))
    assert (fault.passing, fault.refused) == (True, refused)


async def test_vectors_of_other_dimensions_than_before_are_no_answer() -> None:
    fault = await fault_of(listing([1.0, 0.0]), "one", dimensions=3)
    assert "a vector has 2 numbers where 3 were expected" in fault.message


async def test_an_answer_without_end_is_cut_off() -> None:
    fault = await fault_of(Sends(("x" * (1 << 20),) * 17, content_type="application/json"))
    assert "more than 16 MB" in fault.message
