"""Fields, ids and queries of the wrong kind: a clear 4xx that names the place, and nothing is stored."""

from typing import Any

import pytest

from acceptance.place import held, path_ids
from acceptance.runs import WEATHER
from acceptance.wire import (
    ASSISTANT,
    ASSISTANTS,
    CANCEL,
    MESSAGE,
    MESSAGES,
    OUTPUTS,
    RUN,
    RUNS,
    STEP,
    STEPS,
    THREAD,
    THREAD_AND_RUN,
    THREADS,
    Wire,
)

# Fields, each with a value of the wrong type or beyond its bound. `param` must be the place named.

NAME_257 = "n" * 257
WRONG_METADATA: list[tuple[Any, str]] = [
    ("text", "metadata"),
    ([], "metadata"),
    (7, "metadata"),
    ({"a": 1}, "metadata.a"),
    ({"a": None}, "metadata.a"),
    ({"a": ["b"]}, "metadata.a"),
    ({f"k{number}": "" for number in range(17)}, "metadata"),
    ({"a": "v" * 513}, "metadata.a"),
]
WRONG_TOOLS: list[tuple[Any, str]] = [
    ("text", "tools"),
    ({}, "tools"),
    ([7], "tools[0]"),
    ([{}], "tools[0].type"),
    ([{"type": "telepathy"}], "tools[0].type"),
    ([{"type": "function"}], "tools[0].function"),
    ([{"type": "function", "function": {}}], "tools[0].function.name"),
    ([WEATHER, {"type": "function", "function": {"name": 7}}], "tools[1].function.name"),
    ([{"type": "function", "function": {"name": "a b"}}], "tools[0].function.name"),
    ([{"type": "function", "function": {"name": ""}}], "tools[0].function.name"),
    ([{"type": "function", "function": {"name": "a", "parameters": []}}], "tools[0].function.parameters"),
    ([{"type": "function", "function": {"name": "a", "description": 7}}], "tools[0].function.description"),
    ([{"type": "function", "function": {"name": f"f{n}"}} for n in range(129)], "tools"),
    ([{"type": "file_search"}, {"type": "file_search", "file_search": {"max_num_results": 3}}], "tools[1]"),
    ([{"type": "code_interpreter"}, WEATHER, {"type": "code_interpreter"}], "tools[2]"),
    ([WEATHER, WEATHER], "tools[1]"),
]
WRONG_SAMPLING: list[tuple[str, Any, str]] = [
    ("temperature", "warm", "temperature"),
    ("temperature", 2.01, "temperature"),
    ("temperature", -0.01, "temperature"),
    ("temperature", True, "temperature"),
    ("top_p", [], "top_p"),
    ("top_p", 1.01, "top_p"),
    ("response_format", 7, "response_format"),
    ("response_format", "json", "response_format"),
    ("response_format", {"type": "xml"}, "response_format.type"),
    ("response_format", {"type": "json_schema"}, "response_format.json_schema"),
    ("response_format", {"type": "json_schema", "json_schema": {}}, "response_format.json_schema.name"),
    ("reasoning_effort", "enormous", "reasoning_effort"),
]
WRONG_ASSISTANT: list[tuple[str, Any, str]] = [
    ("model", 7, "model"),
    ("model", None, "model"),
    ("name", 7, "name"),
    ("name", NAME_257, "name"),
    ("description", {}, "description"),
    ("description", "d" * 513, "description"),
    ("instructions", ["be brief"], "instructions"),
    ("instructions", "i" * 256_001, "instructions"),
    *(("tools", value, param) for value, param in WRONG_TOOLS),
    *(("metadata", value, param) for value, param in WRONG_METADATA),
    *WRONG_SAMPLING,
    ("tool_resources", 7, "tool_resources"),
    ("tool_resources", {"code_interpreter": 7}, "tool_resources.code_interpreter"),
    ("tool_resources", {"code_interpreter": {"file_ids": 7}}, "tool_resources.code_interpreter.file_ids"),
    ("surprise", 1, "surprise"),
]
WRONG_MESSAGE: list[tuple[str, Any, str]] = [
    ("role", None, "role"),
    ("role", "system", "role"),
    ("role", 7, "role"),
    ("content", None, "content"),
    ("content", 7, "content"),
    ("content", {}, "content"),
    ("content", [], "content"),
    ("content", [7], "content[0]"),
    ("content", [{"type": "text"}], "content[0].text"),
    ("content", [{"type": "text", "text": 7}], "content[0].text"),
    ("content", [{"type": "text", "text": "a"}, {"type": "smell"}], "content[1].type"),
    ("content", [{"type": "image_url"}], "content[0].image_url"),
    ("content", [{"type": "image_url", "image_url": {"url": 7}}], "content[0].image_url.url"),
    (
        "content",
        [{"type": "image_url", "image_url": {"url": "https://a.b/c", "detail": "fine"}}],
        "content[0].image_url.detail",
    ),
    ("content", "c" * 256_001, "content"),
    ("attachments", 7, "attachments"),
    ("attachments", [{"tools": []}], "attachments[0].file_id"),
    *(("metadata", value, param) for value, param in WRONG_METADATA),
    ("surprise", 1, "surprise"),
]
WRONG_RUN: list[tuple[str, Any, str]] = [
    ("assistant_id", None, "assistant_id"),
    ("assistant_id", 7, "assistant_id"),
    ("model", 7, "model"),
    ("instructions", 7, "instructions"),
    ("additional_instructions", 7, "additional_instructions"),
    ("additional_messages", 7, "additional_messages"),
    ("additional_messages", [7], "additional_messages[0]"),
    ("additional_messages", [{"role": "user"}], "additional_messages[0].content"),
    ("additional_messages", [{"content": "a"}], "additional_messages[0].role"),
    *(("tools", value, param) for value, param in WRONG_TOOLS),
    *(("metadata", value, param) for value, param in WRONG_METADATA),
    *WRONG_SAMPLING,
    ("stream", "yes", "stream"),
    ("max_prompt_tokens", "many", "max_prompt_tokens"),
    ("max_prompt_tokens", 1.5, "max_prompt_tokens"),
    ("max_completion_tokens", 0, "max_completion_tokens"),
    ("max_completion_tokens", -1, "max_completion_tokens"),
    ("truncation_strategy", 7, "truncation_strategy"),
    ("truncation_strategy", {}, "truncation_strategy.type"),
    ("truncation_strategy", {"type": "middle"}, "truncation_strategy.type"),
    ("truncation_strategy", {"type": "last_messages", "last_messages": 0}, "truncation_strategy.last_messages"),
    ("tool_choice", "maybe", "tool_choice"),
    ("tool_choice", 7, "tool_choice"),
    ("tool_choice", {"type": "function"}, "tool_choice.function"),
    ("parallel_tool_calls", "yes", "parallel_tool_calls"),
    ("surprise", 1, "surprise"),
]
WRONG_THREAD: list[tuple[str, Any, str]] = [
    ("messages", 7, "messages"),
    ("messages", [7], "messages[0]"),
    ("messages", [{"role": "user", "content": "a"}, {"role": "user"}], "messages[1].content"),
    ("messages", [{"role": "user", "content": "a", "metadata": {"b": 1}}], "messages[0].metadata.b"),
    *(("metadata", value, param) for value, param in WRONG_METADATA),
    ("tool_resources", "all", "tool_resources"),
    ("surprise", 1, "surprise"),
]
WRONG_OUTPUTS: list[tuple[str, Any, str]] = [
    ("tool_outputs", None, "tool_outputs"),
    ("tool_outputs", 7, "tool_outputs"),
    ("tool_outputs", [7], "tool_outputs[0]"),
    ("tool_outputs", [{"tool_call_id": 7, "output": ""}], "tool_outputs[0].tool_call_id"),
    ("tool_outputs", [{"tool_call_id": "call_a", "output": 7}], "tool_outputs[0].output"),
    ("stream", "yes", "stream"),
    ("surprise", 1, "surprise"),
]

