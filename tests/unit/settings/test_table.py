"""The table has every setting, each by names of its own, and the examples that are made of it hold."""

import re
from pathlib import Path

import pytest
from msgspec import Struct, structs

from retinue.settings import Exposure, ModelSettings, PriceSettings, ProviderSettings, Settings, read
from retinue.settings.example import env_example, toml_example
from retinue.settings.table import ABOUT, EXPOSURE, PRICE, PROVIDER, SETTINGS, Setting, default_of

ENV_EXAMPLE = Path(__file__).parents[3] / ".env.example"
ENVIRONMENT = {"GROQ_API_KEY": "key", "TEAM": "blue"}
SETTING = re.compile(r"^#(?=[^ \n])", re.MULTILINE)


@pytest.mark.parametrize(
    ("struct", "table", "besides"),
    [
        (Settings, SETTINGS, {"providers", "aliases", "models", "expose"}),
        (ProviderSettings, PROVIDER, {"name", "api_key"}),
        (ModelSettings, ABOUT, {"price"}),
        (PriceSettings, PRICE, set()),
        (Exposure, EXPOSURE, set()),
    ],
)
def test_the_table_has_every_field(struct: type[Struct], table: tuple[Setting, ...], besides: set[str]) -> None:
    fields = {field.name for field in structs.fields(struct)}
    assert {setting.field for setting in table} == fields - besides


def test_no_two_settings_share_a_name() -> None:
    names = [name for setting in SETTINGS for name in (setting.variable, *setting.older)]
    places = [setting.place for setting in SETTINGS if setting.place]
    assert len(set(names)) == len(names)
    assert len(set(places)) == len(places)


def test_every_setting_of_ours_has_a_variable_and_a_place() -> None:
    assert all(setting.variable for setting in SETTINGS)
    assert {setting.field for setting in SETTINGS if not setting.place} == {"base_url", "api_key", "runner_key"}


def test_an_example_as_it_stands_changes_nothing(tmp_path: Path) -> None:
    bare = read({}, folder=tmp_path).settings
    (tmp_path / ".env").write_text(env_example(), "utf-8")
    (tmp_path / "retinue.toml").write_text(toml_example(), "utf-8")
    reading = read({}, folder=tmp_path)
    assert reading.settings == bare
    assert reading.notes == ()


@pytest.mark.parametrize(("name", "example"), [(".env", env_example()), ("retinue.toml", toml_example())])
def test_an_example_of_which_all_is_taken_is_read_whole(tmp_path: Path, name: str, example: str) -> None:
    (tmp_path / "retinue.toml").touch()
    (tmp_path / name).write_text(SETTING.sub("", example).replace("=retinue.toml", f"={tmp_path / 'retinue.toml'}"))
    reading = read(ENVIRONMENT, folder=tmp_path)
    assert reading.notes == ()
    for setting in SETTINGS:
        if setting.place or name == ".env":
            assert reading.sources[setting.field].layer == name
            if not setting.example:
                assert getattr(reading.settings, setting.field) == default_of(setting)


def test_an_example_of_which_all_is_taken_sets_all_that_comes_by_name(tmp_path: Path) -> None:
    (tmp_path / "retinue.toml").write_text(SETTING.sub("", toml_example()))
    settings = read(ENVIRONMENT, folder=tmp_path).settings
    (provider,) = settings.providers
    assert provider.headers == {"X-Team": "blue"}
    assert all(getattr(provider, setting.field) is not None for setting in PROVIDER)
    assert all(getattr(settings.models["gpt-4o"], setting.field) is not None for setting in ABOUT)
    assert settings.models["gpt-4o"].price == PriceSettings(prompt=2.5, completion=10, cached=1.25)
    assert settings.expose == (Exposure(projects=("default",), assistants=("asst_...",)),)
    assert settings.aliases["gpt-4-1106-preview"] == ("gpt-4o",)


def test_the_committed_example_is_the_one_that_is_printed() -> None:
    assert ENV_EXAMPLE.read_text("utf-8") == env_example(), "make it anew: retinue config --env-example > .env.example"


def test_settings_files_with_secrets_stay_out_of_git() -> None:
    assert ".env" in (ENV_EXAMPLE.parent / ".gitignore").read_text("utf-8").splitlines()
