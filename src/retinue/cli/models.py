"""`retinue models`."""

import asyncio
import shutil
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import typer

from retinue.app.model_survey import Survey, SurveyedModel, SurveyedProvider, survey
from retinue.cli.say import say
from retinue.cli.settings import settings_of

_NARROWEST = 40  # columns; a narrower terminal wraps by itself
_COLUMNS = ("model", "context", "reply", "images", "$ in/M", "$ out/M", "also serves")
_RIGHT = (False, True, True, False, True, True, False)
_UNKNOWN = "-"
_IMAGES = {True: "yes", False: "no", None: _UNKNOWN}


def run_models(*, data: Path | None, config: Path | None, as_json: bool) -> None:
    """Print what models there are, as tables, as lists where the terminal is narrow, or as JSON.

    Exit code 1 where there are providers and none of them can be asked.
    """
    found = asyncio.run(survey(settings_of(config=config, data=data, asks_providers=True)))
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(found)).decode())
    else:
        say(_text(found))
    if found.providers and all(provider.problem for provider in found.providers):
        raise typer.Exit(1)


def _text(found: Survey) -> str:
    width = max(_NARROWEST, shutil.get_terminal_size().columns)
    return "\n".join(_lines(found, width))


def _lines(found: Survey, width: int) -> Iterator[str]:
    for provider in found.providers:
        yield from _provider(provider, width)
        yield ""
    if not found.providers:
        yield from _wrapped(found.why, width)
        yield ""
    yield from _wrapped(f"Names that nobody has are served by {found.unknown_names}.", width)
    if found.fallbacks:
        yield from _wrapped(f"Asked where nobody answers: {', '.join(found.fallbacks)}.", width)


def _provider(provider: SurveyedProvider, width: int) -> Iterator[str]:
    yield from _wrapped(f"{provider.name}  {provider.base_url} ({provider.dialect})", width)
    if provider.problem:
        yield from _wrapped(provider.problem, width, indent="  ")
        return
    count = len(provider.models)
    yield f"  answers in {provider.answered_in_s * 1000:.0f} ms, {count} {'model' if count == 1 else 'models'}"
    table = _table([_COLUMNS, *map(_row, provider.models)])
    if max(map(len, table)) <= width:
        yield from table if provider.models else ()
    else:
        for model in provider.models:
            yield from _described(model, width)


def _row(model: SurveyedModel) -> tuple[str, ...]:
    return (
        model.name,
        _tokens(model.context_tokens),
        _tokens(model.completion_tokens),
        _IMAGES[model.images],
        _dollars(model.prompt_usd),
        _dollars(model.completion_usd),
        ", ".join(model.aliases),
    )


def _described(model: SurveyedModel, width: int) -> Iterator[str]:
    """Yield a model in lines of any width, with what is known of it alone."""
    yield from _wrapped(model.name, width, indent="  ")
    known = {
        "reads": model.context_tokens and _tokens(model.context_tokens),
        "says": model.completion_tokens and _tokens(model.completion_tokens),
        "images": None if model.images is None else _IMAGES[model.images],
        "$/M": None if model.prompt_usd is None else f"{_dollars(model.prompt_usd)}, {_dollars(model.completion_usd)}",
        "also": ", ".join(model.aliases) or None,
    }
    said = "; ".join(f"{name} {value}" for name, value in known.items() if value)
    yield from _wrapped(said, width, indent="    ") if said else ()


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  "
        + "  ".join(
            text.rjust(width) if right else text.ljust(width)
            for text, width, right in zip(row, widths, _RIGHT, strict=True)
        ).rstrip()
        for row in rows
    ]


def _wrapped(text: str, width: int, *, indent: str = "") -> list[str]:
    return textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False)


def _tokens(count: int | None) -> str:
    return _UNKNOWN if count is None else f"{count:,}"


def _dollars(price: float | None) -> str:
    return _UNKNOWN if price is None else f"{price:.4g}"