VALID: dict[str, dict[str, Any]] = {
    ASSISTANTS: {"model": "gpt-4o"},
    ASSISTANT: {"name": "changed"},
    THREADS: {},
    THREAD: {"metadata": {"changed": "yes"}},
    MESSAGES: {"role": "user", "content": "added"},
    MESSAGE: {"metadata": {"changed": "yes"}},
    RUNS: {},
    RUN: {"metadata": {"changed": "yes"}},
    OUTPUTS: {"tool_outputs": []},
    THREAD_AND_RUN: {"thread": {"messages": [{"role": "user", "content": "say hello"}]}},
}
"""A body that would change something, for each operation that takes one; `bodies` puts the ids in."""

METADATA_ALONE = [("metadata", value, param) for value, param in WRONG_METADATA] + [("surprise", 1, "surprise")]
CASES: list[tuple[str, str, Any, str]] = [
    (template, field, value, param)
    for template, wrong in (
        (ASSISTANTS, WRONG_ASSISTANT),
        (ASSISTANT, [case for case in WRONG_ASSISTANT if case[:2] != ("model", None)]),
        (THREADS, WRONG_THREAD),
        (THREAD, METADATA_ALONE),
        (MESSAGES, WRONG_MESSAGE),
        (MESSAGE, METADATA_ALONE),
        (RUNS, WRONG_RUN),
        (RUN, METADATA_ALONE),
        (OUTPUTS, WRONG_OUTPUTS),
        (THREAD_AND_RUN, [case for case in WRONG_RUN if not case[0].startswith("additional")]),
        (
            THREAD_AND_RUN,
            [("thread", {field: value}, f"thread.{param}") for field, value, param in WRONG_THREAD]
            + [("thread", 7, "thread"), ("thread", [], "thread")],
        ),
    )
    for field, value, param in wrong
]


