"""Citations on their way in: markers that a model writes after what it has from a passage, found while it speaks."""

import re
from collections.abc import Iterable, Sequence

from retinue.core.citations import Mark
from retinue.core.item import Annotation, Hit, ToolOutput
from retinue.core.quotes import SAID, Quotable

MAX_CITATIONS = 1_000
"""Of one message; further markers stay text."""

_OPENING = "【"
_MARKER = re.compile(r"【([0-9]{1,9}:[0-9]{1,4})(?:†[^【】\n]{0,44})?】")
_BEGUN = re.compile(r"【(?:[0-9]{1,9}(?::(?:[0-9]{1,4}(?:†[^【】\n]{0,44})?)?)?)?")
"""What may still become a marker: nothing is held back for longer than that."""


def marker_of(search: int, rank: int) -> str:
    """Return the marker of a search's hit, both counted from 0."""
    return f"【{search}:{rank}†source】"


def without_markers(text: str) -> str:
    """Return a text from outside, as long as before, with nothing in it that could be taken for a marker of ours."""
    return _MARKER.sub(lambda found: f"[{found[0][1:-1]}]", text) if _OPENING in text else text


class Sources:
    """The passages that a model may cite: those that file searches found among what it is shown."""

    def __init__(self, outputs: Iterable[ToolOutput]) -> None:
        self._hits: dict[str, tuple[Hit, ToolOutput]] = {}
        for output in outputs:
            for hit in output.hits:
                if found := _MARKER.match(hit.marker):
                    self._hits[found[1]] = hit, output
        self._passages: dict[str, Quotable] = {}

    def __bool__(self) -> bool:
        return bool(self._hits)

    def has(self, name: str) -> bool:
        """Whether there is a passage whose marker has these numbers, such as `4:0`."""
        return name in self._hits

    def cite(self, name: str, *, said: str, place: int) -> Annotation:
        """Return the citation of that passage after what was said, at a place in the text."""
        hit, output = self._hits[name]
        if name not in self._passages:
            self._passages[name] = Quotable(output.output[hit.start : hit.end])
        quote, begins = self._passages[name].quote(said)
        return Annotation(
            kind="file_citation",
            file_id=hit.file_id,
            start=place,
            end=place,
            marker=hit.marker,
            quote=quote,
            file_name=hit.file_name,
            page=max((page for page in hit.pages if page[0] <= begins), default=(0, None))[1],
        )


class Scanner:
    """Finds the citations in one message. How its text is cut into pieces makes no difference to what is found."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._held = ""
        self._said: list[str] = []
        self._clean = self._marked = self._count = 0
        self._found: list[list[str] | Mark] = []

    def take(self, pieces: Sequence[str]) -> list[list[str] | Mark]:
        """Take more text and return what can be told: pieces that follow one another, and citations in their places."""
        for piece in pieces:
            if self._held or _OPENING in piece:
                self._scan(self._held + piece)
            else:
                self._say(piece)
        return self._taken()

    def end(self) -> list[list[str] | Mark]:
        """No more will come: return what was held back."""
        if self._held:
            self._say(self._held)
            self._held = ""
        return self._taken()

    def _scan(self, text: str) -> None:
        self._held = ""
        begins = seen = 0
        while (opening := text.find(_OPENING, seen)) >= 0:
            if marker := _MARKER.match(text, opening):
                seen = marker.end()
                if self._sources.has(marker[1]) and self._count < MAX_CITATIONS:
                    if begins < opening:
                        self._say(text[begins:opening])
                    self._cite(marker[1])
                    begins = seen
            elif _BEGUN.fullmatch(text, opening):
                self._held = text[opening:]
                break
            else:
                seen = opening + 1
        if rest := text[begins : len(text) - len(self._held)]:
            self._say(rest)

    def _say(self, text: str) -> None:
        if not self._found or isinstance(self._found[-1], Mark):
            self._found.append([])
        pieces = self._found[-1]
        assert isinstance(pieces, list)
        pieces.append(text)
        self._said.append(text)
        self._clean += len(text)

    def _cite(self, name: str) -> None:
        annotation = self._sources.cite(name, said=self._last_words(), place=self._clean)
        start, size = self._clean + self._marked, len(annotation.marker)
        self._found.append(Mark(annotation, start, start + size, annotation.marker))
        self._marked += size
        self._count += 1

    def _last_words(self) -> str:
        first, size = len(self._said), 0
        while first and size < SAID:
            first -= 1
            size += len(self._said[first])
        self._said = ["".join(self._said[first:])[-SAID:]]
        return self._said[0]

    def _taken(self) -> list[list[str] | Mark]:
        found, self._found = self._found, []
        return found
