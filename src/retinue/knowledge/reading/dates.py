"""Days and times in workbooks: numbers of days whose cells are formatted as such."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

_BEGIN = datetime(1899, 12, 30)  # which makes day 61 the first of March 1900, as Excel has it
_LAST = 2_958_465  # 9999-12-31
_BUILT_IN = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})  # ECMA-376, 18.8.30
_LITERAL = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
_DATE_LETTER = re.compile("[ymdhs]", re.IGNORECASE)


class Formats:
    """Hears a workbook's styles; `dates` are the numbers of those that show a number as a date."""

    def __init__(self) -> None:
        self.dates: set[str] = set()
        self._own: set[int] = set()
        self._is_cells = False
        self._styles = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "cellXfs":
            self._is_cells = True
        elif name == "numFmt" and _DATE_LETTER.search(_LITERAL.sub("", attributes.get("formatCode", ""))):
            self._own.add(_number(attributes.get("numFmtId", "")))
        elif name == "xf" and self._is_cells:
            if _number(attributes.get("numFmtId", "")) in _BUILT_IN | self._own:
                self.dates.add(str(self._styles))
            self._styles += 1

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._is_cells = False

    def data(self, text: str) -> None: ...


def date_of(value: str) -> str:
    """Return a number of days as a date, a time, or both; what is none stays as it is."""
    try:
        days = float(value)
    except ValueError:
        return value
    if not 0 <= days <= _LAST:
        return value
    moment = _BEGIN + timedelta(seconds=round(days * 86_400))
    if days < 1:
        return f"{moment:%H:%M:%S}"
    return f"{moment:%Y-%m-%d}" if moment.time() == _BEGIN.time() else f"{moment:%Y-%m-%d %H:%M:%S}"


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1
