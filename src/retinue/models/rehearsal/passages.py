"""Passages: what a search of files found, taken apart again."""

import re
from collections.abc import Iterator

from msgspec import Struct

_LONGEST = 400_000  # characters of an output that are looked at: fifty passages, and then some

_FOUND = re.compile(r"(?:\d+ passages? (?:was|were) found\.[^\n]*\n\n)?(?=【\d+:\d+†[^】\n]*】)")
_NOTHING = re.compile(r"Nothing was found\b[^\n]*\Z")
_HEAD = re.compile(r"(?:\A|\n\n)(【(\d+):(\d+)†[^】\n]*】) ([^\n]*)\n")


class Passage(Struct, frozen=True, kw_only=True):
    """A piece of a file, and how it is cited."""

    marker: str
    title: str
    """The file's name, and the page where it has pages."""
    text: str


def passages_in(output: str) -> list[Passage] | None:
    """Return the passages of a search's output, best first; None where it is no search's output."""
    output = output[:_LONGEST].strip()
    begun = _FOUND.match(output)
    if begun is None:
        return [] if _NOTHING.match(output) else None
    return list(_passages(output[begun.end() :]))


def _passages(listed: str) -> Iterator[Passage]:
    heads = list(_heads(listed))
    for head, following in zip(heads, [*heads[1:], None], strict=True):
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
