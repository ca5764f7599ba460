"""Whatever is set in whatever places: the first place that has a setting wins."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retinue.settings import read
from retinue.settings.kinds import Address, Choice, FilePath, HostName, Integer, Kind, Many, Number
from retinue.settings.source import Layer
from retinue.settings.table import SETTINGS, Setting

LAYERS: tuple[Layer, ...] = ("command line", "environment", ".env", "retinue.toml")


def plain(kind: Kind, number: int) -> Any:
    """A value of the kind as TOML has it, another for each number."""
    match kind:
        case Integer(low=low) | Number(low=low):
            return int(low) + 1 + number
        case Choice(words=words):
            return words[number % len(words)]
        case Address():
            return f"http://h{number}.example/v1"
        case Many(of=one):
            return [plain(one, number), plain(one, number + 1)]
        case FilePath():
            return f"/folder/{number}"
        case HostName():
            return f"h{number}.example"
        case _:
            return f"word {number}"


def said(value: Any) -> str:
    """The value as a variable says it."""
    return ", ".join(value) if isinstance(value, list) else str(value)


Placed = Mapping[str, Mapping[Layer, tuple[str, int]]]
"""Of settings by field, what each layer says: the name it says it by, and the number of the value."""


@st.composite
def placed(draw: st.DrawFn) -> dict[str, dict[Layer, tuple[str, int]]]:
    chosen = draw(st.lists(st.sampled_from(SETTINGS), unique_by=lambda setting: setting.field))
    return {setting.field: draw(st.fixed_dictionaries({}, optional=_layers(setting))) for setting in chosen}


def _layers(setting: Setting) -> dict[Layer, st.SearchStrategy[tuple[str, int]]]:
    numbers = st.integers(0, 9)
    variables = st.tuples(st.sampled_from((setting.variable, *setting.older)), numbers)
    layers: dict[Layer, st.SearchStrategy[tuple[str, int]]] = {
        "command line": st.tuples(st.just(f"--{setting.field}"), numbers),
        "environment": variables,
        ".env": variables,
    }
    if setting.place:
        layers["retinue.toml"] = st.tuples(st.just(f"[{setting.table}] {setting.key}"), numbers)
    return layers


@given(placed())
def test_the_first_place_that_has_a_setting_wins(places: Placed) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / ".env").write_text(
            "".join(f'{key}="{value}"\n' for key, value in _variables(places, ".env")), "utf-8"
        )
        (folder / "retinue.toml").write_text(_toml(places), "utf-8")
        reading = read(dict(_variables(places, "environment")), folder=folder, said=_fields(places))
    for setting in SETTINGS:
        layers = places.get(setting.field, {})
        first = next((layer for layer in LAYERS if layer in layers), None)
        source = reading.sources[setting.field]
        assert source.layer == (first or "default")
        if first is not None:
            by, number = layers[first]
            assert source.name == by
            value = setting.kind.check(plain(setting.kind, number), Path())
            assert getattr(reading.settings, setting.field) == value
    older = {name for setting in SETTINGS for name in setting.older}
    assert len(reading.notes) == sum(source.name in older for source in reading.sources.values())


def _fields(places: Placed) -> dict[str, Any]:
    kinds = {setting.field: setting.kind for setting in SETTINGS}
    return {
        field: kinds[field].check(plain(kinds[field], layers["command line"][1]), Path())
        for field, layers in places.items()
        if "command line" in layers
    }


def _variables(places: Placed, layer: Layer) -> list[tuple[str, str]]:
    kinds = {setting.field: setting.kind for setting in SETTINGS}
    found = ((field, layers[layer]) for field, layers in places.items() if layer in layers)
    return [(name, said(plain(kinds[field], number))) for field, (name, number) in found]


def _toml(places: Placed) -> str:
    tables: dict[str, list[str]] = {}
    for setting in SETTINGS:
        if placed := places.get(setting.field, {}).get("retinue.toml"):
            value = json.dumps(plain(setting.kind, placed[1]))
            tables.setdefault(setting.table, []).append(f"{setting.key} = {value}")
    return "\n".join(f"[{table}]\n" + "\n".join(lines) for table, lines in tables.items())


def test_a_variable_that_is_set_to_nothing_leaves_its_place_to_the_next(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("RETINUE_PORT=\nRETINUE_HOST=::1\n", "utf-8")
    (tmp_path / "retinue.toml").write_text("[server]\nport = 5\n", "utf-8")
    settings = read({"RETINUE_PORT": "", "RETINUE_HOST": " "}, folder=tmp_path).settings
    assert (settings.port, settings.host) == (5, "::1")


@pytest.mark.parametrize("nothing", [None, [], ()])
def test_what_the_command_line_leaves_unsaid_leaves_its_place_to_the_next(nothing: object) -> None:
    assert read({"RETINUE_TOOLS": "a.py"}, said={"tools": nothing}).settings.tools == (Path("a.py"),)


def test_a_port_of_zero_is_said() -> None:
    assert read({"RETINUE_PORT": "1"}, said={"port": 0}).settings.port == 0
