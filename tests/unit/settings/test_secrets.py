from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retinue.core.errors import NotStarted
from retinue.settings import read, read_settings
from retinue.settings.listing import listed
from retinue.settings.secrets import masked, without_keys, without_login

KEY = "sk-abcdefghijklmnopqrstuvwxyz0123456789"


@given(st.text())
def test_never_more_than_a_fifth_of_a_secret_is_shown(secret: str) -> None:
    shown = masked(secret)
    assert len(shown) <= 8
    assert shown == "****" or len(shown) - 1 <= len(secret) / 5


def test_a_secrets_owner_knows_it_again() -> None:
    assert masked(KEY) == "sk-…6789"
    assert masked(KEY.removeprefix("sk-")) == "…6789"
    assert masked("sk-short") == "****"


@pytest.mark.parametrize("name", ["OPENAI_BASE_URL", "RETINUE_PORT", "RETINUE_LOG_LEVEL", "MAX_SESSION_TOKENS"])
@pytest.mark.parametrize("secret", [KEY, "https:/user:hunter2@host", "gsk_Ab12cd"])
def test_a_secret_in_the_wrong_place_is_not_repeated(name: str, secret: str) -> None:
    with pytest.raises(NotStarted) as refused:
        read_settings({name: secret})
    assert secret[3:] not in refused.value.message
    assert name in refused.value.message


def test_a_key_of_two_lines_is_refused_and_not_repeated() -> None:
    with pytest.raises(NotStarted) as refused:
        read_settings({"OPENAI_API_KEY": "sk-a\nb"})
    assert refused.value.message == "OPENAI_API_KEY must be one line without control characters."


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example/v1", "https://a.example/v1"),
        ("https://user:pass@a.example:8/v1", "https://a.example:8/v1"),
        ("https://us@er:p@ss@a.example/v1?key=1#x", "https://a.example/v1"),
    ],
)
def test_an_address_is_shown_without_its_login(url: str, shown: str) -> None:
    assert without_login(url) == shown


def test_key_that_stands_where_a_name_belongs_is_masked_in_the_list(tmp_path: Path) -> None:
    (tmp_path / "retinue.toml").write_text(
        f'[models]\ndefault = "{KEY}"\nfallback = ["{KEY}"]\n[models.aliases]\n"{KEY}" = ["{KEY}"]\n'
        f'[[tools.expose]]\nfunctions = ["{KEY}"]\n',
        "utf-8",
    )
    entries = listed(read({"RETINUE_HOSTS": KEY}, folder=tmp_path))
    assert KEY not in repr(entries)
    assert KEY[-4:] in repr(entries)


@pytest.mark.parametrize(
    "name", ["claude-3-5-sonnet-20241022", "/srv/hf_models", "gpt-4-1106-preview", "ask-the-expert-model-1"]
)
def test_name_is_no_key(name: str) -> None:
    assert without_keys(name) == name
