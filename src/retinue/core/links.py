"""Links to files that code wrote, `sandbox:/mnt/data/...`, as models put them into their texts."""

import re
import string
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from enum import Enum

from retinue.core.container_paths import FOLDER

BEGINS = f"sandbox:{FOLDER}/"

MAX_LINKS = 2_000
"""Files of a context, the newest, that can be linked."""
_SAFE = f"{string.ascii_letters}{string.digits}_.-~/".encode()
_LONGEST = 1_024  # characters of a path
_GOES_ON = re.compile(r"\.?[A-Za-z0-9_/%-]")
"""What follows a link if it leads to another file."""


def link_to(path: str) -> str:
    """Return the link to a file in one word, with no sign in it that ends a link in Markdown."""
    plain = path.isprintable() and not set(path) & set(" \\()[]<>\"'%")
    return BEGINS + (path if plain else _encoded(path, _SAFE))


class Undecided(Enum):
    """The text ends where it may still become a link, or a longer one."""

    UNDECIDED = 0


UNDECIDED = Undecided.UNDECIDED


class Links:
    """What a text may link: files by their paths, as they are or percent-encoded."""

    def __init__(self, files: Mapping[str, str]) -> None:
        """`files` are ids by path, the newest last."""
        newest = [(path, id_) for path, id_ in files.items() if path and len(path) <= _LONGEST][-MAX_LINKS:]
        self._ids = {BEGINS + form: id_ for path, id_ in newest for form in _forms(path)}
        self._links = sorted(self._ids)
        self._longest = max(map(len, self._links), default=0)

    def __bool__(self) -> bool:
        return bool(self._links)

    def find(self, text: str, at: int, *, ended: bool) -> tuple[int, str] | Undecided | None:
        """Return where the link ends that begins at a place of the text, and its file's id; None where there is none.

        The longest link counts. Unless the text has `ended`, it is undecided as long as more of it may change that.
        """
        rest = text[at : at + self._longest + 1]
        if not ended and len(rest) <= self._longest and self._may_grow(rest):
            return UNDECIDED
        while link := self._longest_in(rest):
            after = text[at + len(link) : at + len(link) + 2]
            if not ended and after in ("", "."):
                return UNDECIDED
            if not _GOES_ON.match(after):
                return at + len(link), self._ids[link]
            rest = link[:-1]
        return None

    def _may_grow(self, text: str) -> bool:
        """Whether the text is the beginning of a link."""
        place = bisect_left(self._links, text)
        following = self._links[place : place + 2]
        return any(link != text and link.startswith(text) for link in following)

    def _longest_in(self, text: str) -> str | None:
        """The longest link that the text begins with."""
        while place := bisect_right(self._links, text):
            link = self._links[place - 1]
            if text.startswith(link):
                return link
            text = _shared(text, link)
        return None


def _forms(path: str) -> set[str]:
    return {path, path.replace(" ", "%20"), _encoded(path, _SAFE), _encoded(path, _SAFE + b"()")}


def _encoded(path: str, safe: bytes) -> str:
    octets = path.encode(errors="replace")
    return "".join(chr(octet) if octet in safe else f"%{octet:02X}" for octet in octets)


def _shared(text: str, other: str) -> str:
    """What both begin with."""
    pairs = enumerate(zip(text, other, strict=False))
    return text[: next((place for place, (a, b) in pairs if a != b), min(len(text), len(other)))]
