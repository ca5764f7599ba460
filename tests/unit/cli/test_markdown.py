"""Whatever a model says can be shown, in any width, and none of its words is lost."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from retinue.cli.chat.screen.blocks import Blocks
from retinue.cli.chat.screen.markdown import STYLES, lines_of
from retinue.cli.clean import clean

PIECES = st.sampled_from(
    [
        *("1. ", "- ", "> ", "10. ", "    ", "\n", "\n\n", "# ", "---\n", "```\n", "```python\n", "$$", "\\[", "\\]"),
        *(
            "| a | b |\n|---|---|\n",
            "| ",
            "|",
            "word ",
            "*",
            "**",
            "_",
            "`",
            "[a](",
            ")",
            "![",
            "]",
            "日本語",
            "é\u0301",
        ),
    ]
)
MARKDOWN = st.lists(st.one_of(PIECES, st.text(max_size=8).map(clean)), max_size=40).map("".join)


def shown(text: str, width: int) -> str:
    console = Console(file=io.StringIO(), width=width, markup=False, emoji=False, highlight=False, theme=STYLES)
    blocks = Blocks()
    lines = [line for block in [*blocks.feed(text), *blocks.close()] for line in lines_of(block, console)]
    return "\n".join("".join(segment.text for segment in line) for line in lines)


@given(MARKDOWN, st.integers(5, 80))
def test_any_text_is_shown_in_any_width(text: str, width: int) -> None:
    assert shown(f"said {text}", width)


@pytest.mark.parametrize("width", [5, 20, 40, 80])
@pytest.mark.parametrize("mark", ["1. ", "- ", "> ", "> - "])
def test_what_is_nested_beyond_the_terminals_width_is_still_read(mark: str, width: int) -> None:
    assert "here" in shown(f"{mark * 40}here\n", width)


@given(st.from_regex(r"[A-Za-zé日][A-Za-zé日 .,:;!?#|>=+&0-9-]{0,120}", fullmatch=True), st.integers(20, 80))
def test_text_without_marks_is_shown_as_markdown_would_be(text: str, width: int) -> None:
    marked = f"**{text[0]}**{text[1:]}"  # has to be read as Markdown
    assert shown(text, width) == shown(marked, width)
