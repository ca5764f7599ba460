"""The code in a call's arguments: whatever way they are written, and however they are cut."""

import itertools
import json
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from retinue.core.code import CodeScanner, code_of
from retinue.core.surrogates import mended

WRITTEN = st.one_of(
    st.text(alphabet='{}[]",:\\/u0adDbBcn \nié😀code', max_size=80),
    st.dictionaries(
        st.sampled_from(["code", "input", "python", "x"]), st.text() | st.lists(st.text(max_size=3)), max_size=4
    ).map(json.dumps),
    st.text().map(lambda code: json.dumps({"code": code})),
    st.text().map(lambda code: json.dumps({"code": code}, ensure_ascii=False)),
)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ('{"code": "print(1)"}', "print(1)"),
        ('{"code":"a = \\"x\\"\\nb\\t\\u00e9\\/"}', 'a = "x"\nb\té/'),
        ('{"code": "a\nb"}', "a\nb"),
        ('{"why": {"code": ["no", {"x": "}"}]}, "n": 1.5, "code": "a", "more": 2}', "a"),
        ('{"input": "a"}', "a"),
        ('{"python": "b", "input": "a"}', "a"),
        ('{"input": "a", "code": "b"}', "b"),
        ('{"code": null, "input": "a"}', "a"),
        ('{"code": "a", "code": "b"}', "a"),
        ('  "print(1)"  ', "print(1)"),
        ("print(1)\n", "print(1)\n"),
        ('"""Says."""\nprint(1)', '"""Says."""\nprint(1)'),
        ("{x for x in y}", "{x for x in y}"),
        ('{"code": "print(1', "print(1"),
        ('{"code": "print(1\\', "print(1"),
        ('{"code": "print(1\\u00', "print(1"),
        ('{"code": "\\d \\uXYZ"}', "\\d \\uXYZ"),
        ('{"code": "\\ud83d\\ude00"}', "\U0001f600"),
        ('{"code": "\\ud83d!"}', "\ufffd!"),
        ('{"code": "\\ud83d"}', "\ufffd"),
        ('{"code": "\\ude00\\ud83d', "\ufffd\ufffd"),
        ("{}", ""),
        ('{"x": "a"}', ""),
        ('""', ""),
        ('"', ""),
        ("", ""),
        ("{", ""),
    ],
)
def test_the_code_is_found_in_what_models_write(arguments: str, code: str) -> None:
    assert code_of(arguments) == code


@given(st.text())
def test_code_that_is_written_as_asked_is_found_letter_by_letter(code: str) -> None:
    assert code_of(json.dumps({"code": code})) == code
    assert code_of(json.dumps(code)) == code


@given(WRITTEN, st.lists(st.integers(0, 200), max_size=10))
@example('"""x"""', [1, 2])
@example('{"code": "\\ud83d\\ude00"}', [12, 15, 16, 21])
def test_however_arguments_are_cut_the_same_code_comes_out(arguments: str, places: list[int]) -> None:
    cuts = [0, *sorted(min(place, len(arguments)) for place in places), len(arguments)]
    scanner = CodeScanner()
    pieces = [scanner.take(arguments[a:b]) for a, b in itertools.pairwise(cuts)]
    assert "".join(pieces) + scanner.end() == code_of(arguments)
    letters = CodeScanner()
    assert "".join(map(letters.take, arguments)) + letters.end() == code_of(arguments)


@given(WRITTEN)
def test_no_half_of_a_character_gets_through(arguments: str) -> None:
    code = code_of(arguments)
    assert mended(code) == code


def test_code_is_told_as_it_comes() -> None:
    scanner = CodeScanner()
    assert [scanner.take(piece) for piece in ('{"co', 'de": "', "pri", "nt(\\", 'n1)"', "}")] == [
        "",
        "",
        "pri",
        "nt(",
        "\n1)",
        "",
    ]


@pytest.mark.parametrize("letter", ["\\n", "{", "[", '"', " ", "\\ud83d", "\\u", "\\"])
def test_a_lot_of_anything_is_read_once(letter: str) -> None:
    whole = '{"x": ' + letter * 200_000, '{"code": "' + letter * 200_000, letter * 200_000
    before = time.process_time()
    for arguments in whole:
        code_of(arguments)
        scanner = CodeScanner()
        for at in range(0, len(arguments), 64):
            scanner.take(arguments[at : at + 64])
    assert time.process_time() - before < 20  # quadratic, it would be minutes
