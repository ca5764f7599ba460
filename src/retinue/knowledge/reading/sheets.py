"""Workbooks (.xlsx): a sheet is a page, headed by its name, and a row is a line."""

import re
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from retinue.knowledge.reading.base import Unreadable
from retinue.knowledge.reading.dates import Formats, date_of
from retinue.knowledge.reading.package import Package, Target, damaged
from retinue.knowledge.reading.pages import Pieces

_WIDEST = 256  # columns that are kept apart where some are left out between them
_MOST_GIVEN = 16 << 20  # characters that cells may have of shared texts, whatever was unpacked,
_MOST_TIMES = 4  # and for each byte that was; a text of 200 that half the cells repeat comes to 3
_SPOKEN = "rPh"  # how the text beside it is pronounced
_REPEATED = "The workbook's cells repeat long texts too often. Save it in a simpler form, such as CSV."
_COLUMN = re.compile("[A-Z]{1,3}")


def read_sheets(path: Path) -> Pieces:
    """Yield the name and the rows of each sheet, the cells parted by tabs; formulas as what they came to."""
    with closing(Package(path)) as package:
        main = package.main()
        relations = package.relations(main)
        shared, formats, book = _Shared(package), Formats(), _Book()
        for kind, target in (("sharedStrings", shared), ("styles", formats)):
            for part in dict.fromkeys(it.part for it in relations.values() if it.kind == kind):
                if part in package:
                    _hear(package, part, target)
        _hear(package, main, book)
        parts = [relations[id_].part for id_ in book.sheets if id_ in relations]
        if len(set(parts)) < len(parts):  # or a small sheet of many names would be a text without end
            raise damaged("several of its sheets are one and the same")
        for number, (id_, name) in enumerate(book.sheets.items(), 1):
            if id_ in relations:
                yield number, f"{name}\n"
                rows = _Rows(shared, formats.dates)
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

    def __init__(self, package: Package) -> None:
        self._package = package
        self._texts: list[str] = []
        self._parts: list[str] = []
        self._is_text = False
        self._is_spoken = False
        self._given = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._is_spoken = self._is_spoken or name == _SPOKEN
        self._is_text = name == "t" and not self._is_spoken

    def end(self, name: str) -> None:
        self._is_text = False
        if name == "si":
            self._texts.append("".join(self._parts))
            self._parts.clear()
        elif name == _SPOKEN:
            self._is_spoken = False

    def data(self, text: str) -> None:
        if self._is_text:
            self._parts.append(text)

    def text(self, number: str) -> str:
        """Return a text, empty if there is none; raises Unreadable where cells come to far more than the file holds."""
        index = int(number) if number.isascii() and number.isdigit() else -1
        text = self._texts[index] if 0 <= index < len(self._texts) else ""
        self._given += len(text)
        if self._given > _MOST_GIVEN + _MOST_TIMES * self._package.unpacked:
            raise Unreadable("invalid_file", _REPEATED)
        return text


class _Rows:
    """Hears a sheet and gathers its rows as lines."""

    def __init__(self, shared: _Shared, dates: set[str]) -> None:
        self._shared = shared
        self._dates = dates
        self._lines: list[str] = []
        self._cells: list[str] = []
        self._value: list[str] = []
        self._kind = "n"
        self._is_date = False
        self._is_value = False
        self._is_spoken = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "c":
            self._kind = attributes.get("t", "n")
            self._is_date = attributes.get("s", "0") in self._dates
            self._fill(attributes.get("r", ""))
        self._is_spoken = self._is_spoken or name == _SPOKEN
        self._is_value = name in ("v", "t") and not self._is_spoken

    def end(self, name: str) -> None:
        self._is_value = False
        if name == "c":
            self._cells.append(self._text("".join(self._value)))
            self._value.clear()
        elif name == _SPOKEN:
            self._is_spoken = False
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
                return self._shared.text(value)
            case "b":
                return "TRUE" if value == "1" else "FALSE"
            case "n":
                return date_of(value) if self._is_date else _number(value)
            case _:
                return value


def _number(value: str) -> str:
    """Return it as Excel shows it: with 15 digits at most."""
    try:
        return f"{float(value):.15g}" if "." in value else value
    except ValueError:
        return value
