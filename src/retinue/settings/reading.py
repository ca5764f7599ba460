"""Reads the settings from the environment."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, cast

from msgspec import structs

from retinue.core.errors import NotStarted
from retinue.settings.values import DEFAULT_HOST, DEFAULT_PORT, Settings


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings in force; raises NotStarted for a value that can't be meant, naming its variable."""
    read = _Reader(os.environ if environment is None else environment)
    settings = Settings(
        data=Path(read.text("RETINUE_DATA") or default_data(read.environment)),
        host=read.text("RETINUE_HOST") or DEFAULT_HOST,
        port=read.integer("RETINUE_PORT", DEFAULT_PORT, 0, 65_535),
        hosts=read.names("RETINUE_HOSTS"),
        api_key=read.line("OPENAI_API_KEY"),
        base_url=read.address("OPENAI_BASE_URL"),
        model=read.text("OPENAI_MODEL"),
        script=Path(script) if (script := read.text("RETINUE_SCRIPT")) else None,
        # each cast: `choice` returns nothing but what it was offered
        synchronous=cast(Literal["full", "normal"], read.choice("RETINUE_SYNCHRONOUS", "full", ("full", "normal"))),
        run_expires_s=read.number("RETINUE_RUN_EXPIRES_S", 600, 0.1, 86_400 * 365),
        max_turns=read.integer("RETINUE_MAX_TURNS", 50, 1, 100_000),
        drain_s=read.number("RETINUE_DRAIN_S", 10, 0, 3_600),
        log_level=cast(
            Literal["debug", "info", "warning", "error"],
            read.choice("RETINUE_LOG_LEVEL", "info", ("debug", "info", "warning", "error")),
        ),
    )
    ours = {name for name in read.environment if name.startswith("RETINUE_")}
    return structs.replace(settings, unknown=tuple(sorted(ours - read.asked)))


def default_data(environment: Mapping[str, str]) -> Path:
    """Return the folder for data where none is named: the platform's own place for it."""
    if os.name == "nt" and (local := environment.get("LOCALAPPDATA")):
        return Path(local) / "retinue"
    if xdg := environment.get("XDG_DATA_HOME"):
        return Path(xdg) / "retinue"
    return Path.home() / ".local" / "share" / "retinue"


class _Reader:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.asked: set[str] = set()

    def text(self, name: str) -> str | None:
        """The variable's value; one that is set to nothing is not set."""
        self.asked.add(name)
        return self.environment.get(name, "").strip() or None

    def line(self, name: str) -> str | None:
        """A value that goes into a header: of one line."""
        value = self.text(name)
        if value is not None and not value.isprintable():
            raise NotStarted(f"{name} holds a line break or another control character. Set it anew, without any.")
        return value

    def names(self, name: str) -> tuple[str, ...]:
        hosts = tuple(host.strip() for host in (self.text(name) or "").split(",") if host.strip())
        for host in hosts:
            if not re.fullmatch(r"[A-Za-z0-9._-]+|\[?[0-9A-Fa-f:]+\]?", host):
                raise NotStarted(f"{name} has {host!r}; it takes names alone, without http://, port or path.")
        return hosts

    def address(self, name: str) -> str | None:
        value = self.text(name)
        if value is not None and not value.lower().startswith(("http://", "https://")):
            raise NotStarted(f"{name} is {value!r}; it must begin with http:// or https://.")
        return value

    def number(self, name: str, default: float, low: float, high: float) -> float:
        text = self.text(name)
        if text is None:
            return default
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise NotStarted(f"{name} is {text!r}; it must be a number from {low:.12g} to {high:.12g}.")
        return value

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        value = self.number(name, default, low, high)
        if value != int(value):
            raise NotStarted(f"{name} is {self.text(name)!r}; it must be a whole number from {low} to {high}.")
        return int(value)

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        value = (self.text(name) or default).lower()
        if value not in choices:
            raise NotStarted(f"{name} is {value!r}; it must be one of {', '.join(choices)}.")
        return value
