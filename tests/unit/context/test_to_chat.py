from collections.abc import Iterable
from typing import Any

from msgspec import structs

from retinue.context.chat import Json, pieces_of
from retinue.context.code import MOST_NAMES
from retinue.core.item import (
    Annotation,
    Hit,
    ImageFile,
    ImageUrl,
    Item,
    Message,
    MessageStatus,
    Part,
    Placed,
    Text,
    ToolCall,
    ToolOutput,
    Written,
)


def user(*content: str | Part) -> Message:
    return _message("user", *content)


def said(text: str, *, run: str = "run_1", status: MessageStatus = "completed") -> Message:
    return _message("assistant", text, run_id=run, status=status)


def _message(role: Any, *content: str | Part, **more: Any) -> Message:
    parts = tuple(Text(part) if isinstance(part, str) else part for part in content)
    return Message(id="msg", thread_id="thread_1", role=role, created_at=0, content=parts, **more)


def call(id_: str, *, step: str = "step_1", name: str = "f", arguments: str = "{}") -> ToolCall:
    return ToolCall(id="item", run_id="run_1", step_id=step, created_at=0, call_id=id_, name=name, arguments=arguments)


def output(id_: str, text: str, *, step: str = "step_1") -> ToolOutput:
    return ToolOutput(id="item", run_id="run_1", step_id=step, created_at=0, call_id=id_, output=text)


def to_chat(items: Iterable[Item], *, run: str) -> list[Json]:
    placed = [Placed(position, item) for position, item in enumerate(items)]
    return [message for piece in pieces_of(placed, run=run) for message in piece.chat]


def chat(*items: Item, run: str = "run_now") -> list[str]:
    """The chat in one line a message: calls as `id(arguments)`, outputs as `id=output`."""
    return [_line(message) for message in to_chat(items, run=run)]


def _line(message: dict[str, Any]) -> str:
    calls = " ".join(f"{c['id']}({c['function']['arguments']})" for c in message.get("tool_calls", ()))
    match message["role"]:
        case "tool":
            return f"tool {message['tool_call_id']}={message['content']}"
        case role:
            return " ".join(filter(None, [role, message["content"], calls]))


def test_messages_are_chat_messages_in_their_order() -> None:
    assert chat(user("Hi"), said("Hello"), user("Bye")) == ["user Hi", "assistant Hello", "user Bye"]


def test_calls_of_one_step_are_one_chat_message_and_their_outputs_follow() -> None:
    items = (user("Hi"), call("a"), call("b"), output("a", "1"), output("b", "2"), said("Done"))
    assert chat(*items) == ["user Hi", "assistant a({}) b({})", "tool a=1", "tool b=2", "assistant Done"]


def test_a_call_is_sent_whole() -> None:
    items = (call("a", name="get", arguments='{"x": 1}'), output("a", "1"))
    first, _ = to_chat(items, run="run_now")
    function = {"name": "get", "arguments": '{"x": 1}'}
    assert first == {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "a", "type": "function", "function": function}],
    }


def test_text_said_before_calls_goes_with_them() -> None:
    assert chat(said("Hm"), call("a"), output("a", "1")) == ["assistant Hm a({})", "tool a=1"]


def test_calls_that_were_never_answered_are_left_out() -> None:
    assert chat(user("Hi"), said("Hm"), call("a"), user("Again")) == ["user Hi", "assistant Hm", "user Again"]


def test_of_a_round_only_the_answered_calls_are_sent() -> None:
    assert chat(call("a"), call("b"), output("b", "2")) == ["assistant b({})", "tool b=2"]


def test_text_before_calls_that_were_never_answered_is_sent_at_the_end() -> None:
    assert chat(said("Hm"), call("a")) == ["assistant Hm"]


def test_rounds_that_follow_each_other_stay_apart() -> None:
    items = (call("a"), output("a", "1"), call("b", step="step_2"), output("b", "2", step="step_2"))
    assert chat(*items) == ["assistant a({})", "tool a=1", "assistant b({})", "tool b=2"]


def test_each_call_gets_the_output_of_its_own_step_where_ids_come_again() -> None:
    items = (call("a"), output("a", "1"), call("a", step="step_2"), output("a", "2", step="step_2"))
    assert chat(*items) == ["assistant a({})", "tool a=1", "assistant a({})", "tool a=2"]


