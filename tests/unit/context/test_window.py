import asyncio
from typing import Any

import pytest
from context_world import RUN, World, calls, exchanges, firsts, said, texts, user

from retinue.context import PromptTooLong
from retinue.core.errors import ModelFault
from retinue.core.item import ToolCall
from retinue.models.tokens import counter_for

COUNTER = counter_for("gpt-4o")


async def test_all_of_a_short_thread_is_sent() -> None:
    request, manifest = await World(exchanges(3)).build()
    assert firsts(request) == ["q000", "a000", "q001", "a001", "q002", "a002"]
    assert (manifest.dropped, manifest.items, manifest.notes) == (0, ((0, 5),), ())


@pytest.mark.parametrize("count", [1, 7, 8, 9, 100, 600])
async def test_a_thread_of_any_length_is_read_whole_where_it_has_room(count: int) -> None:
    request, _ = await World(exchanges(count)).build()
    assert len(request.messages) == 2 * count


async def test_an_empty_thread_is_an_empty_request() -> None:
    request, manifest = await World([]).build()
    assert (request.messages, manifest.items) == ((), ())


async def test_instructions_stand_first_as_the_system() -> None:
    request, _ = await World(exchanges(1)).build(instructions="Be kind.")
    assert request.messages[0] == {"role": "system", "content": "Be kind."}


async def test_the_oldest_exchanges_are_dropped_where_there_is_no_room() -> None:
    request, manifest = await World(exchanges(50, size=20)).build(prompt=400)
    assert firsts(request)[-1] == "a049"
    assert firsts(request)[0].startswith("q")
    assert manifest.dropped == 100 - len(request.messages)
    assert manifest.items == ((manifest.dropped, 99),)
    assert manifest.notes == (
        f"{manifest.dropped} older items of the thread were left out: there is room for 400 tokens.",
    )


async def test_no_more_of_a_long_thread_is_read_than_there_may_be_room_for() -> None:
    world = World(exchanges(5_000, size=5))
    await world.build(prompt=100)
    assert world.scope.messages.read == [16]


async def test_no_more_of_a_thread_of_replies_alone_is_read_than_there_may_be_room_for() -> None:
    world = World([user("q"), *(said(f"{n}") for n in range(20_000))])
    request, manifest = await world.build(prompt=4_000)
    assert sum(world.scope.messages.read) < 2_000
    assert texts(request)[-1] == "19999"
    assert len(request.messages) + manifest.dropped == 20_001
    again, _ = await world.build(prompt=4_000)
    assert again.messages == request.messages


async def test_a_long_turn_of_calls_is_read_whole_and_keeps_its_question() -> None:
    rounds = [item for n in range(1_000) for item in (said("Once more."), *calls(f"s{n}", "a"))]
    request, manifest = await World([user("q"), *rounds]).build(prompt=1_000)
    assert texts(request)[0] == "q"
    assert request.messages[-1]["role"] == "tool"
    assert manifest.dropped > 0


async def test_pages_grow_while_there_is_room() -> None:
    world = World(exchanges(100))
    await world.build()
    assert world.scope.messages.read == [16, 32, 64, 128]


async def test_others_get_their_turn_between_the_pages_of_a_long_thread() -> None:
    world, turns = World(exchanges(1_000)), 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    await world.build()
    task.cancel()
    assert max(world.scope.messages.read) <= 256
    assert turns >= len(world.scope.messages.read) - 1


async def test_the_request_is_never_over_its_room() -> None:
    for prompt in range(60, 900, 35):
        request, manifest = await World(exchanges(40, size=12)).build(prompt=prompt, instructions="Be kind.")
        assert await COUNTER.count_prompt(request.messages) <= prompt
        assert manifest.room == prompt


async def test_an_exchange_is_sent_with_all_its_calls_or_not_at_all() -> None:
    old = [user("old" + " word" * 30), *calls("s1", "a", "b"), said("done")]
    request, manifest = await World([*old, user("new")]).build(prompt=45)
    assert texts(request) == ["new"]
    assert manifest.dropped == len(old)


async def test_greetings_before_the_first_question_are_dropped_where_there_is_no_room() -> None:
    request, manifest = await World([said("word " * 400), *exchanges(1)]).build(prompt=50)
    assert firsts(request) == ["q000", "a000"]
    assert manifest.dropped == 1


async def test_greetings_before_the_first_question_are_sent_where_there_is_room() -> None:
    request, _ = await World([said("Welcome!"), *exchanges(1)]).build()
    assert firsts(request) == ["Welc", "q000", "a000"]


