"""Markdown as lines of a terminal, of any width."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from rich import box, markdown
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.padding import Padding
from rich.segment import Segment
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text
from rich.theme import Theme

from retinue.cli.chat.screen.blocks import Block
from retinue.cli.chat.screen.grammar import GRAMMAR

_CODE_THEME = "ansi_dark"  # the terminal's own colours, which its owner can read
_CELL = 6  # columns that a table's column needs to be read

STYLES = Theme({"markdown.code": "cyan", "markdown.h1": "bold underline"})
"""Ours where rich's would bring a ground of their own, which may not be the terminal's."""

Line = Sequence[Segment]


def lines_of(block: Block, console: Console) -> Iterator[Line]:
    """Yield a block's lines, none wider than the terminal, with the empty one before it where there is to be one."""
    rendered = console.render_lines(_Markdown(block.source), pad=False)
    lines = _framed([_trimmed(line) for line in rendered])
    if block.apart and lines:
        yield []
    yield from lines


def _framed(lines: list[Line]) -> list[Line]:
    """Return the lines without the empty ones at both ends."""
    said = [number for number, line in enumerate(lines) if line]
    return lines[said[0] : said[-1] + 1] if said else []


def _trimmed(line: Line) -> Line:
    """Return the line without the spaces at its end: they would be copied, and wrapped when the terminal shrinks."""
    kept = list(line)
    while kept and not kept[-1].text.strip():
        kept.pop()
    if kept:
        kept[-1] = Segment(kept[-1].text.rstrip(), kept[-1].style)
    return kept


class _Heading(markdown.Heading):
    LEVEL_ALIGN: ClassVar = dict.fromkeys(markdown.Heading.LEVEL_ALIGN, "left")


class _Code(markdown.CodeBlock):
    """Code on the terminal's own ground, a little to the right, so that pieces of one block go on seamlessly."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        code = self.text.plain.removesuffix("\n")
        syntax = Syntax(code, self.lexer_name, theme=self.theme, word_wrap=True, background_color="default")
        yield Padding(syntax, (0, 0, 0, 2))


class _Item(markdown.ListItem):
    """An item whose number has a full stop, in the room of a space."""

    def render_number(self, console: Console, options: ConsoleOptions, number: int, last_number: int) -> RenderResult:
        numeral, *rest = super().render_number(console, options, number, last_number)
        assert isinstance(numeral, Segment)
        yield Segment(f"{number}. ".rjust(len(numeral.text)), numeral.style)
        yield from rest


class _Rule(markdown.HorizontalRule):
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text("---", style="dim")


class _Table(markdown.TableElement):
    """A table, or where it is too wide a list of its rows."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        heads = [cell.content for cell in self.header.row.cells] if self.header and self.header.row else []
        rows = [[cell.content for cell in row.cells] for row in (self.body.rows if self.body else ())]
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
        for head in heads:
            table.add_column(head, justify=head.justify or "default")
        for row in rows:
            table.add_row(*row)
        least = Measurement.get(console, options, table).minimum
        if max(least, _CELL * len(heads)) <= options.max_width:
            yield table
        else:
            yield Text("\n\n").join(_record(heads, row) for row in rows or [heads])


def _record(heads: Sequence[Text], row: Sequence[Text]) -> Text:
    named = [Text.assemble((head.plain, "bold"), ": ", cell) for head, cell in zip(heads, row, strict=False) if cell]
    return Text("\n").join(named)


class _Markdown(markdown.Markdown):
    elements: ClassVar = {
        **markdown.Markdown.elements,
        "heading_open": _Heading,
        "fence": _Code,
        "code_block": _Code,
        "hr": _Rule,
        "list_item_open": _Item,
        "table_open": _Table,
    }

    def __init__(self, source: str) -> None:
        # links show where they lead: one that is hidden behind a name could lead anywhere
        super().__init__("", code_theme=_CODE_THEME, hyperlinks=False)
        self.parsed = GRAMMAR.parse(source)