def test_an_unanswered_call_does_not_take_the_output_of_an_earlier_step() -> None:
    assert chat(call("a"), output("a", "1"), call("a", step="step_2")) == ["assistant a({})", "tool a=1"]


def test_what_this_run_began_to_say_and_abandoned_is_left_out() -> None:
    assert chat(user("Hi"), said("Half", status="incomplete"), run="run_1") == ["user Hi"]


def test_what_an_earlier_run_said_until_it_was_broken_off_is_sent() -> None:
    items = (user("Hi"), said("Half", status="incomplete"), user("Go on"))
    assert chat(*items) == ["user Hi", "assistant Half", "user Go on"]


def test_an_earlier_runs_message_without_text_is_left_out() -> None:
    assert chat(user("Hi"), said("", status="incomplete")) == ["user Hi"]


def test_several_texts_are_one() -> None:
    assert chat(user("one", "two")) == ["user one\ntwo"]


def test_an_image_at_an_address_is_sent_as_a_part() -> None:
    (message,) = to_chat([user("Look", ImageUrl(url="https://x.y/z", detail="low"))], run="run_now")
    assert message["content"] == [
        {"type": "text", "text": "Look"},
        {"type": "image_url", "image_url": {"url": "https://x.y/z", "detail": "low"}},
    ]


def test_an_image_file_is_a_part_that_names_its_file() -> None:
    (message,) = to_chat([user("Look", ImageFile(file_id="file_1", detail="high"))], run="run_now")
    assert message["content"][1] == {
        "type": "image_url",
        "image_url": {"url": "", "detail": "high"},
        "file_id": "file_1",
    }


def test_a_piece_begins_at_the_text_that_was_said_before_its_calls() -> None:
    items: tuple[Item, ...] = (user("Hi"), said("Hm"), call("a"), output("a", "1"))
    placed = [Placed(position, item) for position, item in enumerate(items)]
    assert [piece.position for piece in pieces_of(placed, run="run_now")] == [0, 1]


def test_an_answer_shows_its_citations_where_what_was_found_is_shown_too() -> None:
    marks = ("【0:0†source】", "【9:0†source】")
    cited = tuple(Annotation(kind="file_citation", file_id="f", start=6, end=6, marker=mark) for mark in marks)
    hit = Hit(file_id="f", file_name="a.txt", score=0.5, marker=marks[0], start=0, end=5)
    answer = structs.replace(said(""), content=(Text("Thirty.", cited),))
    found = structs.replace(output("a", "Found"), hits=(hit,))
    shown = ["user Q", "assistant a({})", "tool a=Found", "assistant Thirty【0:0†source】."]
    assert chat(user("Q"), call("a"), found, answer) == shown
    assert chat(user("Q"), answer) == ["user Q", "assistant Thirty."]


def test_code_is_told_to_its_model_with_what_it_drew_and_wrote() -> None:
    written = tuple(Written(f"{n} .csv", f"file-{n}") for n in range(MOST_NAMES + 2))
    ran = structs.replace(output("a", ""), charts=("file-a", "file-b"), files=written, notes=("Kept: no.",))
    _, told = to_chat([structs.replace(call("a"), kind="code_interpreter"), ran], run="run_now")
    lines = told["content"].splitlines()
    assert lines[:3] == ["(no output)", "Kept: no.", "[Shown to the user: 2 charts]"]
    assert lines[3].startswith("[Written, to be linked: sandbox:/mnt/data/0%20.csv, sandbox:/mnt/data/1%20.csv, ")
    assert lines[3].endswith("sandbox:/mnt/data/49%20.csv and 2 more]")


def test_what_a_function_returned_is_told_as_it_is() -> None:
    _, told = to_chat([call("a"), output("a", "")], run="run_now")
    assert told["content"] == ""


def test_images_of_an_assistant_are_told_in_words() -> None:
    message = structs.replace(
        said("See"), content=(ImageFile(file_id="file-a"), ImageUrl(url="https://x"), Text("See"))
    )
    assert chat(user("Draw"), message) == [
        "user Draw",
        "assistant [image shown to the user: file-a]\n[image shown to the user]\nSee",
    ]
