"""What refusals teach, in the words in which providers really refuse."""

from typing import Any

import pytest

from dialects.asking import CHAT, EVERYTHING, SCHEMA
from retinue.models import ModelRequest
from retinue.models.base import Json
from retinue.models.dialects import Dialect, body_in, lessons
from retinue.models.faults.envelope import Complaint, complaints

CALL: Json = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
CALLED: tuple[Json, ...] = (
    *CHAT,
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "call_1", "content": "sunny"},
    {"role": "user", "content": "And?"},
)
REQUEST = ModelRequest(model="m", messages=CALLED, response_format=SCHEMA, **EVERYTHING)


def lesson(dialect: Dialect, fields: Json, said: str) -> Dialect | None:
    """What a refusal in these words teaches."""
    return lessons.lesson(dialect, fields, Complaint(said))


PARAMETERS = [
    (
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        "max_tokens",
    ),
    ("Unrecognized request argument supplied: parallel_tool_calls", "parallel_tool_calls"),
    ("Unrecognized request argument supplied: reasoning_effort", "reasoning_effort"),
    ("Unknown parameter: 'stream_options'.", "stream_options"),
    (
        "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) is.",
        "temperature",
    ),
    ('Invalid JSON payload received. Unknown name "parallel_tool_calls": Cannot find field.', "parallel_tool_calls"),
    ("`top_p` is not supported by this model", "top_p"),
    ("`temperature` and `top_p` cannot both be specified for this model. Please use only one.", "top_p"),
    ("This response_format type is unavailable now", "response_format"),
    ("response_format.type `json_schema` is unavailable now", "response_format"),
    ("Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.", "response_format"),
]


@pytest.mark.parametrize(("said", "parameter"), PARAMETERS)
def test_a_parameter_that_is_refused_is_sent_no_more(said: str, parameter: str) -> None:
    before = body_in(Dialect(), REQUEST, "m")
    learned = lesson(Dialect(), before.fields, said)
    assert learned is not None
    after = body_in(learned, REQUEST, "m")
    gone = set(before.fields) - set(after.fields)
    if parameter == "response_format":
        assert after.fields["response_format"] == {"type": "json_object"}
    else:
        assert gone == {parameter}
    assert after.fields["tools"] == before.fields["tools"]


def test_the_bound_goes_by_its_other_name_and_then_by_none() -> None:
    said = "Unsupported parameter: '{}' is not supported"
    body = body_in(Dialect(), REQUEST, "m")
    newer = lesson(Dialect(), body.fields, said.format("max_tokens"))
    assert newer is not None
    body = body_in(newer, REQUEST, "m")
    assert body.fields["max_completion_tokens"] == 7
    neither = lesson(newer, body.fields, said.format("max_completion_tokens"))
    assert neither is not None
    body = body_in(neither, REQUEST, "m")
    assert not {"max_tokens", "max_completion_tokens"} & set(body.fields)
    assert any("it was left out" in note for note in body.notes)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "Invalid value for 'temperature': 2.5 is greater than the maximum of 2.",
        "max_tokens is too large: 100000. This model supports at most 4096 completion tokens.",
        "Unsupported value: 'reasoning_effort' does not support 'none'. Supported values are: 'low' and 'high'.",
        "Invalid schema for response_format 'place': 'additionalProperties' is not allowed to be true.",
        "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
        "This model does not support tools.",
        "This model does not support image input.",
        "The model `m` does not exist",
        "frequency_penalty is not supported",
        "Unsupported parameter: 'my_temperature' is not supported.",
    ],
)
def test_a_refusal_of_what_was_asked_for_teaches_nothing(said: str) -> None:
    assert lesson(Dialect(), body_in(Dialect(), REQUEST, "m").fields, said) is None


@pytest.mark.parametrize(
    ("said", "param"),
    [
        ("Bad value for messages[0].content: 'temperature is not supported'", ""),
        ("Bad value 'x': 'temperature is not supported'", ""),
        ("Unsupported value: 'temperature'", "messages[0].content"),
        ('Extra text, input="roles must alternate"', ""),
        ("Not allowed: `a b` System role not supported", ""),
    ],
)
def test_what_a_refusal_quotes_of_the_request_teaches_nothing(said: str, param: str) -> None:
    fields = body_in(Dialect(), REQUEST, "m").fields
    assert lessons.lesson(Dialect(), fields, Complaint(said, param)) is None


def test_the_parameter_that_an_error_names_beside_its_message_is_the_one() -> None:
    (told,) = complaints([{"type": "extra_forbidden", "loc": ["body", "top_p"], "msg": "Extra inputs, temperature"}])
    learned = lessons.lesson(Dialect(), body_in(Dialect(), REQUEST, "m").fields, told)
    assert learned == Dialect().without("top_p")


ROLES = {
    "system": ["system", "user", "assistant", "tool", "user"],
    "user": ["user", "user", "assistant", "tool", "user"],
    "answered": ["system", "user", "assistant", "tool", "assistant", "user"],
}


@pytest.mark.parametrize(
    ("dialect", "said", "roles"),
    [
        (
            {"instructing": "developer"},
            "'developer' is not one of ['system', 'assistant'] - 'messages.0.role'",
            "system",
        ),
        ({"instructing": "developer"}, "messages[0].role: unknown variant `developer`, expected one of", "system"),
        ({}, "Error: Jinja Exception: System role not supported", "user"),
        ({}, "'messages[0].role' does not support 'system' with this model.", "user"),
        ({}, "Unexpected role 'user' after role 'tool'", "answered"),
    ],
)
def test_roles_are_taken_as_the_model_wants_them(dialect: dict[str, Any], said: str, roles: str) -> None:
    asked = ModelRequest(model="m", messages=CALLED)
    spoken = Dialect(**dialect)
    learned = lesson(spoken, body_in(spoken, asked, "m").fields, said)
    assert learned is not None
    assert [message["role"] for message in body_in(learned, asked, "m").fields["messages"]] == ROLES[roles]


@pytest.mark.parametrize(
    ("said", "habit"),
    [
        ("Conversation roles must alternate user/assistant/user/assistant/...", {"user_first": True}),
        ("System message must be at the beginning.", {"merges": frozenset(("system",))}),
        ("Tool call id was call_1 but must be a-z, A-Z, 0-9, with a length of 9.", {"short_ids": True}),
        ("Invalid value for 'content': expected a string, got null.", {"null_content": False}),
        ("messages[2]: missing field `content` at line 1", {"null_content": False}),
        ('messages: first message must use the "user" role', {"user_first": True}),
        (
            "Please ensure that function call turn comes immediately after a user turn or after another.",
            {"user_first": True},
        ),
    ],
)
def test_habits_of_messages_are_learned(said: str, habit: dict[str, Any]) -> None:
    learned = lesson(Dialect(), body_in(Dialect(), REQUEST, "m").fields, said)
    assert learned is not None
    assert {name: getattr(learned, name) for name in habit} == habit


def test_the_same_refusal_teaches_once() -> None:
    learned = Dialect(answer_after_tool=True)
    body = body_in(learned, REQUEST, "m")
    assert lesson(learned, body.fields, "Unexpected role 'user' after role 'tool'") is None
