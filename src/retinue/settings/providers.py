"""Reads the providers of a retinue.toml, and from variables their keys."""

import re
from string import Template
from typing import Any

from retinue.core.errors import NotStarted
from retinue.settings.secrets import looks_secret
from retinue.settings.source import Source
from retinue.settings.table import PROVIDER
from retinue.settings.toml import Document, written
from retinue.settings.values import ProviderSettings
from retinue.settings.variables import Variables

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LONGEST = 40  # characters of a variable's name; keys are longer
_RESERVED = "rehearsal"


class ProviderReader:
    """Makes providers of tables; `notes` are sentences about variables that they lack."""

    def __init__(self, document: Document, variables: Variables) -> None:
        self.notes: list[str] = []
        self.sources: dict[str, Source] = {}
        """Where keys came from, by names such as "providers.groq.api_key"."""
        self._document = document
        self._variables = variables

    def read(self) -> tuple[ProviderSettings, ...]:
        """Return the providers in the order of the file; raises NotStarted for what can't be meant."""
        raw = self._document.table(self._document.content.get("providers", {}), "providers")
        return tuple(self._provider(name, table) for name, table in raw.items())

    def _provider(self, name: str, raw: Any) -> ProviderSettings:
        table = f"providers.{written(name)}"
        if not _NAME.fullmatch(name) or name == _RESERVED:
            raise NotStarted(
                f"[{table[:80]}] in {self._document.path} can't be a provider's name: it must be letters, digits, - and"
                f" _, 64 at most, and not {_RESERVED!r}, which is the built-in model."
            )
        fields = self._document.fields(raw, PROVIDER, table=table)
        if "base_url" not in fields:
            raise NotStarted(f"[{table}] in {self._document.path} has no base_url: say where the provider is.")
        key = fields.get("key")
        fields["headers"] = self._headers(fields.get("headers", {}), table)
        return ProviderSettings(name=name, api_key=None if key is None else self._key(key, table), **fields)

    def _key(self, name: str, table: str) -> str | None:
        """Return what the variable holds; None if it isn't set."""
        found = self._variables.find(name) if _VARIABLE.fullmatch(name) else None
        if found is not None:
            self.sources[f"{table}.api_key"] = found.source
            return self._one_line(found.value, name)
        where = self._document.source(table, "key").where
        if not _VARIABLE.fullmatch(name) or len(name) > _LONGEST or (looks_secret(name) and not name.isupper()):
            raise NotStarted(
                f"{where} must be the name of a variable, such as GROQ_API_KEY, and not"
                " the key itself: put that into the variable, in the environment or in .env."
            )
        self.notes.append(f"{name} is not set, which {where} names: the provider is asked without a key.")
        return None

    def _headers(self, headers: dict[str, str], table: str) -> dict[str, str]:
        filled = {name: self._filled(name, value, table) for name, value in headers.items()}
        return {name: value for name, value in filled.items() if value is not None}

    def _filled(self, header: str, value: str, table: str) -> str | None:
        """Return a header's value with what its variables hold; None if one is not set."""
        where = self._document.source(table, "headers").where
        template = Template(value)
        if not template.is_valid():
            raise NotStarted(f"{where} has a $ in {header} that begins no variable's name; write $$ for a dollar sign.")
        found = {name: self._variables.find(name) for name in template.get_identifiers()}
        if missing := [name for name, variable in found.items() if variable is None]:
            self.notes.append(f"{missing[0]} is not set, which {where} names: {header} is left out.")
            return None
        held = {name: self._one_line(variable.value, name) for name, variable in found.items() if variable}
        return template.substitute(held)

    def _one_line(self, value: str, name: str) -> str:
        """Return what goes into a header."""
        value = value.strip()
        if not value.isprintable():
            raise NotStarted(f"{name} must be one line without control characters. Set it anew.")
        return value
