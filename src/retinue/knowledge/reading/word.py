"""Word documents (.docx). They have no pages before they are printed."""

from contextlib import closing
from pathlib import Path

from retinue.knowledge.reading.package import Package
from retinue.knowledge.reading.pages import Pieces
from retinue.knowledge.reading.prose import prose_of

_NOTES = ("footnotes", "endnotes")


def read_word(path: Path) -> Pieces:
    """Yield the text, then that of the notes."""
    with closing(Package(path)) as package:
        main = package.main()
        notes = [relation.part for relation in package.relations(main).values() if relation.kind in _NOTES]
        for part in dict.fromkeys([main, *filter(package.__contains__, notes)]):
            for text in prose_of(package, part):
                yield None, text
