"""Reads a retinue.toml: its tables, and what in them can't be meant."""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from retinue.core.errors import NotStarted
from retinue.settings.files import read_text
from retinue.settings.kinds import Kind
from retinue.settings.refusal import meant, refusal
from retinue.settings.source import Source
from retinue.settings.table import SETTINGS, Setting

_REMEDY = "`retinue config --example` prints one that can be read."
_POSITION = re.compile(r" \(at line (\d+), column (\d+)\)$")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_TABLES = tuple(dict.fromkeys(setting.table for setting in SETTINGS if setting.place))
_WITHIN = {"models": ("aliases", "about"), "tools": ("expose",)}
"""Tables in tables, which other modules read."""


class Document(Struct, frozen=True, kw_only=True):
    """A file's content."""

    path: Path | None = None
    """None where there is no file, and so nothing in it."""
    content: Mapping[str, Any] = {}

    def says(self, *keys: str) -> bool:
        """Whether there is something at this place."""
        value: Any = self.content
        for key in keys:
            if not isinstance(value, dict) or key not in value:
                return False
            value = value[key]
        return True

    def source(self, table: str, key: str) -> Source:
        """Return a place in the file."""
        return Source(layer="retinue.toml", name=f"[{table}] {key}", file=str(self.path))

    def table(self, raw: Any, name: str) -> dict[str, Any]:
        """Return what must be a table; raises NotStarted if it is none."""
        if not isinstance(raw, dict):
            raise NotStarted(f"[{name}] in {self.path} must be a table: [{name}] on a line, and its keys below.")
        return raw

    def fields(
        self, raw: Any, settings: Sequence[Setting], *, table: str, within: Sequence[str] = ()
    ) -> dict[str, Any]:
        """Return the fields that a table says; raises NotStarted for a key or a value that can't be meant."""
        known = {setting.key: setting for setting in settings}
        said = self.table(raw, table)
        self.check_keys(said, (*known, *within), table=table)
        return {
            known[key].field: self.value(value, known[key].kind, table=table, key=key)
            for key, value in said.items()
            if key in known
        }

    def value(self, raw: Any, kind: Kind, *, table: str, key: str) -> Any:
        """Return what a value stands for, paths below the file's folder; raises NotStarted if it can't be meant."""
        try:
            return kind.check(raw, self.path.parent if self.path else Path())
        except ValueError:
            raise refusal(self.source(table, key), raw, kind) from None

    def check_keys(self, said: Iterable[str], known: Sequence[str], *, table: str) -> None:
        """Raise NotStarted for a key that is none of those that are known."""
        for key in said:
            if key not in known:
                where = f"[{table}] in {self.path}"
                raise NotStarted(
                    f"{where} has the key {key[:80]!r}, which is no setting.{meant(key, known) or _all(known)}"
                )


def read_document(path: Path) -> Document:
    """Read the file; raises NotStarted if it is no TOML, or has a table that isn't ours."""
    text = read_text(path, remedy=_REMEDY)
    try:
        content = tomllib.loads(text)
    except RecursionError:
        raise NotStarted(f"{path} has brackets within brackets beyond measure. {_REMEDY}") from None
    except ValueError as error:  # an integer of 5,000 digits is one that tomllib does not translate
        raise NotStarted(f"{path}{_wrong(error)}. {_REMEDY}") from None
    for name in content:
        if name not in (*_TABLES, "providers"):
            raise NotStarted(f"[{written(name[:80])}] in {path} is no table of settings.{_belongs(name)}")
    return Document(path=path, content=content)


def read_tables(document: Document) -> dict[str, Any]:
    """Return the fields of the settings that have one value each; raises NotStarted for what can't be meant."""
    fields: dict[str, Any] = {}
    for table in _TABLES:
        if table in document.content:
            ours = [setting for setting in SETTINGS if setting.table == table]
            fields |= document.fields(document.content[table], ours, table=table, within=_WITHIN.get(table, ()))
    return fields


def written(key: str) -> str:
    """Return a key as it stands in a table's name: in quotes where it has to."""
    return key if _BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def _wrong(error: ValueError) -> str:
    text = str(error)
    position = _POSITION.search(text)
    place = f", line {position[1]}, column {position[2]}," if position else ""
    return f"{place} can't be read: {_POSITION.sub('', text)}"


def _belongs(name: str) -> str:
    """Return where a key belongs that stands above all tables, or which table was meant."""
    tables = [setting.table for setting in SETTINGS if setting.place and setting.key == name]
    if tables:
        return f" The setting {name!r} belongs below [{tables[0]}]."
    return meant(name, (*_TABLES, "providers")) or _all((*_TABLES, "providers"))


def _all(known: Sequence[str]) -> str:
    return f" There are: {', '.join(known)}."
