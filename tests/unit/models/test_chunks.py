from typing import Any

import msgspec
import pytest

from retinue.core.errors import ModelFault
from retinue.core.usage import Usage
from retinue.models.base import CallPiece, Finished, ModelEvent, TextPiece
from retinue.models.completions.chunks import Reading
from retinue.models.faults.envelope import said
from retinue.models.faults.faults import OPENAI_VARIABLES

Json = dict[str, Any]


def told(*chunks: Json | str) -> list[ModelEvent]:
    """What a stream of these chunks says, its last event included."""
    reading = Reading("Acme", "asked-for", remedies=OPENAI_VARIABLES)
    events: list[ModelEvent] = []
    for chunk in chunks:
        events += reading.take(chunk.encode() if isinstance(chunk, str) else msgspec.json.encode(chunk))
    return [*events, reading.finished()]


def delta(finish: str | None = None, **fields: Any) -> Json:
    return {"choices": [{"index": 0, "delta": fields, "finish_reason": finish}]}


def call(*, finish: str | None = None, **fields: Any) -> Json:
    name, arguments = fields.pop("name", None), fields.pop("arguments", None)
    return delta(finish, tool_calls=[{**fields, "function": {"name": name, "arguments": arguments}}])


def calls_of(*chunks: Json | str) -> list[tuple[str | None, str | None, str]]:
    """The calls as they end up: id, name, arguments."""
    made: dict[int, tuple[str | None, str | None, str]] = {}
    for event in told(*chunks):
        if isinstance(event, CallPiece):
            id_, name, arguments = made.get(event.index, (event.id, event.name, ""))
            assert event.index in made or (event.id and event.name), "the first piece bears id and name"
            made[event.index] = (id_, name, arguments + event.arguments)
    assert list(made) == list(range(len(made)))
    return list(made.values())


def finish_of(*chunks: Json | str) -> Finished:
    event = told(*chunks)[-1]
    assert isinstance(event, Finished)
    return event


def test_text_comes_piece_by_piece_and_empty_pieces_not_at_all() -> None:
    events = told(
        delta(role="assistant", content=""), delta(content="Hel"), delta(content=None), delta(content="lo"), "[DONE]"
    )
    assert events == [TextPiece("Hel"), TextPiece("lo"), Finished(reason="stop", model="asked-for", asked="asked-for")]


def test_a_refusal_is_text() -> None:
    assert told(delta(refusal="I can't."), delta("stop"))[0] == TextPiece("I can't.")


@pytest.mark.parametrize(("refusal", "refused"), [("I can't.", True), ("", False), (None, False)])
def test_a_reply_that_refuses_says_so_at_its_end(refusal: str | None, refused: bool) -> None:
    *_, last = told(delta(content="Well."), delta(refusal=refusal), delta("stop"))
    assert isinstance(last, Finished)
    assert last.refused is refused


def test_content_in_parts_gives_its_text_only() -> None:
    parts = [{"type": "thinking", "thinking": []}, {"type": "text", "text": "42"}, {"type": "text", "text": None}]
    assert told(delta(content=parts), delta("stop"))[:-1] == [TextPiece("42")]


@pytest.mark.parametrize(
    "chunk",
    [
        {},
        {"choices": None},
        {"choices": [], "prompt_filter_results": [{}]},
        {"choices": [{}]},
        {"choices": [{"delta": None, "index": None}]},
        {"choices": [{"index": 1, "delta": {"content": "another reply"}}]},
        {"choices": [{"delta": {"tool_calls": [], "reasoning_content": "hm"}}], "usage": None, "error": None},
        "",
        "   ",
    ],
)
def test_chunks_that_say_nothing_are_passed_over(chunk: Json | str) -> None:
    assert told(chunk, "[DONE]") == [Finished(reason="stop", model="asked-for", asked="asked-for")]


@pytest.mark.parametrize(
    ("said_reason", "reason"),
    [("stop", "stop"), ("length", "length"), ("content_filter", "content_filter"), ("eos_token", "stop")],
)
def test_the_finish_reason_is_one_of_four(said_reason: str, reason: str) -> None:
    assert finish_of(delta(content="x"), delta(said_reason)).reason == reason


