"""Lists what is in force and where it came from, secrets masked."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from retinue.settings.kinds import Address, Headers, Kind, Secret
from retinue.settings.reading import Reading
from retinue.settings.secrets import masked, without_keys, without_login
from retinue.settings.source import DEFAULT, Source
from retinue.settings.table import ABOUT, PROVIDER, SETTINGS
from retinue.settings.toml import written
from retinue.settings.values import ProviderSettings


class Entry(Struct, frozen=True, kw_only=True):
    """A setting in force."""

    table: str
    """Where a retinue.toml has it; empty for what stands in variables alone."""
    name: str
    value: Any
    """As JSON has it, secrets masked."""
    source: Source


def listed(reading: Reading) -> list[Entry]:
    """Return all settings, those of one value first; of models and providers what was said, and their defaults."""
    settings = reading.settings
    entries = [*_single(reading), *_aliases(reading), *_models(reading), *_exposures(reading)]
    for provider in settings.providers:
        entries += _provider(reading, provider)
    return [_without_keys(entry) for entry in entries]


def _single(reading: Reading) -> Iterator[Entry]:
    for setting in SETTINGS:
        value = _plain(setting.kind, getattr(reading.settings, setting.field))
        name = setting.key or setting.variable
        yield Entry(table=setting.table, name=name, value=value, source=reading.sources[setting.field])


def _aliases(reading: Reading) -> Iterator[Entry]:
    for name, targets in reading.settings.aliases.items():
        yield _entry(reading, ("models", "aliases"), name, list(targets))


def _models(reading: Reading) -> Iterator[Entry]:
    for name, model in reading.settings.models.items():
        for field in (*(setting.field for setting in ABOUT), "price"):
            value = getattr(model, field)
            if value is not None:
                yield _entry(reading, ("models", "about", name), field, msgspec.to_builtins(value))


def _exposures(reading: Reading) -> Iterator[Entry]:
    for exposure in reading.settings.expose:
        yield _entry(reading, ("tools",), "expose", msgspec.to_builtins(exposure))


def _provider(reading: Reading, provider: ProviderSettings) -> Iterator[Entry]:
    for setting in PROVIDER:
        value = _plain(setting.kind, getattr(provider, setting.field))
        yield _entry(reading, ("providers", provider.name), setting.key, value)
        if setting.field == "key":
            source = reading.sources.get(f"providers.{provider.name}.api_key", DEFAULT)
            yield Entry(
                table=f"providers.{provider.name}",
                name="api_key",
                value=None if provider.api_key is None else masked(provider.api_key),
                source=source,
            )


def _entry(reading: Reading, tables: Sequence[str], name: str, value: Any) -> Entry:
    table = ".".join(map(written, tables))
    source = reading.document.source(table, name) if reading.document.says(*tables, name) else DEFAULT
    return Entry(table=table, name=name, value=value, source=source)


def _without_keys(entry: Entry) -> Entry:
    return Entry(
        table=without_keys(entry.table),
        name=without_keys(entry.name),
        value=_masked(entry.value),
        source=msgspec.structs.replace(entry.source, name=without_keys(entry.source.name)),
    )


def _masked(value: Any) -> Any:
    match value:
        case str():
            return without_keys(value)
        case list() | tuple():
            return [_masked(one) for one in value]
        case dict():
            return {name: _masked(said) for name, said in value.items()}
        case _:
            return value


def _plain(kind: Kind, value: Any) -> Any:
    """Return a value as JSON has it and as it may be shown."""
    match kind, value:
        case _, None:
            return None
        case Secret(), _:
            return masked(value)
        case Address(), _:
            return without_login(value)
        case Headers(), _:
            return {name: masked(said) for name, said in value.items()}
        case _, Path():
            return str(value)
        case _, tuple():
            return [str(one) for one in value]
        case _:
            return value
