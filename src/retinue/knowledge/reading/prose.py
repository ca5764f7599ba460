"""The text of XML in which paragraphs and tables are marked: Word documents and slides."""

from collections.abc import Iterator, Mapping

from retinue.knowledge.reading.package import Package

_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
# Settings of paragraphs, in which a `tab` is a stop; and what stands in for drawings in programs that can't show them.
_SKIPPED = frozenset({"pPr", "rPr", "sectPr", "Fallback"})


class Prose:
    """Hears elements and gathers text: a line for each paragraph and for each row of a table."""

    def __init__(self) -> None:
        self._gathered: list[str] = []
        self._last = "\n"
        self._is_text = False
        self._cells = 0
        self._skipped: list[str] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if self._skipped or name in _SKIPPED:
            self._skipped.append(name)
        elif name == "t":
            self._is_text = True
        elif name in _BREAKS:
            self._put(_BREAKS[name])
        elif name == "tc":
            self._cells += 1

    def end(self, name: str) -> None:
        if self._skipped:
            self._skipped.pop()
        elif name == "t":
            self._is_text = False
        elif name == "p":
            self._end("\t" if self._cells else "\n")
        elif name == "tc":
            self._cells -= 1
        elif name == "tr":
            self._end("\n")

    def data(self, text: str) -> None:
        if self._is_text and not self._skipped:
            self._put(text)

    def taken(self) -> str:
        """Return what was gathered since the last time."""
        text = "".join(self._gathered)
        self._gathered.clear()
        return text

    def _end(self, border: str) -> None:
        """End a paragraph or a row, if there is anything in it."""
        if self._last != "\n":
            self._put(border)

    def _put(self, text: str) -> None:
        self._gathered.append(text)
        self._last = text[-1]


def prose_of(package: Package, part: str) -> Iterator[str]:
    """Yield a part's text."""
    prose = Prose()
    for _ in package.parse(part, prose):
        yield prose.taken()
