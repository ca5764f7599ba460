"""Texts of messages, with what they cite as people read it: numbers in the text, and their sources below it."""

from collections.abc import Sequence

from msgspec import Struct


class Source(Struct, frozen=True, kw_only=True):
    """What is Retinue's own of a citation: where it leads."""

    file_name: str | None = None
    page: int | None = None


class FileCitation(Struct, frozen=True, kw_only=True):
    """The file that is cited."""

    file_id: str = ""


class Annotation(Struct, frozen=True, kw_only=True):
    """A mark in a text; that of a citation is its marker."""

    start_index: int = 0
    end_index: int = 0
    file_citation: FileCitation | None = None
    retinue: Source = Source()


class Text(Struct, frozen=True, kw_only=True):
    """What a text part says."""

    value: str = ""
    annotations: Sequence[Annotation] = ()

    @property
    def cited(self) -> str:
        """The text with its sources."""
        sources, said, reached = Sources(), "", 0
        for mark in sorted(self.annotations, key=lambda mark: mark.start_index):
            if mark.file_citation and reached <= mark.start_index:
                said += self.value[reached : mark.start_index] + sources.number(mark)
                reached = mark.end_index
        return said + self.value[reached:] + sources.listed()


class Sources:
    """The sources of one message, numbered as they come."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, mark: Annotation) -> str:
        """Return what a citation is shown as, such as `[1]`; a source that was cited before keeps its number."""
        name = mark.retinue.file_name or (mark.file_citation.file_id if mark.file_citation else "")
        if mark.retinue.page is not None:
            name = f"{name}, page {mark.retinue.page}"
        return f"[{self._numbers.setdefault(name, len(self._numbers) + 1)}]"

    def listed(self) -> str:
        """Return the sources, a line each, to be said after the text; nothing where there are none."""
        lines = [f"[{number}] {' '.join(name.split())}" for name, number in self._numbers.items()]
        return "\n\n" + "  \n".join(lines) if lines else ""  # two blanks: a line of its own in Markdown, too
