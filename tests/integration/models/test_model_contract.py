"""The contract of the seam `Model`: what every provider of models must do. A new back end is one more of BACK_ENDS."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from retinue.core.errors import ModelFault
from retinue.models import CallPiece, Finished, Model, ModelEvent, ModelRequest, Operation, RelayRequest, TextPiece
from retinue.models.openai import OpenAICompatible
from retinue.models.rehearsal import Rehearsal, load_script
from retinue.testing import Answer, Call, Cut, Fails, FakeProvider, Json, calls, chunk, says, sends

WEATHER = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}
PARIS, ROME = '{"city": "Paris"}', '{"city": "Rome"}'

SCRIPT = f"""
rules:
  - {{match: say, reply: "Hello, you.", pieces: 3, usage: {{prompt: 10, completion: 5}}}}
  - {{match: call, calls: [{{name: get_weather, arguments: '{PARIS}'}}, {{name: get_weather, arguments: '{ROME}'}}]}}
  - {{match: refuse, fault: {{status: 429, message: slow down}}}}
  - {{match: break, reply: "Hello, you.", pieces: 3, fault: {{cut_after: 2}}}}
  - {{match: uncounted, reply: "Hello.", usage: none}}
"""


def asked_of(body: Json) -> str:
    """What a chat, or a prompt, asks for."""
    asked: str = body["messages"][-1]["content"] if "messages" in body else body["prompt"]
    return asked


def provider() -> FakeProvider:
    """A provider that does what the script says."""
    answers: dict[str, Answer] = {
        "say": says("Hel", "lo, ", "you."),
        "call": calls(Call(name="get_weather", arguments=PARIS), Call(name="get_weather", arguments=ROME)),
        "refuse": Fails(429, "slow down"),
        "break": sends(chunk({"content": "Hel"}), chunk({"content": "lo"}), Cut()),
        "uncounted": says("Hello.", usage=None),
    }
    fake = FakeProvider()
    fake.script.extend([lambda body: answers[asked_of(body)]] * 9)
    return fake


@asynccontextmanager
async def openai_compatible(_: Path) -> AsyncIterator[Model]:
    async with provider() as fake:
        model = OpenAICompatible(fake.base_url, None)
        yield model
        await model.close()


@asynccontextmanager
async def rehearsal(folder: Path) -> AsyncIterator[Model]:
    (folder / "script.yaml").write_text(SCRIPT, "utf-8")
    model = Rehearsal(load_script(folder / "script.yaml"))
    yield model
    await model.close()


BackEnd = Callable[[Path], AbstractAsyncContextManager[Model]]
BACK_ENDS: list[BackEnd] = [openai_compatible, rehearsal]


@pytest.fixture(params=BACK_ENDS, ids=lambda back_end: back_end.__name__)
async def model(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Model]:
    back_end: BackEnd = request.param
    async with back_end(tmp_path) as opened:
        yield opened


def asking(text: str) -> ModelRequest:
    return ModelRequest(model="gpt-4o", messages=({"role": "user", "content": text},), tools=(WEATHER,))


def _is_end(event: ModelEvent) -> bool:
    return isinstance(event, Finished)


async def heard(model: Model, text: str) -> list[ModelEvent]:
    return [event async for batch in await model.stream(asking(text)) for event in batch]


async def test_text_comes_in_pieces_and_the_end_last(model: Model) -> None:
    *pieces, end = await heard(model, "say")
    texts = [piece.text for piece in pieces if isinstance(piece, TextPiece)]
    assert len(texts) == len(pieces) == 3
    assert all(texts)
    assert "".join(texts) == "Hello, you."
    assert isinstance(end, Finished)
    assert end.reason == "stop"
    assert end.usage is not None
    assert (end.usage.prompt, end.usage.completion) == (10, 5)
    assert end.model


@pytest.mark.parametrize("text", ["say", "call"])
async def test_no_batch_is_empty_and_the_end_closes_the_last(model: Model, text: str) -> None:
    batches = [batch async for batch in await model.stream(asking(text))]
    assert all(batches)
    ends = [(batch is batches[-1], event is batch[-1]) for batch in batches for event in batch if _is_end(event)]
    assert ends == [(True, True)]


async def test_calls_bear_their_name_and_id_in_their_first_piece(model: Model) -> None:
    *pieces, end = await heard(model, "call")
    by_index: dict[int, list[CallPiece]] = {}
    for piece in pieces:
        assert isinstance(piece, CallPiece)
        by_index.setdefault(piece.index, []).append(piece)
    firsts = [first for first, *_ in by_index.values()]
    assert [first.name for first in firsts] == ["get_weather", "get_weather"]
    assert len({first.id for first in firsts}) == 2
    assert ["".join(piece.arguments for piece in whole) for whole in by_index.values()] == [PARIS, ROME]
    assert isinstance(end, Finished)
    assert end.reason == "tool_calls"


async def test_a_refusal_is_a_fault_before_the_first_piece(model: Model) -> None:
    with pytest.raises(ModelFault, match="slow down") as caught:
        await heard(model, "refuse")
    assert caught.value.run_code == "rate_limit_exceeded"


async def test_a_reply_that_breaks_off_is_a_fault_after_its_pieces(model: Model) -> None:
    got: list[ModelEvent] = []

    async def listen() -> None:
        async for batch in await model.stream(asking("break")):
            got.extend(batch)

    with pytest.raises(ModelFault, match="broke the reply off"):
        await listen()
    assert len(got) == 2


async def test_usage_that_nobody_counted_is_none(model: Model) -> None:
    end = (await heard(model, "uncounted"))[-1]
    assert isinstance(end, Finished)
    assert end.usage is None


async def test_a_stream_can_be_closed_amid_the_reply(model: Model) -> None:
    stream = await model.stream(asking("say"))
    await anext(stream)
    await stream.aclose()
    assert len(await heard(model, "say")) == 4


async def test_cards_name_what_can_be_asked_for(model: Model) -> None:
    cards = await model.cards()
    assert cards
    assert all(card.id and card.owned_by for card in cards)


# Relayed: requests in the caller's bytes, answers as a provider gives them


def relaying(text: str, *, stream: bool = False, operation: Operation = "chat/completions") -> RelayRequest:
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": text}], "prompt": text, "input": text}
    parameters = {name: msgspec.Raw(msgspec.json.encode(value)) for name, value in (body | {"stream": stream}).items()}
    return RelayRequest(operation=operation, model="gpt-4o", parameters=parameters, stream=stream)


async def handed_back(model: Model, request: RelayRequest) -> tuple[int, Any]:
    async with model.relay(request) as answer:
        return answer.status, msgspec.json.decode(b"".join([piece async for piece in answer.pieces]))


async def test_a_completion_is_handed_back_whole(model: Model) -> None:
    status, completion = await handed_back(model, relaying("say"))
    assert status == 200
    assert completion["object"] == "chat.completion"
    assert completion["choices"][0]["message"]["content"] == "Hello, you."
    assert completion["usage"]["total_tokens"] == 15


async def test_a_completion_of_a_prompt_is_handed_back_whole(model: Model) -> None:
    status, completion = await handed_back(model, relaying("say", operation="completions"))
    assert (status, completion["object"]) == (200, "text_completion")
    assert completion["choices"][0]["text"] == "Hello, you."


async def test_embeddings_are_handed_back(model: Model) -> None:
    status, embeddings = await handed_back(model, relaying("say", operation="embeddings"))
    assert (status, embeddings["object"]) == (200, "list")
    assert len(embeddings["data"][0]["embedding"]) == 256


async def test_a_stream_is_handed_back_in_whole_events(model: Model) -> None:
    async with model.relay(relaying("say", stream=True)) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        pieces = [piece async for piece in answer.pieces]
    assert all(piece.startswith(b"data: ") and piece.endswith(b"\n\n") for piece in pieces)
    *events, done = b"".join(pieces).removesuffix(b"\n\n").split(b"\n\n")
    assert done == b"data: [DONE]"
    chunks = [msgspec.json.decode(event.removeprefix(b"data: ")) for event in events]
    assert "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks) == "Hello, you."


@pytest.mark.parametrize("stream", [False, True])
async def test_a_refusal_is_an_answer_in_the_apis_form(model: Model, stream: bool) -> None:
    status, refusal = await handed_back(model, relaying("refuse", stream=stream))
    assert status == 429
    assert "slow down" in refusal["error"]["message"]


async def test_a_stream_that_breaks_off_is_a_fault_after_its_pieces(model: Model) -> None:
    got: list[bytes] = []

    async def listen() -> None:
        async with model.relay(relaying("break", stream=True)) as answer:
            async for piece in answer.pieces:
                got.append(piece)  # noqa: PERF401 - what came before the fault is what is tested

    with pytest.raises(ModelFault, match="broke the reply off"):
        await listen()
    assert b"".join(got).endswith(b"\n\n")
    assert b"content" in b"".join(got)


async def test_an_answer_can_be_left_before_its_end(model: Model) -> None:
    async with model.relay(relaying("say", stream=True)) as answer:
        await anext(aiter(answer.pieces))
    async with model.relay(relaying("say", stream=True)):
        pass
    assert (await handed_back(model, relaying("say")))[0] == 200
