"""Sentences: texts of files cut into what can be cited by itself: sentences of prose, lines of lists and tables."""

import re
from collections.abc import Iterator

_BLOCK = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_BEGINS_LINE = re.compile(r"\s*(?:[-*•+‣◦]\s|\d{1,3}[.)]\s|#{1,6}\s|[|\"<{}\[\]\\@]|//|[\w .\"'/()-]{1,40}[:=]\s)")
"""Bullets, headings, tables, markup, code, values with their names."""
_ENDS_LINE = ("{", "}", "[", "]", ";", ",", ":")
_END = re.compile(r"(?<![.!?…])[.!?…]{1,6}[\"”’')\]]{0,3}\s+(?=[\"“‘'(\[]{0,3}[A-Z0-9À-Þ])|[。！？]")
_SHORTENED = re.compile(
    r"(?:^|[\s(])(?:[A-Z]|mrs?|ms|dr|prof|st|nos?|approx|ca|vs|figs?|pp?|cf|inc|ltd|e\.g|i\.e)\.$",
    re.IGNORECASE,
)
_LONGEST_SHORTENED = 8  # characters
_SHORT = 0.7  # of the longest line of a paragraph: a shorter one ends where its text does
_LONGEST_HEADING = 80  # characters
_HEADING = re.compile(r"\s*(?:#{1,6}\s|<h\d|\\(?:sub)*section|\\chapter)")
_NUMBERED_HEADING = re.compile(
    r"\s*(?:(?i:chapter|section|part|appendix|kapitel|abschnitt|teil|anhang)\s+(?:\d+|[IVX]+|[A-Z])\b"
    r"|\d+(?:\.\d+)+\s+[A-ZÀ-Þ][^\W\d_]{3})[^!?;|=]*[^.!?…:;,\s]\s*$"
)
_NO_HEADING = re.compile(r"[.!?…:;,。！？][\"”’')\]]*$|[|\t=]|:\s|\d|^\s*[-*•+‣◦]\s")


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, in order, each with its own line breaks."""
    return [said for block in _BLOCK.split(text) for piece in _pieces(block.strip("\n")) if (said := piece.strip())]


def is_heading(sentence: str) -> bool:
    """Whether it says what the following is about, and nothing more."""
    if len(sentence) > _LONGEST_HEADING:
        return False
    if _HEADING.match(sentence) or _NUMBERED_HEADING.match(sentence):
        return True
    return _NO_HEADING.search(sentence) is None


def _pieces(block: str) -> Iterator[str]:
    lines = block.split("\n")
    if _is_table(lines):
        yield from lines
        return
    for paragraph in _paragraphs(lines):
        yield from _sentences(paragraph)


def _stands_alone(line: str) -> bool:
    return "|" in line or "\t" in line or line.rstrip().endswith(_ENDS_LINE) or _BEGINS_LINE.match(line) is not None


def _is_table(lines: list[str]) -> bool:
    """Whether these are rows of values with commas between them."""
    commas = lines[0].count(",")
    return len(lines) > 1 and commas > 0 and all(line.count(",") == commas and ". " not in f"{line} " for line in lines)


def _paragraphs(lines: list[str]) -> Iterator[str]:
    """Join the lines that a page has broken."""
    alone = [_stands_alone(line) for line in lines]
    listed = 2 * sum(alone) > len(lines)
    short = _SHORT * max(map(len, lines))
    joined: list[str] = []
    for line, begins in zip(lines, alone, strict=True):
        ended = joined and len(joined[-1]) < short and (listed or not line.lstrip()[:1].islower())
        if joined and (begins or ended):
            yield "\n".join(joined)
            joined = []
        joined.append(line)
    yield "\n".join(joined)


def _sentences(paragraph: str) -> Iterator[str]:
    start = 0
    for end in _END.finditer(paragraph):
        if not _SHORTENED.search(paragraph[max(start, end.start() - _LONGEST_SHORTENED) : end.start() + 1]):
            yield paragraph[start : end.end()]
            start = end.end()
    yield paragraph[start:]
