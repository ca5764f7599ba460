"""Markdown that comes in pieces is cut the same in whatever pieces it came, and nothing of it is lost."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retinue.cli.chat.screen.blocks import Block, Blocks
from retinue.cli.chat.screen.clean import clean

LINES = st.sampled_from(
    [
        "text",
        "  more text",
        "# heading",
        "===",
        "---",
        "- item",
        "  - nested",
        "1. first",
        "2. second",
        "   in it",
        "```python",
        "```",
        "~~~",
        "    code",
        "| a | b |",
        "|---|---|",
        "> quoted",
        "",
        "",
        "$$",
        "\\[ x",
        "\\]",
        "<b>html</b>",
        "[a]: /url",
        "**bold",
        "`code",
        "x\n" * 20,
    ]
)
MARKDOWN = st.lists(LINES, max_size=40).map("\n".join)
TEXTS = st.one_of(MARKDOWN, st.text(max_size=300).map(clean))


def blocks_of(pieces: list[str]) -> list[Block]:
    blocks = Blocks()
    return [*(block for piece in pieces for block in blocks.feed(piece)), *blocks.close()]


def words(text: str) -> list[str]:
    """The words but those that open and close code: each part of a long one is code by itself."""
    return [word for word in text.split() if not word.startswith(("```", "~~~"))]


@st.composite
def in_pieces(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> list[str]:
    text = draw(texts)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=20)))
    return [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]


@given(in_pieces(TEXTS))
def test_any_text_in_any_pieces_gives_the_same_blocks(pieces: list[str]) -> None:
    assert blocks_of(pieces) == blocks_of(["".join(pieces)])


@given(in_pieces(TEXTS))
def test_no_word_is_lost_or_said_twice(pieces: list[str]) -> None:
    said = " ".join(block.source for block in blocks_of(pieces))
    assert words(said) == words("".join(pieces))


@given(in_pieces(MARKDOWN))
def test_what_waits_is_what_would_come_if_the_text_ended(pieces: list[str]) -> None:
    blocks = Blocks()
    finished = [block for piece in pieces for block in blocks.feed(piece)]
    assert [*finished, *blocks.waiting()] == blocks_of(pieces)
    assert [*blocks.waiting()] == [*blocks.close()]


def test_a_block_is_given_as_soon_as_the_next_one_has_begun() -> None:
    blocks = Blocks()
    assert [*blocks.feed("One.\n\nTwo")] == []
    assert [*blocks.feed(" goes on\n")] == [Block(source="One.", apart=False)]


def test_code_is_given_as_soon_as_it_is_closed() -> None:
    assert [*Blocks().feed("```\nx = 1\n```\n")] == [Block(source="```\nx = 1\n```", apart=False)]


def test_long_code_is_given_in_parts_that_are_code_each() -> None:
    lines = [f"line {number}" for number in range(75)]
    given = blocks_of(["```python\n" + "\n".join(lines) + "\n```\nAfter.\n"])
    code = [re.sub(r"^```python\n|\n?```$", "", block.source).splitlines() for block in given[:-1]]
    assert [len(part) for part in code] == [30, 30, 15]
    assert [line for part in code for line in part] == lines
    assert [block.apart for block in given] == [False, False, False, True]


@pytest.mark.parametrize("line", ["word " * 30_000, "| a | b |\n|---|---|\n" + "| c | d |\n" * 1_500, "x" * 120_000])
def test_what_never_ends_is_shown_all_the_same(line: str) -> None:
    blocks = Blocks()
    given = [block for start in range(0, len(line), 1000) for block in blocks.feed(line[start : start + 1000])]
    assert given
    assert sum(len(block.source) for block in [*given, *blocks.close()]) >= len(line) * 0.99


def test_items_stand_close_unless_they_were_written_apart() -> None:
    assert [block.apart for block in blocks_of(["Text:\n\n- a\n- b\n\n- c\n\nEnd\n"])] == [
        False,
        True,
        False,
        True,
        True,
    ]