@pytest.mark.parametrize("said_reason", ["stop", "tool_calls", "function_call", "whatever"])
def test_after_tool_calls_the_reason_is_tool_calls(said_reason: str) -> None:
    assert finish_of(call(index=0, id="a", name="f", arguments="{}"), delta(said_reason)).reason == "tool_calls"


def test_tool_calls_without_any_call_are_a_stop() -> None:
    assert finish_of(delta("tool_calls")).reason == "stop"


def test_a_cut_tool_call_keeps_its_reason() -> None:
    assert finish_of(call(index=0, id="a", name="f", arguments="{"), delta("length")).reason == "length"


def test_calls_side_by_side_keep_their_pieces_apart() -> None:
    assert calls_of(
        call(index=0, id="a", name="f", arguments=""),
        call(index=1, id="b", name="g", arguments=""),
        call(index=0, arguments='{"x"'),
        call(index=1, arguments="{}"),
        call(index=0, arguments=":1}"),
        delta("tool_calls"),
    ) == [("a", "f", '{"x":1}'), ("b", "g", "{}")]


def test_whole_calls_without_an_index_are_told_apart_by_id() -> None:
    both = delta(
        tool_calls=[
            {"id": "a", "type": "function", "function": {"name": "f", "arguments": '{"n":1}'}},
            {"id": "b", "type": "function", "function": {"name": "f", "arguments": '{"n":2}'}},
        ]
    )
    assert calls_of(both, delta("stop")) == [("a", "f", '{"n":1}'), ("b", "f", '{"n":2}')]


def test_whole_calls_with_neither_index_nor_id_get_ids() -> None:
    first, second = calls_of(call(name="f", arguments="{}"), call(name="f", arguments='{"n":2}'), "[DONE]")
    assert (first[1:], second[1:]) == (("f", "{}"), ("f", '{"n":2}'))
    assert first[0] != second[0]
    assert str(first[0]).startswith("call_")


def test_several_calls_that_all_have_the_index_0_are_several_calls() -> None:
    assert calls_of(
        call(index=0, id="a", name="f", arguments="{}"), call(index=0, id="b", name="f", arguments="{}"), "[DONE]"
    ) == [("a", "f", "{}"), ("b", "f", "{}")]


@pytest.mark.parametrize("where", [{"index": 0, "id": "a"}, {"index": 0}, {"id": "a"}, {}])
def test_a_name_that_is_repeated_in_each_piece_is_one_name(where: Json) -> None:
    pieces = [call(name="f", arguments=piece, **where) for piece in ('{"x":', ' "}', '"}')]
    ((_, name, arguments),) = calls_of(*pieces, "[DONE]")
    assert (name, arguments) == ("f", '{"x": "}"}')


def test_an_id_that_is_made_up_anew_for_each_piece_begins_no_call() -> None:
    assert calls_of(
        call(index=0, id="a", name="f", arguments="{"), call(index=0, id="random", arguments="}"), "[DONE]"
    ) == [("a", "f", "{}")]


def test_later_pieces_may_have_empty_ids_and_names() -> None:
    assert calls_of(
        call(index=0, id="a", name="f", arguments=None), call(index=0, id="", name="", arguments="{}"), "[DONE]"
    ) == [("a", "f", "{}")]


def test_pieces_without_index_and_id_go_on_with_the_latest_call() -> None:
    assert calls_of(call(id="a", name="f"), call(arguments="{"), call(arguments="}"), "[DONE]") == [("a", "f", "{}")]


def test_a_name_may_come_after_the_arguments() -> None:
    assert calls_of(call(index=0, id="a", arguments="{"), call(index=0, name="f", arguments="}"), "[DONE]") == [
        ("a", "f", "{}")
    ]


def test_a_call_that_never_gets_a_name_is_a_fault() -> None:
    with pytest.raises(ModelFault, match="without naming it"):
        told(call(index=0, id="a", arguments="{}"), "[DONE]")


def test_arguments_that_come_as_an_object_become_text() -> None:
    assert calls_of(call(index=0, id="a", name="f", arguments={"x": 1}), "[DONE]") == [("a", "f", '{"x":1}')]


