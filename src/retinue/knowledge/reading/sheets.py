"""Workbooks (.xlsx): a sheet is a page, headed by its name, and a row is a line."""

import re
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from retinue.knowledge.reading.dates import Formats, date_of
from retinue.knowledge.reading.package import Package, Target
from retinue.knowledge.reading.pages import Pieces

_WIDEST = 256  # columns that are kept apart where some are left out between them
_COLUMN = re.compile("[A-Z]{1,3}")


def read_sheets(path: Path) -> Pieces:
    """Yield the name and the rows of each sheet, the cells parted by tabs; formulas as what they came to."""
    with closing(Package(path)) as package:
        main = package.main()
        relations = package.relations(main)
        shared, formats, book = _Shared(), Formats(), _Book()
        for kind, target in (("sharedStrings", shared), ("styles", formats)):
            for part in [it.part for it in relations.values() if it.kind == kind and it.part in package]:
                _hear(package, part, target)
        _hear(package, main, book)
        for number, (id_, name) in enumerate(book.sheets.items(), 1):
            if id_ in relations:
                yield number, f"{name}\n"
                rows = _Rows(shared.texts, formats.dates)
                for _ in package.parse(relations[id_].part, rows):
                    yield number, rows.taken()


def _hear(package: Package, part: str, target: Target) -> None:
    for _ in package.parse(part, target):
        pass


class _Book:
    def __init__(self) -> None:
        self.sheets: dict[str, str] = {}
        """Their names, by that of their relation."""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "sheet":
            id_ = next((value for key, value in attributes.items() if key.endswith("}id")), "")
            self.sheets[id_] = attributes.get("name", "")

    def end(self, name: str) -> None: ...

    def data(self, text: str) -> None: ...


class _Shared:
    """The table of texts that cells refer to by number."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._parts: list[str] = []
        self._is_text = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._is_text = name == "t"

    def end(self, name: str) -> None:
        self._is_text = False
        if name == "si":
            self.texts.append("".join(self._parts))
            self._parts.clear()
        elif name == "rPh":  # how the text before is pronounced
            self._parts.pop()

    def data(self, text: str) -> None:
        if self._is_text:
            self._parts.append(text)


class _Rows:
    """Hears a sheet and gathers its rows as lines."""

    def __init__(self, shared: list[str], dates: set[str]) -> None:
        self._shared = shared
        self._dates = dates
        self._lines: list[str] = []
        self._cells: list[str] = []
        self._value: list[str] = []
        self._kind = "n"
        self._is_date = False
        self._is_value = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "c":
            self._kind = attributes.get("t", "n")
            self._is_date = attributes.get("s", "0") in self._dates
            self._fill(attributes.get("r", ""))
        self._is_value = name in ("v", "t")

    def end(self, name: str) -> None:
        self._is_value = False
        if name == "c":
            self._cells.append(self._text("".join(self._value)))
            self._value.clear()
        elif name == "row":
            if any(self._cells):
                self._lines.append("\t".join(self._cells).rstrip("\t") + "\n")
            self._cells.clear()

    def data(self, text: str) -> None:
        if self._is_value:
            self._value.append(text)

    def taken(self) -> str:
        """Return the rows that were gathered since the last time."""
        text = "".join(self._lines)
        self._lines.clear()
        return text

    def _fill(self, place: str) -> None:
        """Leave room for the cells before this one that are empty, which the sheet leaves out."""
        letters = _COLUMN.match(place)
        column = 0
        for letter in letters[0] if letters else "":
            column = 26 * column + ord(letter) - ord("A") + 1
        self._cells += [""] * (min(column - 1, _WIDEST) - len(self._cells))

    def _text(self, value: str) -> str:
        match self._kind:
            case "s":
                return self._shared_text(value)
            case "b":
                return "TRUE" if value == "1" else "FALSE"
            case "n":
                return date_of(value) if self._is_date else _number(value)
            case _:
                return value

    def _shared_text(self, value: str) -> str:
        number = int(value) if value.isascii() and value.isdigit() else -1
        return self._shared[number] if 0 <= number < len(self._shared) else ""


def _number(value: str) -> str:
    """Return it as Excel shows it: with 15 digits at most."""
    try:
        return f"{float(value):.15g}" if "." in value else value
    except ValueError:
        return value
