"""Examples of a retinue.toml and a .env with every setting, made from the table so that they are never out of date."""

import json
import tomllib
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from retinue.settings.kinds import Many
from retinue.settings.table import ABOUT, CONFIG, EXPOSURE, PRICE, PROVIDER, SETTINGS, Setting, default_of

_TOML_HEAD = """\
# Settings of Retinue. Save this as retinue.toml in the folder that the server starts from, or in
# ~/.config/retinue, or anywhere and name it with --config. Each line that begins with # and no space is a setting
# with its default, or with an example where there is none: remove the # and say what you want.
# The command line goes before the environment, that before .env, that before this file. Paths are relative to this
# file's folder. `retinue config` shows what is in force.
# No key stands in here: OPENAI_API_KEY and others are variables, of the environment or of a .env."""

_ENV_HEAD = """\
# Settings of Retinue. Save this as .env in the folder that the server starts from. Each line that begins with # and no
# space is a setting with its default, or with an example where there is none: remove the # and say what you want.
# The command line and the environment go before this file, it goes before retinue.toml. Keep it out of git: it may
# hold keys. `retinue config` shows what is in force."""

_ALIASES = """\
# What serves a name instead: one model, or several of which the first that answers serves.
#[models.aliases]
#gpt-4-1106-preview = "gpt-4o"
#fast = ["groq/llama-3.3-70b-versatile", "gpt-4o-mini"]"""


def toml_example() -> str:
    """Return a retinue.toml in which every setting stands as a comment."""
    return "\n\n".join(_toml_parts()) + "\n"


def env_example() -> str:
    """Return a `.env` in which every variable stands as a comment."""
    settings = (*SETTINGS, CONFIG)
    parts = (
        f"# {setting.about}{_besides(setting)}\n#{setting.variable}={_text(_shown(setting))}" for setting in settings
    )
    return "\n\n".join((_ENV_HEAD, *parts)) + "\n"


def _toml_parts() -> Iterator[str]:
    yield _TOML_HEAD
    for table, settings in groupby((setting for setting in SETTINGS if setting.place), lambda one: one.table):
        yield f"[{table}]\n" + _lines(list(settings))
    yield _ALIASES
    yield "# What you know of a model better than Retinue.\n" + _named('[models.about."gpt-4o"]', ABOUT)
    yield "# US dollars for a million tokens.\n" + _named('[models.about."gpt-4o".price]', PRICE)
    yield "# Whom the server's own functions run for.\n" + _named("[[tools.expose]]", EXPOSURE)
    yield "# A provider, the first that has a model serves it.\n" + _named("[providers.groq]", PROVIDER)


def _named(heading: str, settings: Sequence[Setting]) -> str:
    """Return a table that comes by a name of its own, so that its heading is a comment too."""
    return f"#{heading}\n{_lines(settings)}"


def _lines(settings: Sequence[Setting]) -> str:
    return "\n".join(
        f"# {setting.about}{_variable(setting)}\n#{setting.key} = {_literal(setting)}" for setting in settings
    )


def _variable(setting: Setting) -> str:
    return f" [{setting.variable}]" if setting.variable else ""


def _besides(setting: Setting) -> str:
    """Return what there is to know of the variable besides."""
    commas = " Several stand with commas between." if isinstance(setting.kind, Many) else ""
    return commas + (f" An older name, read too: {', '.join(setting.older)}." if setting.older else "")


def _literal(setting: Setting) -> str:
    return setting.example or json.dumps(_shown(setting))


def _shown(setting: Setting) -> Any:
    """Return the example, else the default; whole numbers without a point."""
    value = tomllib.loads(f"value = {setting.example}")["value"] if setting.example else default_of(setting)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _text(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