async def test_a_thread_of_replies_alone_is_sent() -> None:
    request, _ = await World([said("one"), said("two")]).build()
    assert texts(request) == ["one", "two"]


@pytest.mark.parametrize(
    ("last", "sent"),
    [
        (1, ["a002"]),
        (2, ["q002", "a002"]),
        (3, ["a001", "q002", "a002"]),
        (6, ["q000", "a000", "q001", "a001", "q002", "a002"]),
        (99, ["q000", "a000", "q001", "a001", "q002", "a002"]),
    ],
)
async def test_the_last_messages_are_sent_as_many_as_were_asked_for(last: int, sent: list[str]) -> None:
    request, manifest = await World(exchanges(3)).build(last_messages=last)
    assert firsts(request) == sent
    assert manifest.dropped == 6 - len(sent)


async def test_calls_do_not_count_as_messages() -> None:
    request, _ = await World([user("q"), *calls("s1", "a"), said("a")]).build(last_messages=2)
    assert [message["role"] for message in request.messages] == ["user", "assistant", "tool", "assistant"]


async def test_settings_bound_the_window_to_so_many_questions_with_what_followed_them() -> None:
    world = World([*exchanges(5), user("q"), *calls("s1", "a")], turns=2)
    request, manifest = await world.build()
    assert firsts(request) == ["q004", "a004", "q", "None", "42"]
    assert manifest.dropped == 8


# The prefix that providers' caches hold


async def test_the_next_request_begins_with_the_last_one_while_nothing_had_to_be_dropped() -> None:
    world = World(exchanges(3))
    before, _ = await world.build(instructions="Be kind.")
    for n in range(3, 30):
        world.add(*exchanges(1, first=n))
        request, _ = await world.build(instructions="Be kind.")
        assert request.messages[: len(before.messages)] == before.messages
        before = request


async def test_a_full_window_moves_in_steps() -> None:
    world = World(exchanges(10, size=20))
    before, _ = await world.build(prompt=1_000)
    moved = 0
    for n in range(10, 200):
        world.add(*exchanges(1, size=20, first=n))
        request, manifest = await world.build(prompt=1_000)
        moved += request.messages[: len(before.messages)] != before.messages
        assert manifest.tokens <= 1_000
        before = request
    assert 15 <= moved <= 30  # an exchange of 33 tokens fills the quarter that is left free some 7.5 times


async def test_the_same_thread_gives_the_same_request_again() -> None:
    items = exchanges(60, size=20)
    first = await World(items).build(prompt=1_000)
    assert first == await World(items).build(prompt=1_000)


async def test_a_model_with_more_room_gets_more_at_once() -> None:
    world = World(exchanges(100, size=20))
    await world.build(prompt=400)
    request, manifest = await world.build()
    assert (len(request.messages), manifest.dropped) == (200, 0)


async def test_a_start_that_the_truncation_strategy_set_binds_no_later_run() -> None:
    world = World(exchanges(100))
    await world.build()
    await world.build(last_messages=20)
    _, wider = await world.build(last_messages=50)
    request, manifest = await world.build()
    assert wider.dropped == 150
    assert (len(request.messages), manifest.dropped) == (200, 0)


async def test_a_start_that_the_settings_bound_of_turns_set_binds_no_later_run() -> None:
    before = World(exchanges(100), turns=5)
    _, bounded = await before.build()
    world = World(exchanges(100))
    world.scope.turns.last = bounded
    _, manifest = await world.build()
    assert (bounded.dropped, manifest.dropped) == (190, 0)


async def test_a_start_that_was_set_for_want_of_room_binds_bounded_runs_too() -> None:
    world = World(exchanges(40, size=20))
    _, full = await world.build(prompt=1_000)
    world.add(*exchanges(1, size=20, first=40))
    _, bounded = await world.build(prompt=1_000, last_messages=80)
    world.add(*exchanges(1, size=20, first=41))
    _, again = await world.build(prompt=1_000)
    assert full.dropped == bounded.dropped == again.dropped > 0


async def test_an_agents_window_moves_in_steps_where_its_messages_are_bounded_too() -> None:
    world = World([*exchanges(5), user("question")], context_tokens=4_000)
    before, moved = (await world.build(last_messages=3))[0], 0
    for n in range(200):
        world.add(*calls(f"s{n}", f"c{n}", output="word " * (n % 40), run=RUN.id))
        request, _ = await world.build(last_messages=3)
        moved += request.messages[: len(before.messages)] != before.messages
        before = request
    assert moved <= 12