def test_the_old_function_call_is_a_tool_call() -> None:
    first, second = ({"name": "f", "arguments": ""}, {"arguments": "{}"})
    ((id_, name, arguments),) = calls_of(
        delta(function_call=first), delta(function_call=second), delta("function_call")
    )
    assert (name, arguments) == ("f", "{}")
    assert id_ is not None


def test_a_whole_completion_reads_like_a_stream() -> None:
    reading = Reading("Acme", "asked-for", remedies=OPENAI_VARIABLES)
    message = {"content": "Hi", "tool_calls": [{"id": "a", "function": {"name": "f", "arguments": "{}"}}]}
    body = {"model": "served", "choices": [{"message": message, "finish_reason": "tool_calls"}]}
    assert reading.whole(msgspec.json.encode(body)) == [
        [TextPiece("Hi"), CallPiece(index=0, id="a", name="f", arguments="{}")]
    ]
    assert reading.finished() == Finished(reason="tool_calls", model="served", asked="asked-for")


def test_a_stream_under_the_media_type_of_json_reads_like_one() -> None:
    reading = Reading("Acme", "asked-for", remedies=OPENAI_VARIABLES)
    body = b"data: " + msgspec.json.encode(delta(content="Hi")) + b"\n\ndata: [DONE]"
    assert reading.whole(body) == [[TextPiece("Hi")]]


def test_json_that_is_no_completion_is_unreadable() -> None:
    with pytest.raises(ValueError, match="no completion"):
        Reading("Acme", "m", remedies=OPENAI_VARIABLES).whole(b'{"status": "ok"}')


def test_usage_is_told_with_its_details() -> None:
    usage = {
        "prompt_tokens": 20,
        "completion_tokens": 9.0,
        "prompt_tokens_details": {"cached_tokens": 16},
        "completion_tokens_details": {"reasoning_tokens": 4},
    }
    finished = finish_of(delta("stop"), {"choices": [], "usage": usage}, "[DONE]")
    assert finished.usage == Usage(prompt=20, completion=9, cached=16, reasoning=4)


def test_usage_in_every_chunk_is_a_running_total() -> None:
    first = {**delta(content="a"), "usage": {"prompt_tokens": 5, "completion_tokens": 1}}
    last = {**delta("stop"), "usage": {"prompt_tokens": 0, "completion_tokens": 2, "prompt_tokens_details": None}}
    assert finish_of(first, last).usage == Usage(prompt=5, completion=2)


def test_usage_is_found_where_groq_and_moonshot_put_it() -> None:
    usage = {"prompt_tokens": 5, "completion_tokens": 2}
    assert finish_of({**delta("stop"), "x_groq": {"id": "req_1", "usage": usage}}).usage == Usage(
        prompt=5, completion=2
    )
    choice = {"index": 0, "delta": {}, "finish_reason": "stop", "usage": usage}
    assert finish_of({"choices": [choice]}).usage == Usage(prompt=5, completion=2)


@pytest.mark.parametrize("beside", ["abc", 7, {}, {"usage": 7}])
def test_what_else_stands_beside_a_chunk_fails_no_reply(beside: Any) -> None:
    assert finish_of({**delta("stop"), "x_groq": beside}).usage is None


@pytest.mark.parametrize(
    "count",
    ["-1", str(2**53 + 1), "1e999", "9" * 400, "9" * 5_000, "1.5", '"abc"', '"nan"', "true", "[]", "{}", "null"],
)
def test_a_count_that_makes_no_sense_is_nothing(count: str) -> None:
    last = '{"choices":[],"usage":{"prompt_tokens":COUNT,"completion_tokens":"12"}}'.replace("COUNT", count)
    assert finish_of(delta("stop"), last).usage is None


@pytest.mark.parametrize("usage", ["abc", 7, [1], True, {}, {"prompt_tokens_details": 7}])
def test_usage_of_another_shape_fails_no_reply(usage: Any) -> None:
    finished = finish_of({**delta("stop", content="x"), "usage": usage})
    assert finished.usage is None


