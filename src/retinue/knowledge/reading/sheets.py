"""Workbooks (.xlsx): a sheet is a page, headed by its name, and a row is a line."""

import re
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from retinue.knowledge.reading.package import Package
from retinue.knowledge.reading.pages import Pieces

_WIDEST = 256  # columns that are kept apart where some are left out between them
_COLUMN = re.compile("[A-Z]{1,3}")


def read_sheets(path: Path) -> Pieces:
    """Yield the name and the rows of each sheet, the cells parted by tabs; formulas as what they came to."""
    with closing(Package(path)) as package:
        main = package.main()
        relations = package.relations(main)
        shared = _shared(package, [it.part for it in relations.values() if it.kind == "sharedStrings"])
        book = _Book()
        for _ in package.parse(main, book):
            pass
        for number, (id_, name) in enumerate(book.sheets.items(), 1):
            if id_ in relations:
                yield number, f"{name}\n"
                rows = _Rows(shared)
                for _ in package.parse(relations[id_].part, rows):
                    yield number, rows.taken()


def _shared(package: Package, parts: list[str]) -> list[str]:
    shared = _Shared()
    for part in filter(package.__contains__, parts):
        for _ in package.parse(part, shared):
            pass
    return shared.texts


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

    def __init__(self, shared: list[str]) -> None:
        self._shared = shared
        self._lines: list[str] = []
        self._cells: list[str] = []
        self._value: list[str] = []
        self._kind = "n"
        self._is_value = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "c":
            self._kind = attributes.get("t", "n")
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
                return _number(value)
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
