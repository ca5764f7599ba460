from collections.abc import Sequence
from typing import Any, cast

import pytest
from msgspec import structs

from retinue.context import PromptTooLong, build_request
from retinue.context.window import Window, read_window
from retinue.core.history import History
from retinue.core.item import ImageFile, Item, Message, Placed, Text, ToolCall, ToolOutput
from retinue.core.next_action import CallModel
from retinue.core.run import Run, RunSpec
from retinue.core.tools import CodeInterpreterTool, FileSearchTool, FunctionTool, NamedTool
from retinue.core.turn import Manifest, Turn
from retinue.core.usage import Usage
from retinue.models import ModelRequest
from retinue.store import Scope

PLENTY = 1_000_000


class FakeMessages:
    """The items of one branch, read as the store's are."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._placed = [Placed(position, item) for position, item in enumerate(items)]
        self.reads = 0

    async def window(self, branch: str, *, before: int | None, limit: int) -> Sequence[Placed]:
        self.reads += 1
        newest = [placed for placed in self._placed if before is None or placed.position < before]
        return newest[::-1][:limit]


class FakeScope:
    """As much of a scope as the window reads."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.messages = FakeMessages(items)


def scope(*items: Item) -> Scope:
    return cast(Scope, FakeScope(items))  # read_window asks for its messages and nothing else


def user(text: str) -> Message:
    return Message(id="msg", thread_id="t", role="user", created_at=0, content=(Text(text),))


def said(text: str) -> Message:
    return Message(id="msg", thread_id="t", role="assistant", created_at=0, content=(Text(text),), run_id="run_0")


def calls(step: str, *ids: str) -> list[Item]:
    made: list[Item] = [
        ToolCall(id="i", run_id="run_0", step_id=step, created_at=0, call_id=id_, name="f", arguments="{}")
        for id_ in ids
    ]
    made += [ToolOutput(id="i", run_id="run_0", step_id=step, created_at=0, call_id=id_, output="42") for id_ in ids]
    return made


async def read(items: Sequence[Item], *, tokens: int = PLENTY, last: int | None = None) -> Window:
    return await read_window(scope(*items), "b", run="run_1", tokens=tokens, last_messages=last)


def texts(window: Window) -> list[str | None]:
    return [message["content"] for message in window.chat]


def exchanges(count: int, size: int = 1) -> list[Item]:
    """Questions and answers of so many tokens each, the marks around them not counted."""
    return [item for n in range(count) for item in (user(f"q{n:03}".ljust(size * 4, ".")), said(f"a{n:03}"))]


async def test_all_of_a_short_thread_is_sent() -> None:
    window = await read(exchanges(3))
    assert texts(window) == ["q000", "a000", "q001", "a001", "q002", "a002"]
    assert (window.dropped, window.ranges) == (0, ((0, 5),))


@pytest.mark.parametrize("count", [99, 100, 101, 250])
async def test_a_thread_of_any_length_is_read_whole(count: int) -> None:
    assert len(texts(await read(exchanges(count)))) == 2 * count


async def test_an_empty_thread_is_an_empty_window() -> None:
    window = await read([])
    assert (texts(window), window.ranges, window.tokens) == ([], (), 0)


async def test_the_oldest_exchanges_are_dropped_where_there_is_no_room() -> None:
    window = await read(exchanges(5, size=6), tokens=40)  # 6 + 4 and 1 + 4 tokens an exchange
    assert [text and text[:4] for text in texts(window)] == ["q003", "a003", "q004", "a004"]
    assert (window.dropped, window.ranges) == (6, ((6, 9),))


async def test_no_more_of_a_long_thread_is_read_than_there_is_room_for() -> None:
    thread = scope(*exchanges(2_000))
    await read_window(thread, "b", run="run_1", tokens=100, last_messages=None)
    assert cast(Any, thread).messages.reads == 1


async def test_the_newest_exchange_is_sent_even_if_there_is_no_room() -> None:
    window = await read([*exchanges(2), user("x" * 400)], tokens=10)
    assert texts(window) == ["x" * 400]
    assert window.tokens == 104


async def test_an_exchange_is_sent_with_all_its_calls_or_not_at_all() -> None:
    old = [user("old"), *calls("s1", "a", "b"), said("done")]
    window = await read([*old, user("new")], tokens=15)
    assert texts(window) == ["new"]
    assert window.dropped == len(old)


async def test_greetings_before_the_first_question_are_dropped_where_there_is_no_room() -> None:
    window = await read([said("x" * 4_000), *exchanges(1)], tokens=50)
    assert texts(window) == ["q000", "a000"]
    assert window.dropped == 1


async def test_greetings_before_the_first_question_are_sent_where_there_is_room() -> None:
    assert texts(await read([said("Welcome!"), *exchanges(1)])) == ["Welcome!", "q000", "a000"]


async def test_a_thread_of_replies_alone_is_sent() -> None:
    assert texts(await read([said("one"), said("two")])) == ["one", "two"]


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
    window = await read(exchanges(3), last=last)
    assert texts(window) == sent
    assert window.dropped == 6 - len(sent)


