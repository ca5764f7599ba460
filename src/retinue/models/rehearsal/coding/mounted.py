"""Mounted files: what the system message says lies in `/mnt/data`, and which of it a request means."""

import ast
import re
from collections.abc import Sequence

from retinue.core.container_paths import FOLDER

TABLES = (".csv", ".tsv", ".xlsx", ".json")
"""Files that hold rows and columns."""

_MOST = 200  # files
_LONGEST = 20_000  # characters of a list of files
_QUOTED = re.compile(r"'(?:\\.|[^'\\\n]){1,400}'|\"(?:\\.|[^\"\\\n]){1,400}\"")
_EXTENSION = re.compile(r"[^/\\\x00-\x1f]+\.\w{1,8}")
_SORTS = {
    ".csv": re.compile(r"\bcsv\b"),
    ".tsv": re.compile(r"\btsv\b"),
    ".xlsx": re.compile(r"\b(?:excel|xlsx|spreadsheet|workbook)\b"),
    ".json": re.compile(r"\bjson\b"),
}


def mounted(system: str) -> list[str]:
    """Return the names of the files that lie in `/mnt/data`, as the system message tells them."""
    _, found, behind = system.partition(FOLDER)
    if not found:
        return []
    quoted = (_unquoted(match[0]) for match in _QUOTED.finditer(behind[:_LONGEST]))
    names = [name for quote in quoted if _EXTENSION.fullmatch(name := quote.removeprefix(f"{FOLDER}/"))]
    return list(dict.fromkeys(names))[:_MOST]


def _unquoted(quoted: str) -> str:
    try:
        return str(ast.literal_eval(quoted))
    except (SyntaxError, ValueError):
        return quoted[1:-1]


def meant(text: str, names: Sequence[str]) -> str | None:
    """Return the table among the files that the text means; None where there is none."""
    said = text.casefold()
    tables = [name for name in names if name.casefold().endswith(TABLES)]
    for table in tables:
        if table.casefold() in said:
            return table
    for table in tables:
        if re.search(rf"\b{re.escape(stem(table).casefold())}\b", said):
            return table
    for ending, word in _SORTS.items():
        if word.search(said) and (found := [table for table in tables if table.casefold().endswith(ending)]):
            return found[0]
    return tables[0] if tables else None


def stem(name: str) -> str:
    """Return a file's name without its ending."""
    return name.rpartition(".")[0]


def ending(name: str) -> str:
    """Return a file's ending, in lower case, with its dot."""
    return f".{name.rpartition('.')[2].casefold()}"
