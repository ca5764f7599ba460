"""Bounds of JSON, against what the parser itself says."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retinue.core.json_bounds import MAX_DEPTH, has_bad_text, is_too_deep

BAD = re.compile("[\x00\ud800-\udfff]")
TEXTS = st.text(st.characters(codec=None, exclude_categories=()), max_size=20) | st.sampled_from(
    ["\x00", "\ud800", "\udc00", "\ud83d\ude00", "\ude00\ud83d", '[{"\\', "\\u0000", "\\\\u0000"]
)
VALUES = st.recursive(TEXTS | st.integers(), lambda v: st.lists(v, max_size=4) | st.dictionaries(TEXTS, v, max_size=4))


def texts(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case list():
            return [text for entry in value for text in texts(entry)]
        case dict():
            return [text for key, entry in value.items() for text in [key, *texts(entry)]]
    return []


@given(VALUES)
def test_bad_text_is_found_wherever_it_is_escaped(value: Any) -> None:
    value = json.loads(json.dumps(value))  # halves that stand together become one character
    assert has_bad_text(json.dumps(value).encode()) == any(BAD.search(text) for text in texts(value))


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"[{\\"":', "}"), ('[{"a":', "}]")])
@pytest.mark.parametrize("more", [0, 1, 500])
def test_depth_is_counted_outside_of_texts(opening: str, closing: str, more: int) -> None:
    levels = opening.count("[") + opening.count("{") if opening != '{"[{\\"":' else 1
    times = (MAX_DEPTH + more) // levels
    raw = (opening * times + '"]]["' + closing * times).encode()
    assert is_too_deep(raw) == (times * levels > MAX_DEPTH)


def test_a_wide_value_is_not_deep() -> None:
    assert not is_too_deep(b"[" + b"[{}]," * 1000 + b"[]]")


def test_what_is_no_json_comes_to_an_end() -> None:
    for raw in (b"[" * 100_000, b"]" * 100_000, b'["' * 50_000, b"[}" * 50_000, b'"' + b"\\" * 100_001):
        is_too_deep(raw)
        has_bad_text(raw + b"\\u0000")
