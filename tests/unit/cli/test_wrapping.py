from hypothesis import given
from hypothesis import strategies as st

from retinue.cli.wrapping import Wrapping

WORDS = st.lists(st.text("ab", min_size=1, max_size=10), min_size=1, max_size=60)


@given(WORDS, st.integers(10, 40))
def test_words_stay_whole_and_lines_within_the_width(words: list[str], width: int) -> None:
    wrapping = Wrapping()
    text = "".join(wrapping.wrapped(f"{word} ", width) for word in words)
    assert text.split() == words
    assert max(map(len, text.splitlines())) <= width


def test_line_ends_and_indentation_stay() -> None:
    assert Wrapping().wrapped("one\n\n    two\n", 40) == "one\n\n    two\n"


def test_word_longer_than_the_width_is_left_to_the_terminal() -> None:
    assert Wrapping().wrapped("a bbbbbbbbbbbb c\n", 10) == "a\nbbbbbbbbbbbb\nc\n"
