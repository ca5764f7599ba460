"""The files that settings are read from: where they are, and their text."""

import os
from collections.abc import Mapping
from pathlib import Path

from retinue.core.errors import NotStarted

CONFIG = "retinue.toml"
DOTENV = ".env"

_LIMIT = 1024 * 1024  # bytes


def read_text(path: Path, *, remedy: str) -> str:
    """Return a file's text; raises NotStarted with the remedy if there is none to be had."""
    try:
        if path.is_fifo():  # reading one waits until somebody writes, for ever if need be
            raise NotStarted(f"{path} is a pipe, which settings are not read from. {remedy}")
        with path.open("rb") as file:
            raw = file.read(_LIMIT + 1)
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte
        why = error.strerror if isinstance(error, OSError) else "no file can have this name"
        raise NotStarted(f"{path} can't be read ({why}). {remedy}") from error
    if len(raw) > _LIMIT:
        raise NotStarted(f"{path} is larger than {_LIMIT:,} bytes, so it holds no settings. {remedy}")
    try:
        return raw.decode("utf-8-sig")  # what editors on Windows put before the first line is no part of it
    except UnicodeDecodeError as error:
        raise NotStarted(f"{path} is not text in UTF-8: save it as that. {remedy}") from error


def find_config(environment: Mapping[str, str], folder: Path) -> Path | None:
    """Return the file of settings that nobody has to name: in the folder, else in the user's own place for it."""
    places = [folder, *_own_places(environment)]
    return next((place / CONFIG for place in places if is_there(place / CONFIG)), None)


def is_there(path: Path) -> bool:
    """Whether there is such a file, as far as one may look; a link that leads nowhere is one that can't be read."""
    return os.path.lexists(path)


def default_data(environment: Mapping[str, str]) -> Path:
    """Return the folder for data where none is named: the platform's own place for it."""
    if os.name == "nt" and (local := environment.get("LOCALAPPDATA")):
        return Path(local) / "retinue"
    if xdg := environment.get("XDG_DATA_HOME"):
        return Path(xdg) / "retinue"
    return Path.home() / ".local" / "share" / "retinue"


def _own_places(environment: Mapping[str, str]) -> list[Path]:
    if os.name == "nt" and (roaming := environment.get("APPDATA")):
        return [Path(roaming) / "retinue"]
    if xdg := environment.get("XDG_CONFIG_HOME"):
        return [Path(xdg) / "retinue"]
    home = environment.get("HOME")
    return [Path(home) / ".config" / "retinue"] if home else []
