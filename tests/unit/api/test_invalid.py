"""Bodies that can't be accepted: one sentence for each kind of finding, the place, the code."""

from typing import Any

import msgspec
import pytest

from retinue.api.assistants.bodies.assistants import AssistantBody
from retinue.api.assistants.bodies.messages import MessageBody
from retinue.api.assistants.bodies.runs import RunBody
from retinue.api.assistants.bodies.threads import ThreadBody
from retinue.api.body import parse
from retinue.api.vector_stores.bodies.files import AttributesBody, BatchBody
from retinue.core.errors import InvalidRequest

ASSISTANT = {"model": "m"}


def refusal(type_: type, body: Any) -> InvalidRequest:
    raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
    with pytest.raises(InvalidRequest) as refused:
        parse(raw, type_)
    return refused.value


# type, body, message, param, code
FINDINGS: list[tuple[type, Any, str, str | None, str]] = [
    (
        AttributesBody,
        b'{"attributes": {"fine": "x", "also": 1.5, "bad": 1e999}}',
        "Invalid 'attributes.bad': Number out of range.",
        "attributes.bad",
        "invalid_value",
    ),
    (
        AttributesBody,
        b'{"attributes": {"fine": 1, "bad": ' + b"9" * 5_000 + b"}}",
        "Invalid 'attributes.bad': Integer value out of range.",
        "attributes.bad",
        "invalid_value",
    ),
    (
        AttributesBody,
        {"attributes": {"fine": 1, "bad": 2**60}},
        "Invalid 'attributes.bad': integer above maximum value. "
        f"Expected a value <= 9.00719925474e+15, but got {2**60} instead.",
        "attributes.bad",
        "integer_above_max_value",
    ),
    (
        AssistantBody,
        ASSISTANT | {"metadata": {"modified": True}},
        "Invalid type for 'metadata.modified': expected a string, but got a boolean instead.",
        "metadata.modified",
        "invalid_type",
    ),
    (
        AssistantBody,
        ASSISTANT | {"metadata": {"fine": "x", "bad": ["x"]}},
        "Invalid type for 'metadata.bad': expected a string, but got an array instead.",
        "metadata.bad",
        "invalid_type",
    ),
    (
        AssistantBody,
        ASSISTANT | {"metadata": {str(n): "x" for n in range(17)}},
        "Invalid 'metadata': too many properties. Expected an object with at most 16 properties, "
        "but got an object with 17 properties instead.",
        "metadata",
        "object_above_max_properties",
    ),
    (
        AssistantBody,
        ASSISTANT | {"metadata": {"fine": "x", "bad": "x" * 513}},
        "Invalid 'metadata.bad': string too long. Expected a string with maximum length 512, "
        "but got a string with length 513 instead.",
        "metadata.bad",
        "string_above_max_length",
    ),
    (
        AssistantBody,
        ASSISTANT | {"metadata": {"k" * 65: "x"}},
        "Invalid 'metadata': key too long. Expected keys with maximum length 64, but got a key with length 65 instead.",
        "metadata",
        "string_above_max_length",
    ),
    (
        MessageBody,
        {"role": "user", "content": "x" * 256_001},
        "Invalid 'content': string too long. Expected a string with maximum length 256000, "
        "but got a string with length 256001 instead.",
        "content",
        "string_above_max_length",
    ),
    (
        AssistantBody,
        {"model": ""},
        "Invalid 'model': string too short. Expected a string with minimum length 1, "
        "but got a string with length 0 instead.",
        "model",
        "string_below_min_length",
    ),
    (
        AssistantBody,
        ASSISTANT | {"tools": [{"type": "code_interpreter"}] * 129},
        "Invalid 'tools': array too long. Expected an array with maximum length 128, "
        "but got an array with length 129 instead.",
        "tools",
        "array_above_max_length",
    ),
    (
        MessageBody,
        {"role": "user", "content": []},
        "Invalid 'content': array too short. Expected an array with minimum length 1, "
        "but got an array with length 0 instead.",
        "content",
        "array_below_min_length",
    ),
    (
        AssistantBody,
        {"model": 1},
        "Invalid type for 'model': expected a string, but got an integer instead.",
        "model",
        "invalid_type",
    ),
    (
        MessageBody,
        {"role": "user", "content": 1},
        "Invalid type for 'content': expected one of a string or an array, but got an integer instead.",
        "content",
        "invalid_type",
    ),
    (
        AssistantBody,
        ASSISTANT | {"top_p": "x"},
        "Invalid type for 'top_p': expected one of a decimal or null, but got a string instead.",
        "top_p",
        "invalid_type",
    ),
    (
        AssistantBody,
        b"[1]",
        "Invalid type for the body: expected an object, but got an array instead.",
        None,
        "invalid_type",
    ),
    (
        MessageBody,
        {"content": "x"},
        "Missing required parameter: 'role'.",
        "role",
        "missing_required_parameter",
    ),
    (
        AssistantBody,
        ASSISTANT | {"tools": [{"type": "function", "function": {}}]},
        "Missing required parameter: 'tools[0].function.name'.",
        "tools[0].function.name",
        "missing_required_parameter",
    ),
    (
        ThreadBody,
        {"messages": [{"role": "user", "content": "x"}, {"role": "user"}]},
        "Missing required parameter: 'messages[1].content'.",
        "messages[1].content",
        "missing_required_parameter",
    ),
    (
        ThreadBody,
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "x", "y": 1}]}]},
        "Unknown parameter: 'messages[0].content[0].y'.",
        "messages[0].content[0].y",
        "unknown_parameter",
    ),
    (
        AssistantBody,
        ASSISTANT | {"temperature": 2.5},
        "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 2.5 instead.",
        "temperature",
        "decimal_above_max_value",
    ),
    (
        AssistantBody,
        ASSISTANT | {"temperature": -1},
        "Invalid 'temperature': decimal below minimum value. Expected a value >= 0, but got -1 instead.",
        "temperature",
        "decimal_below_min_value",
    ),
    (
        RunBody,
        {"assistant_id": "a", "max_prompt_tokens": 0},
        "Invalid 'max_prompt_tokens': integer below minimum value. Expected a value >= 1, but got 0 instead.",
        "max_prompt_tokens",
        "integer_below_min_value",
    ),
    (
        RunBody,
        {"assistant_id": "a", "max_prompt_tokens": 2**31},
        "Invalid 'max_prompt_tokens': integer above maximum value. "
        "Expected a value <= 2147483647, but got 2147483648 instead.",
        "max_prompt_tokens",
        "integer_above_max_value",
    ),
    (
        AssistantBody,
        ASSISTANT | {"tools": [{"type": "function", "function": {"name": "a b"}}]},
        "Invalid 'tools[0].function.name': string does not match pattern. "
        "Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.",
        "tools[0].function.name",
        "invalid_value",
    ),
    (
        MessageBody,
        {"role": "system", "content": "x"},
        "Invalid value: 'system'. Supported values are: 'assistant', 'user'.",
        "role",
        "invalid_value",
    ),
    (
        AssistantBody,
        ASSISTANT | {"tools": [{"type": "retrieval"}]},
        "Invalid value: 'retrieval'. Supported values are: 'code_interpreter', 'file_search', 'function'.",
        "tools[0].type",
        "invalid_value",
    ),
    (
        RunBody,
        {"assistant_id": "a", "tool_choice": "sometimes"},
        "Invalid value: 'sometimes'. Supported values are: 'auto', 'none', 'required'.",
        "tool_choice",
        "invalid_value",
    ),
]