@pytest.mark.parametrize(
    ("world", "asked", "why"),
    [
        (World(exchanges(3)), {"last_messages": 2}, "as the run's truncation strategy asks"),
        (World(exchanges(3), turns=1), {}, "as the server's settings bound the turns"),
        (World(exchanges(9, size=90)), {"prompt": 300}, "there is room for 300 tokens"),
    ],
)
async def test_the_manifest_says_why_items_were_left_out(world: World, asked: dict[str, Any], why: str) -> None:
    for _ in range(2):
        _, manifest = await world.build(**asked)
        assert manifest.notes == (f"{manifest.dropped} older items of the thread were left out: {why}.",)


# The newest exchange alone has no room


async def test_a_question_larger_than_what_is_left_of_the_runs_prompt_tokens_is_refused() -> None:
    with pytest.raises(PromptTooLong):
        await World([user("word " * 400)]).build(prompt=50)


async def test_a_question_larger_than_the_models_context_is_refused_with_both_numbers() -> None:
    world = World([*exchanges(2), user("word " * 3_000)], context_tokens=2_000)
    with pytest.raises(ModelFault) as refused:
        await world.build()
    assert refused.value.run_code == "invalid_prompt"
    assert "The newest message alone would take at least 3,005 tokens" in refused.value.message
    assert "room for 1,500 in the context of gpt-4o" in refused.value.message


async def test_instructions_larger_than_the_models_context_are_refused() -> None:
    with pytest.raises(ModelFault, match="The instructions and functions alone would take"):
        await World(exchanges(1), context_tokens=2_000).build(instructions="word " * 3_000)


async def test_a_large_output_of_the_newest_exchange_is_cut_in_the_middle() -> None:
    output = "begin " + "word " * 5_000 + "end"
    world = World([*exchanges(2), user("q"), *calls("s1", "a", output=output, run=RUN.id)], context_tokens=4_000)
    request, manifest = await world.build()
    [told] = [message["content"] for message in request.messages if message["role"] == "tool"]
    assert told.startswith("begin word")
    assert told.endswith("word end")
    assert "characters are left out here; the output is kept whole" in told
    assert await COUNTER.count_prompt(request.messages) <= manifest.room
    assert manifest.cut == 1
    assert "1 tool outputs were cut in the middle" in manifest.notes[-1]


async def test_small_outputs_stay_whole_beside_a_large_one() -> None:
    items = [user("q"), *calls("s1", "a", output="word " * 5_000), *calls("s2", "b", output="whole " * 50)]
    request, _ = await World(items, context_tokens=4_000).build()
    told = [message["content"] for message in request.messages if message["role"] == "tool"]
    assert "left out" in told[0]
    assert told[1] == "whole " * 50


async def test_the_oldest_rounds_are_dropped_where_outputs_are_as_short_as_can_be() -> None:
    items = [user("question"), *(item for n in range(300) for item in calls(f"s{n}", f"c{n}", output="word " * 20))]
    request, manifest = await World(items, context_tokens=4_000).build()
    assert request.messages[0]["content"] == "question"
    assert request.messages[-1]["tool_call_id"] == "c299"
    assert len(manifest.items) == 2
    assert manifest.items[0] == (0, 0)
    assert manifest.dropped + sum(last - first + 1 for first, last in manifest.items) == len(items)
    assert await COUNTER.count_prompt(request.messages) <= manifest.room


async def test_an_agents_window_moves_in_steps_too() -> None:
    world = World([user("question")], context_tokens=4_000)
    before, moved = (await world.build())[0], 0
    for n in range(200):
        world.add(*calls(f"s{n}", f"c{n}", output="word " * (n % 40), run=RUN.id))
        request, _ = await world.build()
        moved += request.messages[: len(before.messages)] != before.messages
        before = request
    assert moved <= 12


async def test_a_giant_output_leaves_room_for_what_was_said_once_it_is_not_the_newest() -> None:
    items = [user("old"), *calls("s1", "a", output="word " * 50_000), said("answer"), user("new")]
    request, _ = await World(items, context_tokens=4_000).build()
    assert [message["role"] for message in request.messages] == ["user", "assistant", "tool", "assistant", "user"]


async def test_an_output_without_its_call_is_never_sent() -> None:
    unanswered = ToolCall(id="i", run_id="run_0", step_id="s", created_at=0, call_id="c", name="f", arguments="{}")
    request, manifest = await World([user("q"), unanswered, user("again")]).build()
    assert texts(request) == ["q", "again"]
    assert manifest.items == ((0, 2),)
