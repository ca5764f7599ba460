"""Markdown as it stands on a terminal."""

import io

import pytest
from rich.console import Console

from retinue.cli.chat.screen.blocks import Blocks
from retinue.cli.chat.screen.markdown import STYLES, lines_of


def drawn(source: str, width: int = 40) -> str:
    """The text of what is drawn."""
    console = Console(file=io.StringIO(), width=width, theme=STYLES, markup=False, emoji=False, highlight=False)
    blocks = Blocks()
    lines = [line for block in (*blocks.feed(source), *blocks.close()) for line in lines_of(block, console)]
    return "\n".join("".join(segment.text for segment in line) for line in lines)


def test_picture_amid_a_paragraph_is_told_where_it_stands_and_nothing_is_lost() -> None:
    lines = drawn("Before ![cat](http://x/cat.png) and after it, for more than one line.").splitlines()
    assert " ".join(lines) == "Before [cat] http://x/cat.png and after it, for more than one line."
    assert drawn("![](http://x/y.png)") == "[image] http://x/y.png"


def test_line_break_in_a_cell_is_one() -> None:
    table = "| a | b |\n|---|---|\n| one<br>two | three<BR />four |\n"
    assert [line.split() for line in drawn(table).splitlines()[2:]] == [["one", "three"], ["two", "four"]]
    assert drawn("Use `<br>` here.") == "Use <br> here."


@pytest.mark.parametrize("source", ["<https://example.com/x>", "[https://example.com/x](https://example.com/x)"])
def test_address_that_names_itself_is_told_once(source: str) -> None:
    assert drawn(f"See {source}, please.", width=80) == "See https://example.com/x, please."


def test_link_shows_where_it_leads() -> None:
    assert drawn("[safe](http://else.where)") == "safe (http://else.where)"


def test_lists_in_lists_and_tasks_keep_their_places() -> None:
    source = "- a\n  - b\n    1. c\n- [x] done\n"
    assert drawn(source) == " • a\n    • b\n      1. c\n • [x] done"


def test_tags_and_entities_are_read_as_they_were_written() -> None:
    assert drawn("x < y, <b>bold</b> and &lt;") == "x < y, <b>bold</b> and &lt;"


def test_wide_characters_keep_a_tables_columns() -> None:
    lines = drawn("| 名前 | 値 |\n|---|---|\n| 日本語 | 1 |\n| b | 22 |\n").splitlines()
    assert lines[2:] == [" 日本語   1", " b        22"]
