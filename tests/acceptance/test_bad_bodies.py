"""Bodies that are no requests, paths and methods that are none: a clear 4xx, and nothing is stored."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acceptance.place import held, path_ids
from acceptance.runs import WEATHER, ids, waiting
from acceptance.server import Server
from acceptance.wire import ASSISTANTS, MESSAGES, OUTPUTS, RUN, RUNS, THREADS, Wire, expect_error

MEBIBYTE = 2**20


BROKEN: dict[str, bytes] = {
    "empty text": b" ",
    "cut": b'{"model": "gpt-4o"',
    "two values": b"{} {}",
    "single quotes": b"{'model': 'gpt-4o'}",
    "not a number": b'{"model": "gpt-4o", "temperature": NaN}',
    "infinite number": b'{"model": "gpt-4o", "temperature": 1e400}',
    "no UTF-8": b'{"model": "gpt-4o", "name": "\xff\xfe"}',
    "UTF-16": '{"model": "gpt-4o"}'.encode("utf-16"),
    "cut escape": b'{"model": "gpt-4o", "name": "\\u12"}',
    "nested arrays": b"[" * MEBIBYTE,
    "nested objects": b'{"a":' * (MEBIBYTE // 5),
    "closed nested arrays": b"[" * (MEBIBYTE // 2) + b"]" * (MEBIBYTE // 2),
    "nested arrays in a field": b'{"model":"gpt-4o","metadata":' + b"[" * 500_000 + b"]" * 500_000 + b"}",
}


@pytest.mark.parametrize("kind", list(BROKEN))
def test_broken_json_is_refused(wire: Wire, place: dict[str, str], kind: str) -> None:
    before = held(wire, place)
    answer = wire.send("POST", "/v1/assistants", BROKEN[kind])
    expect_error(answer, 400)
    assert held(wire, place) == before


@pytest.mark.parametrize("body", [b"[]", b"7", b'"text"', b"null", b"true"])
def test_body_that_is_no_object_is_refused(wire: Wire, place: dict[str, str], body: bytes) -> None:
    before = held(wire, place)
    expect_error(wire.send("POST", "/v1/assistants", body), 400)
    assert held(wire, place) == before


def test_body_beyond_all_bounds_is_refused(wire: Wire, place: dict[str, str]) -> None:
    before = held(wire, place)
    body = json.dumps({"model": "gpt-4o", "instructions": "i" * (64 * MEBIBYTE)}).encode()
    try:
        answer = wire.send("POST", "/v1/assistants", body)
    except OSError:  # the server may hang up on the rest
        pass
    else:
        assert answer.status in (400, 413), answer
    assert held(wire, place) == before


# NUL and lone surrogates

ODD: dict[str, str] = {"NUL": "\\u0000", "lone high surrogate": "\\ud800", "lone low surrogate": "a\\udc00b"}
ODD_BODIES: dict[str, tuple[str, str]] = {
    "content": (MESSAGES, '{"role": "user", "content": "%s"}'),
    "content[0].text": (MESSAGES, '{"role": "user", "content": [{"type": "text", "text": "%s"}]}'),
    "metadata.a": (THREADS, '{"metadata": {"a": "%s"}}'),
    "metadata": (THREADS, '{"metadata": {"%s": "a"}}'),
    "name": (ASSISTANTS, '{"model": "gpt-4o", "name": "%s"}'),
    "instructions": (ASSISTANTS, '{"model": "gpt-4o", "instructions": "%s"}'),
    "model": (ASSISTANTS, '{"model": "%s"}'),
    "tools[0].function.description": (
        ASSISTANTS,
        '{"model": "m", "tools": [{"type": "function", "function": {"name": "a", "description": "%s"}}]}',
    ),
}


@pytest.mark.parametrize("odd", list(ODD))
@pytest.mark.parametrize("field", list(ODD_BODIES))
def test_text_that_is_no_text_is_refused(wire: Wire, place: dict[str, str], field: str, odd: str) -> None:
    template, body = ODD_BODIES[field]
    path = "/v1" + template.format_map(place)
    answer = wire.send("POST", path, (body % ODD[odd]).encode())
    assert answer.status == 400, f"{odd} in {field} answered {answer.status}, expected 400: {answer.raw[:500]!r}"
    error = expect_error(answer, 400)
    assert odd != "NUL" or error["param"] is not None, error
    held(wire, place)


def test_outputs_with_odd_text_are_refused_and_the_run_waits_on(wire: Wire, place: dict[str, str]) -> None:
    run = waiting(wire, place["assistant_id"], "weather in Oslo")
    (call,) = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    body = json.dumps({"tool_outputs": [{"tool_call_id": call["id"], "output": "\ud800"}]})
    answer = wire.send("POST", "/v1" + OUTPUTS.format_map(ids(run)), body.encode())
    expect_error(answer, 400)
    assert wire.get(RUN, **ids(run)) == run


# Anything at all

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)
RICH: dict[str, dict[str, Any]] = {
    ASSISTANTS: {
        "model": "gpt-4o",
        "name": "a",
        "tools": [WEATHER, {"type": "file_search"}],
        "metadata": {"a": "b"},
        "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {}}},
        "tool_resources": {"code_interpreter": {"file_ids": []}},
    },
    THREADS: {
        "messages": [{"role": "user", "content": [{"type": "text", "text": "a"}], "attachments": []}],
        "metadata": {"a": "b"},
    },
    MESSAGES: {
        "role": "user",
        "content": [{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": "https://a.b/c"}}],
        "attachments": [{"file_id": "file-a", "tools": [{"type": "file_search"}]}],
    },
    RUNS: {
        "assistant_id": "asst_none",
        "additional_messages": [{"role": "user", "content": "a"}],
        "tools": [WEATHER],
        "tool_choice": {"type": "function", "function": {"name": "get_weather"}},
        "truncation_strategy": {"type": "last_messages", "last_messages": 1},
    },
    OUTPUTS: {"tool_outputs": [{"tool_call_id": "call_a", "output": "b"}], "stream": False},
}
"""A body for each kind of request with every kind of place that a wrong value can stand in."""


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON value, the whole of it first."""
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, (*path, index))


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The JSON value with another one at that place."""
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = put(value[path[0]], path[1:], new)
    return copy


@pytest.mark.parametrize("template", list(RICH))
def test_no_value_anywhere_in_a_body_breaks_the_server(server: Server, place: dict[str, str], template: str) -> None:
    wire = Wire(server.port)
    thread = wire.post(THREADS)
    where = {**path_ids(template, place), **({"thread_id": thread["id"]} if template == MESSAGES else {})}

    @settings(max_examples=150, deadline=None, derandomize=True, database=None)
    @given(path=st.sampled_from(list(places(RICH[template]))), value=JSON)
    def check(path: tuple[Any, ...], value: Any) -> None:
        body = put(RICH[template], path, value)
        answer = wire.call("POST", template, body, **where)
        assert answer.status in (200, 400, 404), f"{answer.status} for {body}: {answer.raw[:500]!r}"

    check()


# Paths and methods


@pytest.mark.parametrize("path", ["/v1/assistant", "/v1/threads/thread_a/nothing", "/v1", "/nothing", "/v1/"])
def test_unknown_path_is_not_found(wire: Wire, path: str) -> None:
    expect_error(wire.send("GET", path), 404)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/v1/assistants"),
        ("DELETE", "/v1/assistants"),
        ("PATCH", "/v1/threads/thread_a"),
        ("GET", "/v1/threads"),
        ("PUT", "/v1/threads/thread_a/messages"),
        ("GET", "/v1/threads/thread_a/runs/run_a/cancel"),
        ("GET", "/v1/threads/thread_a/runs/run_a/submit_tool_outputs"),
        ("POST", "/v1/models"),
    ],
)
def test_wrong_method_is_not_allowed(wire: Wire, method: str, path: str) -> None:
    answer = wire.send(method, path, b"{}" if method != "GET" else None)
    expect_error(answer, 405)
