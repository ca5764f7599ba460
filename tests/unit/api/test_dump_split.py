"""A dump is taken apart the same however it was formatted, packed, encoded, and cut into pieces on its way in."""

import gzip
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retinue.api.dump import split as splitting
from retinue.api.dump.decode import Decoder
from retinue.api.dump.split import Found, Unreadable, split
from retinue.api.dump.text import Characters

Json = dict[str, Any]

EXAMPLES = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
RECORDS = st.lists(
    st.builds(
        lambda id_, rest: {"id": id_, "object": "thread.message", "rest": rest},
        st.text(min_size=1, max_size=6),
        VALUES,
    ),
    max_size=5,
)
FORMATS: dict[str, Callable[[list[Json]], str]] = {
    "lines": lambda records: "\n".join(map(json.dumps, records)),
    "printed over lines": lambda records: "\n".join(json.dumps(r, indent=2, ensure_ascii=False) for r in records),
    "with sorted names": lambda records: "\n".join(json.dumps(r, sort_keys=True) for r in records),
    "a list": json.dumps,
    "a list over lines": lambda records: json.dumps(records, indent=1),
    "lists of lists": lambda records: json.dumps([[r] for r in records]),
    "a page": lambda records: json.dumps({"object": "list", "data": records, "first_id": None, "has_more": False}),
    "a page of the client": lambda records: json.dumps({"data": records, "has_more": True, "object": "list"}, indent=3),
    "two pages": lambda records: json.dumps([{"data": records[:2]}, {"data": records[2:]}]),
    "named lists": lambda records: json.dumps({"threads": records[:1], "messages": records[1:]}),
    "Python's lines": lambda records: "\n".join(map(repr, records)),
    "Python's list": repr,
    "Python's page": lambda records: repr({"data": records, "has_more": True, "object": "list"}),
}


class Pieces:
    """Text that comes in pieces of given sizes."""

    def __init__(self, text: str, sizes: list[int]) -> None:
        self._text, self._sizes = text, sizes

    def read(self, size: int) -> str:
        size = min(size, self._sizes.pop() if self._sizes else size)
        piece, self._text = self._text[:size], self._text[size:]
        return piece


def taken(raw: str | bytes) -> list[Found | Unreadable]:
    return list(split(Characters(io.BytesIO(raw.encode() if isinstance(raw, str) else raw))))


def values(raw: str | bytes) -> list[Json]:
    return [found.value for found in taken(raw) if isinstance(found, Found)]


def bad_lines(raw: str | bytes) -> list[int]:
    return [found.line for found in taken(raw) if isinstance(found, Unreadable)]


def line(id_: str, **more: Any) -> str:
    return json.dumps({"id": id_, "object": "thread.message", "content": [{"type": "text"}], **more})


@pytest.mark.parametrize("name", FORMATS)
@EXAMPLES
@given(records=RECORDS, sizes=st.lists(st.integers(min_value=1, max_value=40), max_size=60))
def test_records_come_out_of_any_format_and_any_pieces(name: str, records: list[Json], sizes: list[int]) -> None:
    found = list(split(Pieces(FORMATS[name](records), sizes)))
    assert [f.value if isinstance(f, Found) else f for f in found] == records


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "packed"])
def test_a_dump_may_be_encoded_and_packed(encoding: str, pack: Any) -> None:
    text = json.dumps([{"id": "é😀"}] * 3, ensure_ascii=False)
    assert values(pack(text.encode(encoding))) == [{"id": "é😀"}] * 3


def test_each_record_tells_the_line_that_it_begins_in() -> None:
    text = "[\n" + ",\n".join(json.dumps({"id": i}, indent=1) for i in range(3)) + "\n]"
    assert [found.line for found in taken(text)] == [2, 5, 8]