@pytest.mark.parametrize(("type_", "body", "message", "param", "code"), FINDINGS)
def test_a_finding_is_told_in_the_apis_words(type_: type, body: Any, message: str, param: str, code: str) -> None:
    refused = refusal(type_, body)
    assert (refused.message, refused.param, refused.code) == (message, param, code)


LONG = "x" * 513


@pytest.mark.parametrize(
    ("attributes", "complaint"),
    [
        ({"ok": 1, "bad": None}, "got null"),
        ({"ok": 1, "fine": True, "bad": [1]}, "got an array"),
        ({"ok": 5, "bad": 2**53 + 1}, "got 9007199254740993"),
        ({"ok": 2**53, "bad": -(2**53) - 1, "too": None}, "got -9007199254740993"),
        ({"ok": True, "bad": LONG}, "length 513"),
    ],
)
def test_of_attributes_the_one_that_is_wrong_is_named(attributes: dict[str, Any], complaint: str) -> None:
    refused = refusal(AttributesBody, {"attributes": attributes})
    assert refused.param == "attributes.bad"
    assert "'attributes.bad'" in refused.message
    assert complaint in refused.message
    files = [{"file_id": "file-1", "attributes": {"ok": 1}}, {"file_id": "file-2", "attributes": attributes}]
    assert refusal(BatchBody, {"files": files}).param == "files[1].attributes.bad"