def content(text: str, finish: str = "null") -> str:
    """A chunk with this text in JSON's own escapes."""
    return f'{{"choices":[{{"delta":{{"content":"{text}"}},"finish_reason":{finish}}}]}}'


@pytest.mark.parametrize(
    ("chunks", "text"),
    [
        ((content(r"Hi \ud83d"), content(r"\ude00!")), "Hi \U0001f600!"),
        ((content(r"\ud83d"), content(r"\ude00\ud83d"), content(r"\ude00")), "\U0001f600\U0001f600"),
        ((content(r"Hi \ud83d"), content("!")), "Hi \ufffd!"),
        ((content(r"\ude00!"),), "\ufffd!"),
        ((content(r"Hi \ud83d"),), "Hi \ufffd"),
        ((content(r"Hi \ud83d", '"stop"'),), "Hi \ufffd"),
        ((content(r"Hi \ud83d"), delta("stop")), "Hi \ufffd"),
        ((content(r"\ud83dx\ude00\ud83d\ude00"),), "\ufffdx\ufffd\U0001f600"),
        ((content(r"\ud83d"), call(index=0, id="a", name="f"), content(r"\ude00")), "\U0001f600"),
    ],
)
def test_characters_that_were_cut_in_half_are_whole_again(chunks: tuple[Json | str, ...], text: str) -> None:
    assert "".join(event.text for event in told(*chunks, "[DONE]") if isinstance(event, TextPiece)) == text


def calling(piece: str) -> str:
    """A chunk with this piece of a call, from a model whose name is cut too."""
    return rf'{{"model":"m\ud83d","choices":[{{"delta":{{"tool_calls":[{piece}]}}}}]}}'


def test_halves_in_a_call_are_joined_and_nothing_else_leaves_with_one() -> None:
    first = r'{"index":0,"id":"a\ud83d","function":{"name":"f\ude00","arguments":"{\"x\":\"\ud83d"}}'
    second = r'{"index":0,"function":{"arguments":"\ude00\"}"}}'
    chunks = [calling(piece) for piece in (first, second)]
    ((id_, name, arguments),) = calls_of(*chunks, "[DONE]")
    assert (name, arguments) == ("f", '{"x":"\U0001f600"}')
    assert str(id_).startswith("call_")
    assert finish_of(*chunks, "[DONE]").model == "m\ufffd"


def test_halves_in_arguments_that_are_an_object_are_replaced() -> None:
    piece = r'{"index":0,"id":"a","function":{"name":"f","arguments":{"x":"\ud83d"}}}'
    assert calls_of(calling(piece), "[DONE]") == [("a", "f", '{"x": "\ufffd"}')]


@pytest.mark.parametrize("error", [r'"error":{"message":"No \ud83d"}', r'"object":"error","message":"No \ud83d"'])
def test_halves_in_an_error_are_replaced(error: str) -> None:
    with pytest.raises(ModelFault, match="No \ufffd"):
        told("{" + error + "}")


@pytest.mark.parametrize("id_", ["x" * 257, "caf\u00e9", "a\nb", "\x00"])
def test_an_id_that_is_none_is_made_anew_and_still_tells_calls_apart(id_: str) -> None:
    first, second = calls_of(call(id=id_, name="f"), call(id="b", name="g"), call(id=id_, arguments="{}"), "[DONE]")
    assert str(first[0]).startswith("call_")
    assert (first[1:], second) == (("f", "{}"), ("b", "g", ""))


def test_a_name_comes_without_control_characters_and_not_too_long() -> None:
    assert calls_of(call(index=0, id="a", name="f\n\x00g" + "x" * 300), "[DONE]") == [("a", "fg" + "x" * 254, "")]


def test_the_model_that_answers_is_told() -> None:
    assert finish_of({"model": "gpt-4o-2024-08-06", "choices": []}, {"model": ""}, "[DONE]").model == (
        "gpt-4o-2024-08-06"
    )


