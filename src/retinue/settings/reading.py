"""Reads the settings, each from the first place that has it."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from retinue.settings.dotenv import Variable
from retinue.settings.files import default_data, find_config
from retinue.settings.models import read_aliases, read_models
from retinue.settings.providers import ProviderReader
from retinue.settings.refusal import meant, refusal
from retinue.settings.source import DEFAULT, Source
from retinue.settings.table import CONFIG, SETTINGS, Setting
from retinue.settings.toml import Document, read_document, read_tables
from retinue.settings.tools import read_exposures
from retinue.settings.values import Settings
from retinue.settings.variables import Variables

_OURS = "RETINUE_"
_SHARED = "OPENAI_"
"""Names that others have too: one of theirs is no mistake unless it all but is one of ours."""


class Reading(Struct, frozen=True, kw_only=True):
    """The settings in force, and how they came to be."""

    settings: Settings
    sources: Mapping[str, Source]
    """Where each field of one value came from, by its name in `Settings`; and keys, as "providers.groq.api_key"."""
    document: Document
    """The retinue.toml that was read."""
    dotenv: Path | None
    """The .env that was read."""
    notes: tuple[str, ...]
    """Sentences for people: older names in use, names that are misspelt, variables that are missing."""
    provider_notes: tuple[str, ...]
    """Those of `notes` that are about providers: no matter to whoever asks none."""


def read_settings(
    environment: Mapping[str, str] | None = None,
    *,
    folder: Path | None = None,
    config: Path | None = None,
    said: Mapping[str, Any] | None = None,
) -> Settings:
    """Return the settings in force; raises NotStarted for one that can't be meant, naming it. See `read`."""
    return read(environment, folder=folder, config=config, said=said).settings


def read(
    environment: Mapping[str, str] | None = None,
    *,
    folder: Path | None = None,
    config: Path | None = None,
    said: Mapping[str, Any] | None = None,
) -> Reading:
    """Return the settings in force and where each came from; raises NotStarted for one that can't be meant.

    `said` are fields as the command line has them, of which None and what is empty say nothing; then comes the
    environment (the process's own unless one is given), then the folder's `.env`, then retinue.toml. Without a folder
    no file is looked for: the one that `config` or RETINUE_CONFIG names is still read.
    """
    environment = os.environ if environment is None else environment
    variables = Variables(environment, folder)
    document = _document(config, environment, variables, folder)
    providers = ProviderReader(document, variables)
    found = dict(_found(said or {}, variables, document))
    settings = Settings(
        **{"data": default_data(environment), **{field: value for field, (value, _) in found.items()}},
        providers=providers.read(),
        aliases=read_aliases(document),
        models=read_models(document),
        expose=read_exposures(document),
    )
    sources = {setting.field: found[setting.field][1] if setting.field in found else DEFAULT for setting in SETTINGS}
    notes = (*variables.notes, *_older(sources), *_unknown(variables), *providers.notes)
    sources |= providers.sources
    return Reading(
        settings=settings,
        sources=sources,
        document=document,
        dotenv=variables.file,
        notes=notes,
        provider_notes=tuple(providers.notes),
    )


def _document(
    config: Path | None, environment: Mapping[str, str], variables: Variables, folder: Path | None
) -> Document:
    """Read the file that is named, else the one that is there."""
    if config is None and (named := variables.find(CONFIG.variable)):
        config = _value(CONFIG, named)
    if config is None and folder is not None:
        config = find_config(environment, folder)
    return Document() if config is None else read_document(config)


def _found(
    said: Mapping[str, Any], variables: Variables, document: Document
) -> Iterator[tuple[str, tuple[Any, Source]]]:
    """Yield each field of one value that is set, its value and where that came from."""
    tables = read_tables(document)
    for setting in SETTINGS:
        field = setting.field
        if said.get(field) not in (None, (), []):
            yield field, (said[field], Source(layer="command line", name=f"--{field}"))
        elif variable := variables.find(setting.variable, *setting.older):
            yield field, (_value(setting, variable), variable.source)
        elif field in tables:
            yield field, (tables[field], document.source(setting.table, setting.key))


def _value(setting: Setting, variable: Variable) -> Any:
    """Return what a variable says; raises NotStarted if that can't be meant. Paths stay as they are."""
    text = variable.value.strip()
    try:
        return setting.kind.check(setting.kind.parse(text), Path())
    except ValueError:
        raise refusal(variable.source, text, setting.kind) from None


def _older(sources: Mapping[str, Source]) -> Iterator[str]:
    for setting in SETTINGS:
        source = sources[setting.field]
        if source.name in setting.older:
            yield f"{source.where} is an older name of {setting.variable}, and was read: rename it."


def _unknown(variables: Variables) -> Iterator[str]:
    """Yield what is to be said of names that begin as ours do and are none: misspelt, most likely."""
    names = [setting.variable for setting in (CONFIG, *SETTINGS)]
    ours, shared = ([name for name in names if name.startswith(prefix)] for prefix in (_OURS, _SHARED))
    for variable in variables:
        name, where = variable.source.name, variable.source.where
        if name.startswith(_OURS) and name not in ours:
            yield f"{where} is no setting of Retinue.{meant(name, ours, prefix=_OURS)}"
        elif (
            name.startswith(_SHARED) and name not in shared and (asked := meant(name, shared, prefix=_SHARED, near=0.9))
        ):
            yield f"{where} is no setting of Retinue.{asked}"