def test_a_number_without_bounds_is_found_at_whatever_depth() -> None:
    parameters = b'{"a": {"d": 1e300}, "b": {"c": [2, {"ok": 1e300, "bad": 1e999}]}}'
    raw = b'{"model": "m", "tools": [{"type": "function", "function": {"name": "f", "parameters": %s}}]}' % parameters
    assert refusal(AssistantBody, raw).param == "tools[0].function.parameters.b.c[1].bad"


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"embedding_weight": 0.5, "text_weight": "x"}, "Invalid type for '{}.text_weight': expected a decimal"),
        ({"embedding_weight": None, "text_weight": 1}, "Invalid type for '{}.embedding_weight': expected a decimal"),
        ({"text_weight": 1}, "Missing required parameter: '{}.embedding_weight'."),
        ({"embedding_weight": 1}, "Missing required parameter: '{}.text_weight'."),
        ({"embedding_weight": -1, "text_weight": 1}, "Invalid '{}.embedding_weight': decimal below minimum value."),
        ({"embedding_weight": 0, "text_weight": 0}, "Invalid '{}': one of the weights must be above 0."),
    ],
)
def test_a_wrong_weight_of_a_hybrid_search_is_named(weights: dict[str, Any], message: str) -> None:
    tool = {"type": "file_search", "file_search": {"ranking_options": {"score_threshold": 0, "hybrid_search": weights}}}
    refused = refusal(AssistantBody, ASSISTANT | {"tools": [{"type": "code_interpreter"}, tool]})
    place = "tools[1].file_search.ranking_options.hybrid_search"
    assert refused.message.startswith(message.format(place))
    assert refused.param == next(part for part in message.format(place).split("'") if part.startswith("tools"))


@pytest.mark.parametrize("text", ["\\u0000", "a\\u0000b", "\\ud800", "\\udc00\\ud800"])
@pytest.mark.parametrize(
    ("body", "param"),
    [
        ('{"model": "%s"}', "model"),
        ('{"model": "m", "metadata": {"k": "%s"}}', "metadata.k"),
        ('{"model": "m", "metadata": {"%s": "v"}}', "metadata"),
        ('{"model": "m", "tools": [{"type": "function", "function": {"name": "%s"}}]}', "tools[0].function.name"),
    ],
)
def test_text_that_can_not_be_stored_is_refused_by_its_place(text: str, body: str, param: str) -> None:
    refused = refusal(AssistantBody, (body % text).encode())
    assert (refused.param, refused.code) == (param, "invalid_value")
    assert "can't be stored. Remove it." in refused.message


def test_a_whole_surrogate_pair_is_a_character() -> None:
    assert parse(b'{"model": "m", "name": "\\ud83d\\ude00"}', AssistantBody).name == "\U0001f600"


@pytest.mark.parametrize("raw", [b'{"mod', b"{]", b"\xff", b'{"model": "\xff"}', b"nonsense", b'{"model": "\x00"}'])
def test_what_is_no_json_is_told_so(raw: bytes) -> None:
    assert refusal(AssistantBody, raw).message.startswith("We could not parse the JSON body of your request.")


DEEP = b"[" * 100_000


@pytest.mark.parametrize(
    "raw", [DEEP, b'{"metadata": ' + DEEP, b'{"a":' * 100_000, b'{"x": "\\u0041", "metadata": ' + DEEP]
)
def test_nesting_without_end_is_refused(raw: bytes) -> None:
    refusal(AssistantBody, raw)


def test_no_body_is_an_empty_one() -> None:
    assert parse(b"", ThreadBody) == ThreadBody()
