"""Reads what a retinue.toml says of models: aliases, and what is known of them."""

from typing import Any

from retinue.core.errors import NotStarted
from retinue.settings.kinds import Many, Text
from retinue.settings.table import ABOUT, PRICE
from retinue.settings.toml import Document, written
from retinue.settings.values import ModelSettings, PriceSettings

_TARGETS = Many(Text("a model's name"), one_too=True)


def read_aliases(document: Document) -> dict[str, tuple[str, ...]]:
    """Return what serves each alias; raises NotStarted for what can't be meant."""
    raw = _within(document, "aliases")
    return {
        name: document.value(said, _TARGETS, table="models.aliases", key=written(name)) for name, said in raw.items()
    }


def read_models(document: Document) -> dict[str, ModelSettings]:
    """Return what is told of models; raises NotStarted for what can't be meant."""
    raw = _within(document, "about")
    return {name: _model(document, table, f"models.about.{written(name)}") for name, table in raw.items()}


def _model(document: Document, raw: Any, table: str) -> ModelSettings:
    fields = document.fields(raw, ABOUT, table=table, within=("price",))
    price = _price(document, raw["price"], f"{table}.price") if "price" in raw else None
    return ModelSettings(price=price, **fields)


def _price(document: Document, raw: Any, table: str) -> PriceSettings:
    fields = document.fields(raw, PRICE, table=table)
    if not fields.keys() >= {"prompt", "completion"}:
        raise NotStarted(
            f"[{table}] in {document.path} must have both prompt and completion, in US dollars for a million tokens."
        )
    return PriceSettings(**fields)


def _within(document: Document, key: str) -> dict[str, Any]:
    return document.table(document.content.get("models", {}).get(key, {}), f"models.{key}")
