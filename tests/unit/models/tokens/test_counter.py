"""Counts agree with what OpenAI publishes and stay below their bounds, and hostile texts are counted like others."""

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retinue.models.tokens import counter_for

Json = dict[str, Any]

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
WORDS_OF_SCHEMAS = st.sampled_from(
    ["type", "properties", "required", "items", "enum", "anyOf", "default", "description"]
)
TYPES = st.sampled_from(["object", "array", "string", "integer", "null"])
SCHEMAS = st.recursive(
    JSON | TYPES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(WORDS_OF_SCHEMAS | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=20,
)
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}


@pytest.mark.parametrize(
    ("model", "text", "tokens"),
    [
        # https://github.com/openai/openai-cookbook, "How to count tokens with tiktoken"
        ("gpt-4", "antidisestablishmentarianism", 6),
        ("gpt-4o", "antidisestablishmentarianism", 6),
        ("gpt-4", "2 + 2 = 4", 7),
        ("gpt-4o", "2 + 2 = 4", 7),
        ("gpt-4", "お誕生日おめでとう", 9),
        ("gpt-4o", "お誕生日おめでとう", 8),
        ("gpt-4o", "tiktoken is great!", 6),
        # a special token is text like any other
        ("gpt-4", "<|endoftext|>", 7),
        ("gpt-4o", "", 0),
    ],
)
async def test_texts_come_to_what_is_published(model: str, text: str, tokens: int) -> None:
    assert await counter_for(model).count(text) == tokens


@pytest.mark.parametrize(
    ("model", "exact"),
    [
        ("gpt-4o-mini", True),
        ("openai/gpt-4.1", True),
        ("gpt-3.5-turbo-1106", True),
        ("gpt-oss-20b", True),
        ("text-davinci-003", False),
        ("llama3.2:3b", False),
        ("claude-sonnet-4-5", False),
        ("", False),
    ],
)
def test_only_a_known_encoding_is_exact(model: str, exact: bool) -> None:
    assert counter_for(model).exact is exact


@given(text=st.text(st.characters()))
async def test_no_text_comes_to_more_than_its_bound(text: str) -> None:
    for model in ("gpt-4o", "gpt-4"):
        counter = counter_for(model)
        assert await counter.count(text) <= counter.bound(text)


@given(one=st.text(), other=st.text())
async def test_texts_put_together_come_to_hardly_more_than_apart(one: str, other: str) -> None:
    counter = counter_for("gpt-4o")
    apart = await counter.count(one) + await counter.count(other)
    assert await counter.count(one + other) <= apart + 4


@given(schema=SCHEMAS)
async def test_whatever_a_schema_is_it_is_counted_and_bounded(schema: Any) -> None:
    function = {"name": "f", "description": "d", "parameters": {"type": "object", "properties": {"x": schema}}}
    counter, tools = counter_for("gpt-4o"), [{"type": "function", "function": function}]
    assert 0 < await counter.count_tools(tools) <= counter.bound_tools(tools)


def test_types_that_are_listed_over_and_over_are_declared_once() -> None:
    schema: Json = {"type": "string"}
    for _ in range(6):
        schema = {"type": ["object"] * 50, "properties": {"x": schema}}
    tool = {"type": "function", "function": {"name": "f", "parameters": {"properties": {"x": schema}}}}
    assert counter_for("gpt-4o").bound_tools([tool]) < 300


@given(content=st.none() | st.text() | st.lists(JSON.map(lambda value: {"type": "other", "other": value}), max_size=3))
async def test_whatever_a_message_holds_it_is_counted_and_bounded(content: Any) -> None:
    counter, message = counter_for("gpt-4o"), {"role": "user", "content": content}
    assert 0 < await counter.count_message(message) <= counter.bound_message(message)


async def test_an_image_counts_by_its_detail_and_not_by_its_bytes() -> None:
    counter = counter_for("gpt-4o")
    small = {"type": "image_url", "image_url": {**IMAGE["image_url"], "detail": "low"}}  # type: ignore[dict-item]
    none, low, high = [
        await counter.count_message({"role": "user", "content": [{"type": "text", "text": "Look."}, *images]})
        for images in ([], [small], [IMAGE])
    ]
    assert (low - none, high - none) == (85, 1_445)


@pytest.mark.parametrize("run", [" ", "a", "\n", " \t", "é", "😀", "0", "\ud800"])
@pytest.mark.parametrize("model", ["gpt-4o", "gpt-4"])
async def test_a_text_without_end_of_word_is_counted(model: str, run: str) -> None:
    # a million spaces in one piece overflow tiktoken's stack
    text = run * 1_000_000
    assert 0 < await counter_for(model).count(text) <= counter_for(model).bound(text)


_APART = """
import asyncio, sys
from retinue.models.tokens import counter_for

def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname"):
        raise AssertionError(f"{event} {arguments}")
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        raise AssertionError(f"writes {arguments[0]}")

async def count():
    counter = counter_for("gpt-4o")
    assert counter.bound("Hello there.") == 12
    assert "tiktoken" not in sys.modules, "loaded before the first count"
    sys.addaudithook(refuse)
    assert await counter.count("Hello there.") == 3
    assert "requests" not in sys.modules

asyncio.run(count())
"""


def test_counting_needs_no_network_and_leaves_no_file_and_a_bound_loads_nothing() -> None:
    done = subprocess.run([sys.executable, "-B", "-c", _APART], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
