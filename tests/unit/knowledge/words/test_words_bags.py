"""Bags packed and unpacked, and what is no packed bag."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retinue.knowledge.words import TornBags, bags_of, pack, pack_texts, terms_of, unpack

WINDOWS = st.lists(st.dictionaries(st.integers(0, 2**32 - 1), st.integers(1, 1000), max_size=20), max_size=20)


@given(WINDOWS)
def test_what_is_packed_comes_back(windows: Sequence[Mapping[int, int]]) -> None:
    bags = unpack(pack(windows))
    assert len(bags) == len(windows)
    pairs = zip(bags.rows.tolist(), bags.terms.tolist(), bags.counts.tolist(), strict=True)
    expected = [(row, term, min(n, 255)) for row, window in enumerate(windows) for term, n in window.items()]
    assert list(pairs) == expected
    assert bags.lengths.tolist() == [sum(min(n, 255) for n in window.values()) for window in windows]


@given(st.lists(st.text(st.characters()) | st.just("to be or not to be " * 300), max_size=8))
def test_texts_are_packed_as_their_terms_are(texts: list[str]) -> None:
    bags, expected = unpack(pack_texts(texts)), unpack(pack([terms_of(text) for text in texts]))
    assert bags.sizes.tolist() == expected.sizes.tolist()
    triples = [sorted(zip(b.rows.tolist(), b.terms.tolist(), b.counts.tolist(), strict=True)) for b in (bags, expected)]
    assert triples[0] == triples[1]


@given(WINDOWS, st.data())
def test_a_part_holds_its_windows(windows: Sequence[Mapping[int, int]], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(windows)))
    stop = data.draw(st.integers(start, len(windows)))
    part, expected = bags_of(windows).part(start, stop), bags_of(windows[start:stop])
    assert part.sizes.tolist() == expected.sizes.tolist()
    assert part.terms.tolist() == expected.terms.tolist()
    assert part.counts.tolist() == expected.counts.tolist()


@given(WINDOWS, st.data())
def test_torn_bags_are_noticed(windows: Sequence[Mapping[int, int]], data: st.DataObject) -> None:
    packed = pack(windows)
    with pytest.raises(TornBags):
        unpack(packed[: data.draw(st.integers(0, len(packed) - 1))])


@pytest.mark.parametrize(
    "wrong",
    [b"\x02" + bytes(8), b"\x01\x01\0\0\0\x01\0\0\0" + b"\x02\0\0\0" + bytes(5), bytes(9), b"\x01" + b"\xff" * 8],
)
def test_foreign_bytes_are_noticed(wrong: bytes) -> None:
    with pytest.raises(TornBags):
        unpack(wrong)