@pytest.mark.parametrize(
    "broken",
    [
        line("b")[:-9],
        line("b", text="never closed")[:-4],
        line("b").replace(":", "", 1),
        line("b", x=1).replace("1", "NaN"),
        line("b", x=1).replace("1", '"a"b"'),
        '{"id": "b"',
        "not an object at all",
        '{"a": ' * 100_000,
    ],
)
def test_a_broken_line_is_told_and_the_others_are_taken(broken: str) -> None:
    text = f"{line('a')}\n{broken}\n{line('c')}\n{line('d')}\n"
    assert [value["id"] for value in values(text)] == ["a", "c", "d"]
    assert bad_lines(text) == [2]


def test_broken_lines_in_a_row_are_all_told() -> None:
    assert bad_lines("\n".join([line("a"), line("b")[:-9], line("c")[:-3], line("d")])) == [2, 3]


@pytest.mark.parametrize("broken", [line("b")[:-9], line("b").replace('"id"', '"id'), line("b", x=1).replace("1", "?")])
@pytest.mark.parametrize("between", [", ", ",\n  "])
def test_a_broken_record_of_a_list_is_told_and_the_others_are_taken(broken: str, between: str) -> None:
    text = f"[{between.join([line('a'), broken, line('c'), line('d')])}]"
    assert [value["id"] for value in values(text)] == ["a", "c", "d"]
    assert len(bad_lines(text)) == 1


def test_a_list_that_was_cut_off_is_told() -> None:
    assert bad_lines("[" + line("a") + ",\n") == [2]
    assert values("[" + line("a") + ",\n" + line("b")[:-2]) == [json.loads(line("a"))]


def test_a_packed_file_that_was_cut_off_is_told_and_what_came_before_is_taken() -> None:
    raw = gzip.compress("\n".join(line(str(n)) for n in range(50_000)).encode())
    found = taken(raw[: len(raw) // 2])
    assert len(found) > 1_000
    assert isinstance(found[-1], Unreadable)


def test_bytes_that_are_no_text_spoil_their_own_record_alone() -> None:
    raw = line("a").encode() + b'\n{"id": "b", "x": "\xff\xfe"}\n' + line("c").encode()
    assert [(f.value["id"], f.suspect) for f in taken(raw) if isinstance(f, Found)] == [
        ("a", False),
        ("b", True),
        ("c", False),
    ]


def test_a_record_that_is_too_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splitting, "MAX_RECORD", 1 << 20)
    text = "\n".join([line("a"), line("b", text="x" * (3 << 20)), line("c")])
    assert [value["id"] for value in values(text)] == ["a", "c"]
    assert bad_lines(text) == [2]


@pytest.mark.parametrize("text", ["", "  \n ", "[]", "[[], []]", '{"data": [], "has_more": false}'])
def test_nothing_is_nothing(text: str) -> None:
    assert [found for found in taken(text) if isinstance(found, Unreadable)] == []


@EXAMPLES
@given(st.text(alphabet="{}[]\",:\\'a1 \nNT", max_size=60) | st.binary(max_size=60))
def test_whatever_comes_is_taken_apart(raw: str | bytes) -> None:
    taken(raw)


PYTHONS = [repr(json.loads(line(id_, said=None))) for id_ in "abcd"]


@pytest.mark.parametrize("between", ["\n", ", ", ",\n  "])
@pytest.mark.parametrize("cut", [1, 9, 20, 40])
def test_what_python_printed_and_was_cut_off_is_told_and_the_others_are_taken(between: str, cut: int) -> None:
    text = between.join([PYTHONS[0], PYTHONS[1][:-cut], *PYTHONS[2:]])
    assert [value["id"] for value in values(f"[{text}]")] == ["a", "c", "d"]
    assert len(bad_lines(f"[{text}]")) == 1


def test_many_broken_records_of_one_line_cost_none_of_the_others() -> None:
    records = [line(str(n)) for n in range(3_000)]
    broken = {n: text[:-1] if n % 2 else text[:-9] for n, text in enumerate(records) if n % 100 == 50}
    text = "[" + ", ".join(broken.get(n, text) for n, text in enumerate(records)) + "]"
    assert [int(value["id"]) for value in values(text)] == [n for n in range(3_000) if n not in broken]


PARTS = [
    "{",
    '{"',
    "{'",
    '{"a"',
    "{'a':",
    '{"a":',
    '{"a":[',
    '{"a":1,',
    "{'a':1,",
    '"',
    "'",
    "\\",
    "[",
    "]",
    "}",
    "\n",
    ",",
]
REPEATED = st.lists(st.sampled_from(PARTS), min_size=1, max_size=6).map("".join)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(REPEATED, st.integers(min_value=1, max_value=3_000)), min_size=1, max_size=3))
def test_the_work_grows_with_the_dump_and_no_faster(parts: list[tuple[str, int]]) -> None:
    text = "".join(part * times for part, times in parts)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(splitting, "_STOCK", 2_000)
        patched.setattr(splitting, "_SCARCE", 1_000)
        made = Decoder()
        patched.setattr(splitting, "Decoder", lambda: made)
        taken(text)
    assert made.work < 200 * len(text) + 10_000


