"""Citations on their way in, found while a model speaks.

They are markers, which it writes after what it has from a passage, and links to files that its code wrote.
"""

import re
from collections.abc import Sequence

from retinue.core.citations import Mark
from retinue.core.item import Annotation, Hit, ToolOutput
from retinue.core.links import BEGINS, UNDECIDED, Links, Undecided
from retinue.core.quotes import SAID, Quotable

MAX_CITATIONS = 1_000
"""Of one message; further markers stay text, and so do links."""

_OPENING = "【"
_MARKER = re.compile(r"【([0-9]{1,9}:[0-9]{1,4})(?:†[^【】\n]{0,44})?】")
_BEGUN = re.compile(r"【(?:[0-9]{1,9}(?::(?:[0-9]{1,4}(?:†[^【】\n]{0,44})?)?)?)?")
"""What may still become a marker: nothing is held back for longer than that."""


def _begun(text: str) -> str:
    """A pattern of the text, or of its beginning at the end of what is searched."""
    begun = text[-1]
    for letter in reversed(text[:-1]):
        begun = rf"{letter}(?:\Z|{begun})"
    return begun


_OPENINGS = re.compile(rf"{_OPENING}|{_begun(BEGINS)}")

_Read = tuple[int, Mark | None] | Undecided
"""Where what was read ends, and the citation that it is, if it is one."""


def marker_of(search: int, rank: int) -> str:
    """Return the marker of a search's hit, both counted from 0."""
    return f"【{search}:{rank}†source】"


def without_markers(text: str) -> str:
    """Return a text from outside, as long as before, with nothing in it that could be taken for a marker of ours."""
    return _MARKER.sub(lambda found: f"[{found[0][1:-1]}]", text) if _OPENING in text else text


class Sources:
    """What a model may cite: the passages that file searches found, and the files that code wrote, of what it sees."""

    def __init__(self, outputs: Sequence[ToolOutput]) -> None:
        """`outputs` are in the order of the thread."""
        self._hits: dict[str, tuple[Hit, ToolOutput]] = {}
        for output in outputs:
            for hit in output.hits:
                if found := _MARKER.match(hit.marker):
                    self._hits[found[1]] = hit, output
        self._passages: dict[str, Quotable] = {}
        self.links = Links(_newest(outputs))
        """The files."""

    def __bool__(self) -> bool:
        return bool(self._hits or self.links)

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
            if self._held or self._may_cite(piece):
                self._scan(self._held + piece, ended=False)
            else:
                self._say(piece)
        return self._taken()

    def end(self) -> list[list[str] | Mark]:
        """No more will come: return what was held back."""
        if self._held:
            self._scan(self._held, ended=True)
        return self._taken()

    def _may_cite(self, piece: str) -> bool:
        return (_OPENINGS.search(piece) is not None) if self._sources.links else _OPENING in piece

    def _scan(self, text: str, *, ended: bool) -> None:
        self._held = ""
        begins = seen = 0
        while opening := _OPENINGS.search(text, seen):
            at = opening.start()
            read = self._marker if text[at] == _OPENING else self._link
            found = read(text, at, begins, ended)
            if isinstance(found, Undecided):
                self._held = text[at:]
                break
            seen, mark = found
            if mark is not None:
                begins = seen
        if rest := text[begins : len(text) - len(self._held)]:
            self._say(rest)

    def _marker(self, text: str, at: int, begins: int, ended: bool) -> _Read:
        """Read the marker at a place of the text, of which all before `begins` is told."""
        marker = _MARKER.match(text, at)
        if marker is None:
            return UNDECIDED if not ended and _BEGUN.fullmatch(text, at) else (at + 1, None)
        if not self._sources.has(marker[1]) or self._count == MAX_CITATIONS:
            return marker.end(), None
        if begins < at:
            self._say(text[begins:at])
        annotation = self._sources.cite(marker[1], said=self._last_words(), place=self._clean)
        mark = self._cite(annotation, annotation.marker)
        self._marked += len(annotation.marker)
        return marker.end(), mark

    def _link(self, text: str, at: int, begins: int, ended: bool) -> _Read:
        """Read a link likewise."""
        link = self._sources.links.find(text, at, ended=ended)
        if isinstance(link, Undecided):
            return link
        if link is None or self._count == MAX_CITATIONS:
            return at + 1, None
        if begins < at:
            self._say(text[begins:at])
        end, file_id = link
        piece, start = text[at:end], self._clean
        mark = self._cite(Annotation(kind="file_path", file_id=file_id, start=start, end=start + len(piece)), piece)
        self._clean += len(piece)
        return end, mark

    def _say(self, text: str) -> None:
        if not self._found or isinstance(self._found[-1], Mark):
            self._found.append([])
        pieces = self._found[-1]
        assert isinstance(pieces, list)
        pieces.append(text)
        self._said.append(text)
        self._clean += len(text)

    def _cite(self, annotation: Annotation, text: str) -> Mark:
        start = self._clean + self._marked
        mark = Mark(annotation, start, start + len(text), text)
        self._found.append(mark)
        self._count += 1
        return mark

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


def _newest(outputs: Sequence[ToolOutput]) -> dict[str, str]:
    """The ids of the files that code wrote, by path, those that it wrote last at the end."""
    newest: dict[str, str] = {}
    for output in outputs:
        for file in output.files:
            newest.pop(file.path, None)
            newest[file.path] = file.file_id
    return newest
