"""Passages: what a search of files found, taken apart again."""

import re
from collections.abc import Iterator

from msgspec import Struct

_LONGEST = 400_000  # characters of an output that are looked at: fifty passages, and then some

_SEARCHED = re.compile(r"(?:\d+ passages? (?:was|were) found|Nothing was found)\b[^\n]*|(?=【\d+:\d+†)")
_PAGES = re.compile(r", pages? [\d-]+$")
_HEAD = re.compile(r"(?:\A|\n\n)(【(\d+):(\d+)†[^】\n]*】) ([^\n]*)\n")


class Passage(Struct, frozen=True, kw_only=True):
    """A piece of a file, and how it is cited."""

    marker: str
    title: str
    """The file's name, and the page where it has pages."""
    text: str

    @property
    def file(self) -> str:
        """The file's name."""
        return _PAGES.sub("", self.title)


class Search(Struct, frozen=True, kw_only=True):
    """What one search came to."""

    passages: tuple[Passage, ...] = ()
    """Best first."""
    notes: str = ""
    """What it says besides, such as that a file is not read yet."""


def search_in(output: str) -> Search | None:
    """Return what a search's output holds; None where it is none, as when the search failed."""
    output = output[:_LONGEST].strip()
    begun = _SEARCHED.match(output)
    if begun is None:
        return None
    listed = output[begun.end() :]
    first = _HEAD.search(listed)
    notes = listed[: first.start() if first else len(listed)]
    return Search(passages=tuple(_passages(listed)), notes=" ".join(notes.split()))


def _passages(listed: str) -> Iterator[Passage]:
    heads = list(_heads(listed))
    for head, following in zip(heads, (*heads[1:], None), strict=False):
        text = listed[head.end() : following.start() if following else len(listed)]
        yield Passage(marker=head[1], title=head[4], text=text)


def _heads(listed: str) -> Iterator[re.Match[str]]:
    """Yield where passages begin. Their markers count up: what looks like one out of turn is a passage's own text."""
    turn: tuple[str, int] | None = None
    for head in _HEAD.finditer(listed):
        number = int(head[3][:9])
        if turn is None or turn == (head[2], number):
            turn = (head[2], number + 1)
            yield head