def body_for(template: str, place: dict[str, str]) -> dict[str, Any]:
    body = dict(VALID[template])
    if template in (RUNS, THREAD_AND_RUN):
        body["assistant_id"] = place["assistant_id"]
    return body


@pytest.mark.parametrize("template", list(VALID))
def test_every_field_of_a_wrong_type_is_named(wire: Wire, place: dict[str, str], template: str) -> None:
    before = held(wire, place)
    wrong = []
    for _, field, value, param in [case for case in CASES if case[0] == template]:
        body = {**body_for(template, place), field: value}
        answer = wire.call("POST", template, body, **path_ids(template, place))
        error = (answer.body or {}).get("error", {})
        if answer.status != 400 or error.get("param") != param:
            wrong.append(
                f"{field}={_short(value)}: {answer.status}, param {error.get('param')!r}, expected 400, {param!r}: "
                f"{error.get('message', answer.raw)!r:.200}"
            )
    assert not wrong, f"POST {template}:\n" + "\n".join(wrong)
    assert held(wire, place) == before


@pytest.mark.parametrize(
    ("template", "field"),
    [
        (ASSISTANTS, "model"),
        (MESSAGES, "role"),
        (MESSAGES, "content"),
        (RUNS, "assistant_id"),
        (THREAD_AND_RUN, "assistant_id"),
        (OUTPUTS, "tool_outputs"),
    ],
)
def test_missing_field_is_named(wire: Wire, place: dict[str, str], template: str, field: str) -> None:
    body = {key: value for key, value in body_for(template, place).items() if key != field}
    error = wire.refused(400, "POST", template, body, **path_ids(template, place))
    assert error["param"] == field
    assert field in error["message"]


# Texts of the contract, to the letter


def test_too_many_pairs_in_metadata(wire: Wire) -> None:
    error = wire.refused(400, "POST", THREADS, {"metadata": {f"k{number}": "" for number in range(17)}})
    assert error["message"] == (
        "Invalid 'metadata': too many properties. Expected an object with at most 16 properties, "
        "but got an object with 17 properties instead."
    )
    assert (error["param"], error["code"]) == ("metadata", "object_above_max_properties")


def test_key_of_metadata_that_is_too_long(wire: Wire) -> None:
    error = wire.refused(400, "POST", THREADS, {"metadata": {"k" * 65: "v"}})
    assert error["param"].startswith("metadata")
    assert "64" in error["message"]
    assert "65" in error["message"]


def test_metadata_of_the_wrong_type(wire: Wire) -> None:
    error = wire.refused(400, "POST", THREADS, {"metadata": {"modified": True}})
    assert error["message"] == "Invalid type for 'metadata.modified': expected a string, but got a boolean instead."
    assert (error["param"], error["code"]) == ("metadata.modified", "invalid_type")


