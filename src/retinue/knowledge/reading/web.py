"""HTML: what a page says, without its markup, scripts and styles."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from retinue.knowledge.reading.base import Unreadable
from retinue.knowledge.reading.pages import Pieces
from retinue.knowledge.reading.text import read_text

_LARGEST_TAG = 32 << 20  # characters that the parser may have to keep: a picture can stand in a tag
_LONGEST_END = 16_384  # characters of a tag that is cut off; the parser's time is quadratic in it, so more is left out
_BLOCKS = """
    address article aside blockquote br caption dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6
    head header hr html legend li main nav ol option p pre section summary table tbody tfoot thead title tr ul
"""
_LINES = frozenset(_BLOCKS.split())
_CELLS = frozenset({"td", "th"})
_UNSAID = ("script", "style")
_TEXT = re.compile(r"<(?=[<\s])")  # begins no tag; of a million of them the parser makes a million texts
_SPACE = re.compile(r"[ \t\n\f\r]+")


def read_web(path: Path) -> Pieces:
    """Yield the page's text, a line for each block and each row of a table."""
    for text in _texts(text for _, text in read_text(path)):
        yield None, text


def _texts(markup: Iterator[str]) -> Iterator[str]:
    page = _Page()
    waiting: list[str] = []
    size = 0
    for piece in markup:
        waiting.append(_TEXT.sub("&lt;", piece))
        size += len(piece)
        # The parser looks again through all that it could not end yet: the more that is, the rarer it may.
        if size >= len(page.rawdata):
            page.feed("".join(waiting))
            waiting, size = [], 0
            yield page.taken()
        if len(page.rawdata) > _LARGEST_TAG:
            raise Unreadable("invalid_file", "The HTML has a tag or a comment without an end. Save the page anew.")
    page.feed("".join(waiting))
    if len(page.rawdata) <= _LONGEST_END or not page.rawdata.startswith("<"):
        page.close()
    yield page.taken()


class _Page(HTMLParser):
    """Hears a page and gathers its text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._gathered: list[str] = []
        self._last = "\n"
        self._verbatim = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._verbatim += tag == "pre"
        self._end_line(tag)
        if tag in _CELLS and self._last not in "\t\n":
            self._put("\t")
        elif tag == "img":
            self.handle_data(dict(attrs).get("alt") or "")

    def handle_endtag(self, tag: str) -> None:
        self._verbatim = max(0, self._verbatim - (tag == "pre"))
        self._end_line(tag)

    def handle_data(self, data: str) -> None:
        if self.cdata_elem in _UNSAID:
            return
        if not self._verbatim:
            data = _SPACE.sub(" ", data)
            if self._last in " \t\n":
                data = data.removeprefix(" ")
        self._put(data)

    def taken(self) -> str:
        """Return what was gathered since the last time."""
        text = "".join(self._gathered)
        self._gathered.clear()
        return text

    def _end_line(self, tag: str) -> None:
        if tag in _LINES and self._last != "\n":
            self._put("\n")

    def _put(self, text: str) -> None:
        if text:
            self._gathered.append(text)
            self._last = text[-1]
