from pathlib import Path

import pytest

from retinue.core.errors import NotStarted
from retinue.settings import Settings, default_data, read_settings

FOLDER = {"RETINUE_DATA": "/data"}


def test_a_bare_environment_gives_the_defaults() -> None:
    assert read_settings(FOLDER) == Settings(data=Path("/data"))


def test_every_variable_is_read() -> None:
    environment = {
        "RETINUE_DATA": "/data",
        "RETINUE_HOST": "::1",
        "RETINUE_PORT": "0",
        "RETINUE_HOSTS": "a.example, b.example ,",
        "OPENAI_API_KEY": "key",
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
        "OPENAI_MODEL": "gpt-4o",
        "RETINUE_SCRIPT": "script.yaml",
        "RETINUE_SYNCHRONOUS": "normal",
        "RETINUE_RUN_EXPIRES_S": "1.5",
        "RETINUE_MAX_TURNS": "7",
        "RETINUE_DRAIN_S": "0",
        "RETINUE_LOG_LEVEL": "debug",
    }
    assert read_settings(environment) == Settings(
        data=Path("/data"),
        host="::1",
        port=0,
        hosts=("a.example", "b.example"),
        api_key="key",
        base_url="http://127.0.0.1:9/v1",
        model="gpt-4o",
        script=Path("script.yaml"),
        synchronous="normal",
        run_expires_s=1.5,
        max_turns=7,
        drain_s=0,
        log_level="debug",
    )


@pytest.mark.parametrize("nothing", ["", "  ", "\t"])
def test_a_variable_set_to_nothing_is_not_set(nothing: str) -> None:
    names = ("RETINUE_HOST", "RETINUE_PORT", "RETINUE_HOSTS", "OPENAI_API_KEY", "RETINUE_SCRIPT", "RETINUE_LOG_LEVEL")
    assert read_settings({**FOLDER, **dict.fromkeys(names, nothing)}) == Settings(data=Path("/data"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RETINUE_PORT", "x"),
        ("RETINUE_PORT", "-1"),
        ("RETINUE_PORT", "65536"),
        ("RETINUE_PORT", "80.5"),
        ("RETINUE_PORT", "nan"),
        ("RETINUE_MAX_TURNS", "0"),
        ("RETINUE_MAX_TURNS", "2.5"),
        ("RETINUE_RUN_EXPIRES_S", "0"),
        ("RETINUE_RUN_EXPIRES_S", "inf"),
        ("RETINUE_RUN_EXPIRES_S", "nan"),
        ("RETINUE_DRAIN_S", "-1"),
        ("RETINUE_SYNCHRONOUS", "off"),
        ("RETINUE_LOG_LEVEL", "loud"),
    ],
)
def test_a_value_that_can_not_be_meant_is_refused_by_the_name_of_its_variable(name: str, value: str) -> None:
    with pytest.raises(NotStarted) as refused:
        read_settings({**FOLDER, name: value})
    assert refused.value.message.startswith(f"{name} is {value!r}; it must be ")


def test_a_number_out_of_range_is_told_its_range() -> None:
    with pytest.raises(NotStarted, match=r"^RETINUE_PORT is '70000'; it must be a whole number from 0 to 65535\.$"):
        read_settings({**FOLDER, "RETINUE_PORT": "70000"})


def test_a_choice_is_told_its_choices_and_read_whatever_its_case() -> None:
    with pytest.raises(NotStarted, match=r"it must be one of full, normal\.$"):
        read_settings({**FOLDER, "RETINUE_SYNCHRONOUS": "off"})
    assert read_settings({**FOLDER, "RETINUE_SYNCHRONOUS": "NORMAL"}).synchronous == "normal"


def test_data_goes_to_the_users_own_folder_where_none_is_named() -> None:
    assert default_data({"XDG_DATA_HOME": "/xdg"}) == Path("/xdg/retinue")
    assert default_data({}) == Path.home() / ".local" / "share" / "retinue"


def test_settings_can_not_be_changed() -> None:
    with pytest.raises(AttributeError):
        read_settings(FOLDER).port = 1  # type: ignore[misc]  # that is the point
