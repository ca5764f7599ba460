"""The contract of the seam `Model`: what every provider of models must do. A new back end is one more of BACK_ENDS."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from retinue.core.errors import ModelFault
from retinue.models import CallPiece, Finished, Model, ModelEvent, ModelRequest, TextPiece
from retinue.models.openai import OpenAICompatible
from retinue.models.rehearsal import Rehearsal, load_script
from retinue.testing import Answer, Call, Cut, Fails, FakeProvider, calls, chunk, says, sends

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
    fake.script.extend([lambda body: answers[body["messages"][-1]["content"]]] * 9)
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


async def heard(model: Model, text: str) -> list[ModelEvent]:
    return [event async for event in model.stream(asking(text))]


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
        async for event in model.stream(asking("break")):
            got.append(event)  # noqa: PERF401 - what came before the fault is what is tested

    with pytest.raises(ModelFault, match="broke the reply off"):
        await listen()
    assert len(got) == 2


async def test_usage_that_nobody_counted_is_none(model: Model) -> None:
    end = (await heard(model, "uncounted"))[-1]
    assert isinstance(end, Finished)
    assert end.usage is None


async def test_a_stream_can_be_closed_amid_the_reply(model: Model) -> None:
    stream = model.stream(asking("say"))
    await anext(stream)
    await stream.aclose()
    assert len(await heard(model, "say")) == 4


async def test_cards_name_what_can_be_asked_for(model: Model) -> None:
    cards = await model.cards()
    assert cards
    assert all(card.id and card.owned_by for card in cards)
