"""Reads `.env` files: lines of NAME=value, as shells and many tools write them."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

from dotenv.parser import Binding, parse_stream
from msgspec import Struct

from retinue.core.errors import NotStarted
from retinue.settings.files import read_text
from retinue.settings.secrets import looks_secret
from retinue.settings.source import Source

_OURS = re.compile(r"\b(?:RETINUE|OPENAI)_")
_REMEDY = "Write a variable a line, such as OPENAI_MODEL=gpt-4o, with quotes around a value that has spaces or a #."


class Variable(Struct, frozen=True, kw_only=True):
    """What a variable holds, and where it stands."""

    value: str
    source: Source


class DotEnv(Struct, frozen=True, kw_only=True):
    """What a file says: nothing of it gets into the process's own environment."""

    variables: dict[str, Variable]
    notes: tuple[str, ...]
    """Sentences about lines that were passed over."""


def read_dotenv(path: Path) -> DotEnv:
    """Read the file; raises NotStarted if it can't be read or has a setting of ours that can't be meant.

    A broken line of somebody else's, whose file it may be too, is passed over with a note.
    """
    if path.is_dir():  # a usual name of virtual environments, too
        return DotEnv(variables={}, notes=(f"{path} is a folder, so no settings were read from it.",))
    bindings = list(parse_stream(io.StringIO(read_text(path, remedy=_REMEDY))))
    return DotEnv(variables=dict(_variables(path, bindings)), notes=tuple(_broken(path, bindings)))


def _variables(path: Path, bindings: list[Binding]) -> Iterator[tuple[str, Variable]]:
    for binding in bindings:
        if binding.key and binding.key.isidentifier() and binding.value is not None:
            source = Source(layer=".env", name=binding.key, file=str(path), line=_line(binding))
            yield binding.key, Variable(value=binding.value, source=source)


def _broken(path: Path, bindings: list[Binding]) -> Iterator[str]:
    for binding in bindings:
        if binding.error or _is_no_name(binding):
            sentence = f"{path}, line {_line(binding)}, is not NAME=value."
            if _OURS.search(binding.original.string):
                raise NotStarted(f"{sentence} {_REMEDY}")
            yield f"{sentence} It was passed over."


def _is_no_name(binding: Binding) -> bool:
    """Whether what stands for a name can't be one, as of a key that stands alone on its line."""
    name = binding.key or ""
    return bool(name) and (not name.isidentifier() or (binding.value is None and looks_secret(name)))


def _line(binding: Binding) -> int:
    """Return the line of the binding itself: what the parser calls its string may begin with empty ones."""
    string = binding.original.string
    return binding.original.line + string[: len(string) - len(string.lstrip())].count("\n")