@pytest.mark.parametrize("part", ["{'a':", "{'", '{"a"', '{"a":', '{"a":[1,', '{"a":\n', "{'a':'\\"])
def test_the_line_after_a_hostile_one_is_taken(part: str) -> None:
    text = f"{line('a')}\n{part * 50_000}\n{line('c')}\n{line('d')}\n"
    found = [value["id"] for value in values(text) if "id" in value]
    assert found[0] == "a"
    assert found[-1] == "d"


def test_braces_alone_are_passed_over_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []
    decode = Decoder.decode

    def counting(decoder: Decoder, text: str) -> tuple[Json, int]:
        tried.append(len(text))
        return decode(decoder, text)

    monkeypatch.setattr(Decoder, "decode", counting)
    assert bad_lines("{" * 1_000_000) == [1]
    assert len(tried) < 20
    assert sum(tried) < 1_000_000


def test_a_packed_file_that_is_damaged_gives_all_that_comes_before() -> None:
    lines = [line(str(n), text=str(n * 7919)) for n in range(24)]
    raw = gzip.compress("\n".join(lines).encode())
    for place in range(len(raw) // 2, len(raw), 7):
        found = taken(raw[:place] + bytes([raw[place] ^ 0x55]) + raw[place + 1 :])
        assert isinstance(found[-1], Unreadable)
        assert [f.value["id"] for f in found[:3] if isinstance(f, Found)] == ["0", "1", "2"]
    spoiled = taken(raw[:-8] + b"\0" * 8)
    assert [type(f) for f in spoiled] == [Found] * 24 + [Unreadable]
    for cut in range(1, 8):
        assert [type(f) for f in taken(raw[:-cut])] == [Found] * 24 + [Unreadable]


@pytest.mark.parametrize("size", [3, 9_000, 400_000])
def test_what_follows_a_packed_file_costs_nothing_of_it(size: int) -> None:
    raw = gzip.compress(line("a").encode() + b"\n" + b" " * size)
    packed_again = gzip.compress(line("b").encode())
    assert [v["id"] for v in values(raw + packed_again)] == ["a", "b"]
    assert [v["id"] for v in values(raw + b"\0" * size + packed_again + b"\0" * size)] == ["a", "b"]
    assert not bad_lines(raw + b"\0" * size)
    found = taken(raw + b"garbage" * size)
    assert [type(f) for f in found] == [Found, Unreadable]
    assert "follows the end" in str(found[-1])


@EXAMPLES
@given(st.binary(max_size=200), st.integers(min_value=0, max_value=200))
def test_whatever_seems_packed_is_taken_apart(raw: bytes, place: int) -> None:
    taken(b"\x1f\x8b" + raw)
    whole = gzip.compress(line("a").encode() * 5)
    taken(whole[:place] + raw + whole[place:])