@pytest.mark.parametrize(
    ("error", "message", "code"),
    [
        ({"message": "Slow down", "code": 429}, "Slow down", "rate_limit_exceeded"),
        ({"message": "Slow down", "type": "rate_limit_exceeded"}, "Slow down", "rate_limit_exceeded"),
        ({"message": "No.", "code": "context_length_exceeded"}, "No.", "invalid_prompt"),
        ({"message": "Oh", "code": "502"}, "failed .502.: Oh", "server_error"),
        ({"message": "Oh", "type": "server_error"}, "broke the reply off before its end: Oh", "server_error"),
        ("out of memory", "out of memory", "server_error"),
        ({"code": None}, "without a message", "server_error"),
    ],
)
def test_an_error_in_the_stream_is_a_fault(error: Any, message: str, code: str) -> None:
    with pytest.raises(ModelFault, match=message) as caught:
        told(delta(content="x"), {"error": error})
    assert caught.value.run_code == code


def test_an_error_without_an_envelope_is_a_fault() -> None:
    with pytest.raises(ModelFault, match="too long") as caught:
        told({"object": "error", "message": "The prompt is too long", "code": 400})
    assert caught.value.run_code == "invalid_prompt"


@pytest.mark.parametrize("data", ["{", "[1]", "null", '{"choices": 7}', '{"choices": "', "<html>", "\x00"])
def test_what_is_no_chunk_is_unreadable(data: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever the decoder says
        Reading("Acme", "m", remedies=OPENAI_VARIABLES).take(data.encode())


def test_nesting_without_end_is_unreadable() -> None:
    with pytest.raises((ValueError, RecursionError)):
        Reading("Acme", "m", remedies=OPENAI_VARIABLES).take(b'{"x":' * 100_000)


def test_a_stream_that_just_ends_is_a_fault() -> None:
    with pytest.raises(ModelFault, match="Acme broke the reply off"):
        told(delta(content="Hel"))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"error": {"message": "a"}}, "a"),
        ({"error": "b"}, "b"),
        ({"detail": "c"}, "c"),
        ({"detail": [{"msg": "d"}]}, "d"),
        ([{"error": {"message": "e"}}], "e"),
        ({"message": "f"}, "f"),
        ({"error": {"code": 1}}, ""),
        (None, ""),
        (7, ""),
    ],
)
def test_an_error_answer_of_any_shape_gives_its_message(answer: Any, message: str) -> None:
    assert said(answer) == message


def test_a_stream_of_chunks_that_say_nothing_has_an_end() -> None:
    reading = Reading("Acme", "asked-for", remedies=OPENAI_VARIABLES)
    nothing = b'data: {"choices":[]}\n\n' * 300_000
    assert list(reading.feed(nothing)) == []
    with pytest.raises(ValueError, match="chunks in a row said nothing"):
        list(reading.feed(nothing))


def test_what_one_read_says_is_one_batch() -> None:
    reading = Reading("Acme", "asked-for", remedies=OPENAI_VARIABLES)
    said = [b"data: " + msgspec.json.encode(delta(content=text)) + b"\n\n" for text in "abc"]
    assert list(reading.feed(said[0] + said[1])) == [[TextPiece("a"), TextPiece("b")]]
    assert list(reading.feed(said[2][:10])) == []
    assert list(reading.feed(said[2][10:])) == [[TextPiece("c")]]


@pytest.mark.parametrize("end", [b'data: {"error": {"message": "it fell over"}}\n\n', b"data: nonsense\n\n"])
def test_what_was_said_before_an_error_in_the_same_read_is_heard(end: bytes) -> None:
    batches = Reading("Acme", "m", remedies=OPENAI_VARIABLES).feed(
        b"data: " + msgspec.json.encode(delta(content="Half")) + b"\n\n" + end
    )
    assert next(batches) == [TextPiece("Half")]
    with pytest.raises((ModelFault, ValueError)):
        next(batches)


def test_what_a_model_says_now_and_then_is_no_empty_stream() -> None:
    reading = Reading("Acme", "asked-for", remedies=OPENAI_VARIABLES)
    word = b"data: " + msgspec.json.encode(delta(content="a")) + b"\n\n"
    read = b'data: {"choices":[]}\n\n' * 10_000 + word
    assert [event for _ in range(31) for batch in reading.feed(read) for event in batch] == [TextPiece("a")] * 31
