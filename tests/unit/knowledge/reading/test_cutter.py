"""Text in windows: nothing lost, nothing doubled, never too long, in time that grows with the text alone."""

from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retinue.knowledge.reading.cutter import Cutter
from retinue.knowledge.reading.units import Vocabulary
from retinue.models.tokens.encodings import Encoding, load

ENCODING = load("cl100k_base")
WORDS = st.sampled_from(
    [
        "the",
        " ",
        "\n",
        "\r\n",
        "\t",
        ".",
        "! ",
        "foo_bar",
        "    ",
        "漢字",
        "😀",
        "שלום",
        "é",
        "x" * 70,
        "! ",
        "}\n",
        "\u2028",
        "\x85",
        "\f",
    ]
)
TEXTS = st.lists(WORDS | st.text(max_size=20), max_size=120).map("".join)
PIECES = st.lists(st.tuples(st.none() | st.integers(1, 3), TEXTS), max_size=6)
PROSE = "A pump moves water. Its handle is long, and whoever works it needs patience! Does it rust? It does not.\n" * 40

Cut = tuple[int | None, str]


def cut(pieces: Iterable[Cut], *, tokens: int, encoding: Encoding = ENCODING) -> list[Cut]:
    cutter = Cutter(Vocabulary(encoding), tokens=tokens)
    windows = [window for page, text in pieces for window in cutter.push(page, text)]
    return [*windows, *cutter.end()]


def joined(pieces: Sequence[Cut]) -> list[tuple[int | None, str]]:
    """Join the texts of neighbours on one page."""
    pages: list[tuple[int | None, str]] = []
    for page, text in pieces:
        if pages and pages[-1][0] == page:
            pages[-1] = (page, pages[-1][1] + text)
        elif text:
            pages.append((page, text))
    return pages


class Counting:
    """An encoding that counts the characters it is asked about."""

    def __init__(self) -> None:
        self.characters = 0

    def encode_ordinary(self, text: str) -> list[int]:
        self.characters += len(text)
        return ENCODING.encode_ordinary(text)


@given(pieces=PIECES, tokens=st.integers(50, 200))
def test_the_windows_of_a_page_joined_are_its_text(pieces: list[Cut], tokens: int) -> None:
    assert joined(cut(pieces, tokens=tokens)) == joined([(page, text) for page, text in pieces if text])


@given(text=TEXTS, tokens=st.integers(50, 200))
def test_no_window_has_more_tokens_than_asked(text: str, tokens: int) -> None:
    assert all(len(ENCODING.encode_ordinary(window)) <= tokens for _, window in cut([(None, text)], tokens=tokens))


def test_windows_of_prose_are_filled_and_end_with_a_line_or_a_sentence() -> None:
    windows = [window for _, window in cut([(None, PROSE)], tokens=60)]
    assert all(window.endswith((".", "!", "?", "\n")) for window in windows)
    assert all(len(ENCODING.encode_ordinary(window)) >= 45 for window in windows[:-1])


def test_a_word_is_not_cut_where_it_need_not_be() -> None:
    text = " ".join(f"extraordinarily{number}" for number in range(2_000))
    words = [word for _, window in cut([(None, text)], tokens=100) for word in window.split()]
    assert words == text.split()


@pytest.mark.parametrize(
    "character",
    ["a", " ", "\n", "\t", "!", "1", "😀", "漢", "\u0301", "é", "a\u0301", "=-", "\r\n", "\u202eאב", "x" * 49 + " "],
)
def test_a_text_without_an_end_of_words_takes_time_that_grows_with_its_length_alone(character: str) -> None:
    text = character * (300_000 // len(character))
    counting = Counting()
    windows = cut([(None, text)], tokens=50, encoding=counting)
    assert "".join(window for _, window in windows) == text
    assert max(len(ENCODING.encode_ordinary(window)) for _, window in windows) <= 50
    assert counting.characters <= 20 * len(text)


def test_many_small_pieces_are_cut_as_one_text() -> None:
    whole = cut([(None, PROSE)], tokens=80)
    assert cut([(None, character) for character in PROSE], tokens=80) == whole