def test_message_that_is_too_long(wire: Wire, place: dict[str, str]) -> None:
    here = {"thread_id": place["thread_id"]}
    error = wire.refused(400, "POST", MESSAGES, {"role": "user", "content": "ü" * 256_001}, **here)
    assert error["message"] == (
        "Invalid 'content': string too long. Expected a string with maximum length 256000, "
        "but got a string with length 256001 instead."
    )
    assert (error["param"], error["code"]) == ("content", "string_above_max_length")


def test_longest_message_is_taken(wire: Wire) -> None:
    thread = wire.post(THREADS)
    text = "🧵" * 256_000
    made = wire.post(MESSAGES, {"role": "user", "content": text}, thread_id=thread["id"])
    assert made["content"][0]["text"]["value"] == text


# Ids


def test_id_of_another_kind_is_refused(wire: Wire) -> None:
    error = wire.refused(400, "GET", THREAD, thread_id="1234")
    assert error["message"] == "Invalid 'thread_id': '1234'. Expected an ID that begins with 'thread'."
    assert (error["param"], error["code"]) == ("thread_id", "invalid_value")


UNKNOWN: list[tuple[str, str, str, str]] = [
    ("GET", ASSISTANT, "assistant_id", "No assistant found with id 'asst_none'."),
    ("POST", ASSISTANT, "assistant_id", "No assistant found with id 'asst_none'."),
    ("DELETE", ASSISTANT, "assistant_id", "No assistant found with id 'asst_none'."),
    *(
        (method, template, "thread_id", "No thread found with id 'thread_none'.")
        for method, template in [
            ("GET", THREAD),
            ("POST", THREAD),
            ("DELETE", THREAD),
            ("GET", MESSAGES),
            ("POST", MESSAGES),
            ("GET", RUNS),
            ("POST", RUNS),
        ]
    ),
    *((method, MESSAGE, "message_id", "No message found with id 'msg_none'.") for method in ("GET", "POST", "DELETE")),
    *(
        (method, template, "run_id", "No run found with id 'run_none'.")
        for method, template in [("GET", RUN), ("POST", RUN), ("POST", CANCEL), ("GET", STEPS), ("POST", OUTPUTS)]
    ),
    ("GET", STEP, "step_id", "No run step found with id 'step_none'."),
]
NONE = {
    "assistant_id": "asst_none",
    "thread_id": "thread_none",
    "message_id": "msg_none",
    "run_id": "run_none",
    "step_id": "step_none",
}


@pytest.mark.parametrize(("method", "template", "unknown", "message"), UNKNOWN)
def test_unknown_id_is_not_found(
    wire: Wire, place: dict[str, str], method: str, template: str, unknown: str, message: str
) -> None:
    known = path_ids(template, place)
    body = body_for(template, place) if template in VALID and method == "POST" else None
    if template == OUTPUTS:
        body = {"tool_outputs": [{"tool_call_id": "call_a", "output": ""}]}
    error = wire.refused(404, method, template, body, **{**known, unknown: NONE[unknown]})
    assert error["message"] == message


@pytest.mark.parametrize("strange", ["thread_\x00", "thread_%", "thread_'; --", "thread_" + "x" * 2000, "thread_ü"])
def test_strange_id_is_refused(wire: Wire, strange: str) -> None:
    answer = wire.call("GET", THREAD, thread_id=strange)
    assert answer.status in (400, 404), answer


# Queries


@pytest.mark.parametrize(
    ("key", "value"),
    [("limit", "0"), ("limit", "101"), ("limit", "-1"), ("limit", "many"), ("order", "up")],
)
@pytest.mark.parametrize("template", [ASSISTANTS, MESSAGES, RUNS, STEPS])
def test_bad_query_is_named(wire: Wire, place: dict[str, str], template: str, key: str, value: str) -> None:
    error = wire.refused(400, "GET", template, None, {key: value}, **path_ids(template, place))
    assert error["param"] == key


@pytest.mark.parametrize("key", ["after", "before"])
@pytest.mark.parametrize("template", [ASSISTANTS, MESSAGES, RUNS, STEPS])
def test_unknown_cursor_is_no_server_error(wire: Wire, place: dict[str, str], template: str, key: str) -> None:
    answer = wire.call("GET", template, None, {key: "none_such"}, **path_ids(template, place))
    assert answer.status in (200, 400, 404), answer


def _short(value: Any) -> str:
    return repr(value)[:80]
