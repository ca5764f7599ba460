"""Streaming: pieces, lengths, tokens and the model's card."""

import asyncio
import time

from hypothesis import given
from hypothesis import strategies as st
from rehearsal_driver import ask, function, heard, request, scripted

from retinue.models import Model
from retinue.models.rehearsal import Rehearsal, tokens
from retinue.models.rehearsal.reply import Call, Reply
from retinue.models.rehearsal.script import Rule

TEXTS = st.text(alphabet=st.sampled_from("ab é\n.漢"), max_size=200)
CALLS = st.builds(Call, name=st.sampled_from(["act", "get_weather"]), arguments=TEXTS)
REPLIES = st.builds(Reply, text=TEXTS, calls=st.lists(CALLS, max_size=3).map(tuple))


@given(TEXTS)
def test_pieces_joined_are_the_text(text: str) -> None:
    assert "".join(tokens.split(text)) == text


@given(TEXTS)
def test_pieces_are_never_empty(text: str) -> None:
    assert all(tokens.split(text))


@given(TEXTS, st.integers(0, 50))
def test_cut_text_is_a_beginning_within_the_limit(text: str, limit: int) -> None:
    cut = tokens.cut(text, limit)
    assert text.startswith(cut)
    assert tokens.count(cut) <= limit


@given(TEXTS, st.integers(1, 50))
def test_cut_text_leaves_no_room_for_another_token(text: str, limit: int) -> None:
    cut = tokens.cut(text, limit)
    assert cut == text or tokens.count(text[: len(cut) + 1]) > limit


@given(REPLIES, st.integers(0, 60))
def test_cut_reply_keeps_to_the_limit(reply: Reply, limit: int) -> None:
    assert reply.cut(limit).tokens <= max(limit, 0)


@given(REPLIES)
def test_reply_that_fits_is_not_cut(reply: Reply) -> None:
    assert reply.cut(reply.tokens) is reply
    assert reply.cut(None) is reply


@given(TEXTS, st.integers(1, 30))
def test_a_number_of_pieces_is_kept_to(text: str, count: int) -> None:
    pieces = [piece.text for piece in Reply(text=text).pieces(count) if hasattr(piece, "text")]
    assert "".join(pieces) == text
    assert len(pieces) == min(count, len(text))
    assert all(pieces)


async def test_max_tokens_cuts_the_reply() -> None:
    whole = await ask("Explain quantum foam")
    cut = await ask("Explain quantum foam", max_tokens=5)
    assert whole.text.startswith(cut.text)
    assert cut.finished.reason == "length"
    assert cut.finished.usage is not None
    assert cut.finished.usage.completion == 5


async def test_max_tokens_cuts_the_arguments_of_a_call() -> None:
    weather = function("get_weather", city={"type": "string"})
    cut = await ask("Weather in Paris?", tools=(weather,), max_tokens=5)
    assert cut.calls == [("get_weather", '{"city":')]
    assert cut.finished.reason == "length"


async def test_reply_within_max_tokens_ends_by_itself() -> None:
    assert (await ask("Hello", max_tokens=500)).finished.reason == "stop"


async def test_usage_counts_prompt_and_reply() -> None:
    usage = (await ask("Hello, who are you?")).finished.usage
    assert usage is not None
    assert usage.prompt == 5 + 4
    assert usage.completion > 20


async def test_longer_prompts_count_for_more() -> None:
    short, long = await ask("Hello"), await ask("one two three four five six seven", "Hello")
    assert short.finished.usage is not None
    assert long.finished.usage is not None
    assert long.finished.usage.prompt > short.finished.usage.prompt


async def test_any_model_name_is_served_by_rehearsal() -> None:
    events = [
        event async for batch in await Rehearsal().stream(request("Hello", model="no-such-model")) for event in batch
    ]
    assert heard(events).finished.model == "rehearsal"


async def test_the_same_request_gets_the_same_reply() -> None:
    assert (await ask("Explain quantum foam")).events == (await ask("Explain quantum foam")).events


async def test_other_tasks_run_while_it_speaks() -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(count())
    await ask("Hello", model=scripted(Rule(reply="word ", repeat=64)))
    other.cancel()
    assert turns >= 8


async def test_streams_side_by_side_do_not_mix() -> None:
    model = Rehearsal()
    first, second = await asyncio.gather(ask("what is 2+3?", model=model), ask("what is 4+5?", model=model))
    assert (first.text, second.text) == ("2+3 = 5", "4+5 = 9")


async def test_plain_reply_costs_little() -> None:
    model, asked = scripted(Rule(reply="word ", repeat=64)), request("Hello")
    started = time.process_time()
    for _ in range(50):
        async for _batch in await model.stream(asked):
            pass
    # Measured at 0.1 ms a reply; the bound leaves room for slow machines.
    assert (time.process_time() - started) / 50 < 0.005


async def test_card_says_that_it_is_no_language_model() -> None:
    model: Model = Rehearsal()
    [card] = await model.cards()
    assert (card.id, card.owned_by) == ("rehearsal", "retinue")
    assert card.description is not None
    assert "No language model" in card.description
    await model.close()