async def test_calls_do_not_count_as_messages() -> None:
    window = await read([user("q"), *calls("s1", "a"), said("a")], last=2)
    assert [message["role"] for message in window.chat] == ["user", "assistant", "tool", "assistant"]


RUN = Run(
    id="run_1", thread_id="t", branch="b", created_at=0, expires_at=600, spec=RunSpec(assistant_id="a", model="gpt-4o")
)
FUNCTION = FunctionTool(name="get", description="Gets.", parameters={"type": "object"}, strict=True)


async def request(
    *items: Item, turns: int = 0, prompt: int | None = None, **spec: Any
) -> tuple[ModelRequest, Manifest]:
    done = Turn(
        run_id="run_1",
        index=0,
        model="m",
        finish="tool_calls",
        usage=Usage(),
        manifest=Manifest(),
        started_at=0,
        ended_at=0,
    )
    run = structs.replace(RUN, spec=structs.replace(RUN.spec, **spec))
    action = CallModel(turn=turns, prompt_tokens=prompt, completion_tokens=77)
    return await build_request(scope(*items), History(run=run, turns=(done,) * turns), action)


async def test_instructions_stand_first_as_the_system() -> None:
    asked, _ = await request(user("Hi"), instructions="Be kind.")
    assert [message["role"] for message in asked.messages] == ["system", "user"]
    assert asked.messages[0]["content"] == "Be kind."


async def test_a_request_bears_the_runs_own_values() -> None:
    asked, _ = await request(
        user("Hi"), temperature=0.5, top_p=0.25, reasoning_effort="low", response_format={"type": "json_object"}
    )
    assert (asked.model, asked.temperature, asked.top_p, asked.max_tokens) == ("gpt-4o", 0.5, 0.25, 77)
    assert (asked.reasoning_effort, asked.response_format) == ("low", {"type": "json_object"})


async def test_a_response_format_of_auto_is_the_models_own() -> None:
    asked, _ = await request(user("Hi"), response_format="auto")
    assert asked.response_format is None


async def test_functions_are_offered_with_what_they_declare() -> None:
    asked, manifest = await request(user("Hi"), tools=(FUNCTION, FunctionTool(name="bare")))
    declared = {"name": "get", "description": "Gets.", "parameters": {"type": "object"}, "strict": True}
    assert asked.tools == (
        {"type": "function", "function": declared},
        {"type": "function", "function": {"name": "bare"}},
    )
    assert asked.parallel_tool_calls is None
    assert manifest.tools == ("get", "bare")


async def test_calls_one_at_a_time_are_asked_for_only_where_the_run_says_so() -> None:
    asked, _ = await request(user("Hi"), tools=(FUNCTION,), parallel_tool_calls=False)
    assert asked.parallel_tool_calls is False


async def test_hosted_tools_are_not_offered_and_the_manifest_says_so() -> None:
    asked, manifest = await request(user("Hi"), tools=(CodeInterpreterTool(), FileSearchTool()), tool_choice="required")
    assert (asked.tools, asked.tool_choice, asked.parallel_tool_calls) == ((), None, None)
    assert [note.split()[0] for note in manifest.notes] == ["code_interpreter", "file_search"]


async def test_image_files_that_were_left_out_are_in_the_manifest() -> None:
    picture = structs.replace(user("Look"), content=(Text("Look"), ImageFile(file_id="file_1")))
    _, manifest = await request(picture)
    assert manifest.notes == ("Image files were left out: this server has no files API yet.",)


@pytest.mark.parametrize(
    ("choice", "first", "later"),
    [
        ("auto", "auto", "auto"),
        ("none", "none", "none"),
        ("required", "required", "auto"),
        (NamedTool(type="function", name="get"), {"type": "function", "function": {"name": "get"}}, "auto"),
        (NamedTool(type="file_search"), "auto", "auto"),
    ],
)
async def test_a_choice_that_forces_a_call_holds_for_the_first_turn(choice: Any, first: Any, later: Any) -> None:
    sent = [await request(user("Hi"), turns=turns, tools=(FUNCTION,), tool_choice=choice) for turns in (0, 1)]
    assert [asked.tool_choice for asked, _ in sent] == [first, later]


async def test_the_prompt_budget_drops_older_exchanges_and_the_manifest_counts_them() -> None:
    asked, manifest = await request(*exchanges(5, size=6), prompt=40)
    assert len(asked.messages) == 4
    assert (manifest.dropped, manifest.items) == (6, ((6, 9),))


async def test_instructions_count_against_the_prompt_budget() -> None:
    asked, _ = await request(*exchanges(5, size=6), prompt=40, instructions="x" * 40)
    assert len(asked.messages) == 3


async def test_a_newest_exchange_beyond_the_prompt_budget_is_refused() -> None:
    with pytest.raises(PromptTooLong):
        await request(user("x" * 400), prompt=50)


async def test_a_long_greeting_does_not_keep_a_short_question_from_being_sent() -> None:
    asked, _ = await request(said("x" * 4_000), user("Hi"), prompt=50)
    assert [message["content"] for message in asked.messages] == ["Hi"]


async def test_without_a_budget_the_newest_exchange_is_sent_however_long() -> None:
    asked, _ = await request(user("x" * 1_000_000))
    assert len(asked.messages) == 1
