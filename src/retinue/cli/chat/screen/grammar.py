"""The Markdown that is read here: what models write, with tables and formulas, without HTML, links by reference."""

import re
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline

_FORMULA = re.compile(r"\$\$.+?\$\$|\\\[.+?\\\]|\\\(.+?\\\)|\$(?=[^\s$])[^$\n]*?[^\s\\$]\$(?!\d)", re.DOTALL)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_DISPLAYED = {"$$": "$$", "\\[": "\\]"}
_LEFT_OUT = ["html_block", "html_inline", "reference", "entity"]
"""HTML and definitions of links would vanish instead of being read, and entities could smuggle characters in."""


def _formula(state: StateInline, silent: bool) -> bool:
    """A formula between dollars or in TeX's brackets stays as it is: its stars, backslashes and bars are its own."""
    found = _FORMULA.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        state.push("text", "", 0).content = found[0]
    state.pos = found.end()
    return True


def _line_break(state: StateInline, silent: bool) -> bool:
    """The one tag that models write where Markdown has nothing: a cell of a table can have no second line else."""
    found = _BREAK.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        state.push("hardbreak", "br", 0)
    state.pos = found.end()
    return True


def _tell_pictures(state: StateCore) -> None:
    """A picture is its name and where it is, amid the text: nothing is fetched."""
    for inline in state.tokens:
        for child in inline.children or ():
            if child.type == "image":
                child.type, child.content = "text", f"[{child.content or 'image'}] {child.attrGet('src')}"


def _tell_addresses_once(state: StateCore) -> None:
    """A link that is named by its own address is that address."""
    for inline in state.tokens:
        children = inline.children or []
        same = {
            number for number, (link, name) in enumerate(pairwise(children)) if name.content == link.attrGet("href")
        }
        left_out = same | {number + 2 for number in same}
        inline.children = [child for number, child in enumerate(children) if number not in left_out]


def _displayed_formula(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """A formula on lines of its own is a paragraph up to its end, whatever its lines begin with."""
    text = state.src[state.bMarks[first] + state.tShift[first] : state.eMarks[first]]
    end = _DISPLAYED.get(text[:2])
    if end is None or state.is_code_block(first):
        return False
    if silent:
        return True
    line = first
    while end not in text[2:] and line + 1 < last and not state.isEmpty(line + 1):
        line += 1
        text = f"{text}\n{state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]}"
    state.line = line + 1
    _paragraph(state, text, first)
    return True


def _paragraph(state: StateBlock, text: str, first: int) -> None:
    lines = [first, state.line]
    state.push("paragraph_open", "p", 1).map = lines
    inline = state.push("inline", "", 0)
    inline.content, inline.map, inline.children = text.strip(), lines, []
    state.push("paragraph_close", "p", -1)


def _grammar() -> MarkdownIt:
    made = MarkdownIt("commonmark").enable(["table", "strikethrough"]).disable(_LEFT_OUT)
    made.inline.ruler.before("escape", "formula", _formula)
    made.inline.ruler.before("autolink", "line_break", _line_break)
    made.core.ruler.push("pictures", _tell_pictures)
    made.core.ruler.push("addresses", _tell_addresses_once)
    made.block.ruler.before("fence", "formula", _displayed_formula, {"alt": ["paragraph", "list", "blockquote"]})
    return made


GRAMMAR = _grammar()
BLOCKS = _grammar()
"""Finds blocks alone, and leaves what stands in them unread."""
BLOCKS.core.ruler.enableOnly(["normalize", "block"])
