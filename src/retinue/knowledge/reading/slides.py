"""Presentations (.pptx): a slide is a page, and what the speaker noted under it belongs to it."""

from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path

from retinue.knowledge.reading.package import Package
from retinue.knowledge.reading.pages import Pieces
from retinue.knowledge.reading.prose import prose_of


def read_slides(path: Path) -> Pieces:
    """Yield the text of each slide, in the order in which they are shown."""
    told: set[str] = set()
    with closing(Package(path)) as package:
        for number, slide in enumerate(_slides(package), 1):
            notes = [it.part for it in package.relations(slide).values() if it.kind == "notesSlide"]
            parts = [part for part in [slide, *filter(package.__contains__, notes)] if part not in told]
            told.update(parts)  # or a few notes behind many slides would be a text without end
            for part in dict.fromkeys(parts):
                for text in prose_of(package, part):
                    yield number, text


def _slides(package: Package) -> Iterable[str]:
    main = package.main()
    relations = package.relations(main)
    order = _Order()
    for _ in package.parse(main, order):
        pass
    return dict.fromkeys(relations[name].part for name in order.names if name in relations)


class _Order:
    def __init__(self) -> None:
        self.names: list[str] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "sldId":
            self.names += [value for key, value in attributes.items() if key.endswith("}id")]

    def end(self, name: str) -> None: ...

    def data(self, text: str) -> None: ...
