from pathlib import Path

import pytest

from retinue.core.errors import NotStarted
from retinue.settings import ProviderSettings, Reading, read

GROQ = '[providers.groq]\nbase_url = "https://api.groq.com/openai/v1"\n'


def reading_of(folder: Path, text: str, **environment: str) -> Reading:
    (folder / "retinue.toml").write_text(text, "utf-8")
    return read(environment, folder=folder)


def refusal_of(folder: Path, text: str, **environment: str) -> str:
    with pytest.raises(NotStarted) as refused:
        reading_of(folder, text, **environment)
    return refused.value.message.replace(str(folder / "retinue.toml"), "retinue.toml")


def test_all_that_a_provider_may_say_is_read(tmp_path: Path) -> None:
    text = (
        GROQ
        + """
        key = "GROQ_API_KEY"
        models = ["llama-*", "gemma"]
        default_model = "llama-3"
        headers = {"X-Team" = "blue", Authorization = "Bearer $TOKEN", "X-Price" = "5$$"}
        dialect = "groq"
        parallel = 4
        connect_s = 1
        first_byte_s = 2.5
        idle_s = 3
        """
    )
    reading = reading_of(tmp_path, text, GROQ_API_KEY="gsk", TOKEN="secret")
    assert reading.notes == ()
    assert reading.settings.providers == (
        ProviderSettings(
            name="groq",
            base_url="https://api.groq.com/openai/v1",
            api_key="gsk",
            key="GROQ_API_KEY",
            models=("llama-*", "gemma"),
            default_model="llama-3",
            headers={"X-Team": "blue", "Authorization": "Bearer secret", "X-Price": "5$"},
            dialect="groq",
            parallel=4,
            connect_s=1.0,
            first_byte_s=2.5,
            idle_s=3.0,
        ),
    )


def test_providers_keep_the_order_of_the_file(tmp_path: Path) -> None:
    names = ["zeta", "alpha", "mid-1", "B_2"]
    text = "".join(f'[providers.{name}]\nbase_url = "http://{name.lower()}.example"\n' for name in names)
    assert [provider.name for provider in reading_of(tmp_path, text).settings.providers] == names


def test_a_key_comes_from_the_environment_else_from_the_file_of_variables(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("GROQ_API_KEY=of-file\n", "utf-8")
    text = f'{GROQ}key = "GROQ_API_KEY"\n'
    assert reading_of(tmp_path, text).settings.providers[0].api_key == "of-file"
    assert reading_of(tmp_path, text, GROQ_API_KEY="of-shell").settings.providers[0].api_key == "of-shell"


def test_a_variable_that_is_not_set_is_told_and_stops_nothing(tmp_path: Path) -> None:
    reading = reading_of(tmp_path, f'{GROQ}key = "GROQ_API_KEY"\nheaders = {{"X-A" = "$MISSING", "X-B" = "b"}}\n')
    (provider,) = reading.settings.providers
    assert provider.api_key is None
    assert provider.headers == {"X-B": "b"}
    assert [note.partition(",")[0] for note in reading.notes] == ["MISSING is not set", "GROQ_API_KEY is not set"]


@pytest.mark.parametrize(
    "key",
    [
        "sk-abc",
        "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGH",
        "gsk_abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJ",
        "AIzaSyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q",
        "a" * 41,
        "two words",
        "$GROQ_API_KEY",
    ],
)
def test_a_key_itself_is_refused_and_not_repeated(tmp_path: Path, key: str) -> None:
    said = refusal_of(tmp_path, f'{GROQ}key = "{key}"\n')
    assert said.startswith("[providers.groq] key (retinue.toml) must be the name of a variable, such as GROQ_API_KEY")
    assert key not in said.replace("GROQ_API_KEY", "")


@pytest.mark.parametrize("name", ["rehearsal", '"a b"', '"a/b"', '"é"', '""', "-a", "a" * 65])
def test_a_name_that_no_provider_can_have_is_refused(tmp_path: Path, name: str) -> None:
    said = refusal_of(tmp_path, f'[providers.{name}]\nbase_url = "http://a.example"\n')
    assert "letters, digits, - and _, 64 at most, and not 'rehearsal'" in said


@pytest.mark.parametrize("name", ["KEY", "azure_key", "AZURE_OPENAI_API_KEY_FOR_TEAM_2"])
def test_a_variable_s_name_is_not_taken_for_a_key(tmp_path: Path, name: str) -> None:
    (note,) = reading_of(tmp_path, f'{GROQ}key = "{name}"\n').notes
    assert note.startswith(f"{name} is not set")


def test_a_provider_without_an_address_is_refused(tmp_path: Path) -> None:
    assert refusal_of(tmp_path, "[providers.groq]\n") == (
        "[providers.groq] in retinue.toml has no base_url: say where the provider is."
    )


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('headers = {"X A" = "b"}', "headers"),
        ('headers = {"X-A" = "a\\nb"}', "headers"),
        ('headers = {"X-A" = 1}', "headers"),
        ("headers = []", "headers"),
        ("parallel = 0", "parallel"),
        ("models = 1", "models"),
        ("idle_s = -1", "idle_s"),
    ],
)
def test_a_value_that_can_not_be_meant_is_named(tmp_path: Path, line: str, key: str) -> None:
    assert refusal_of(tmp_path, GROQ + line).startswith(f"[providers.groq] {key} (retinue.toml) is ")


def test_a_dollar_sign_that_begins_no_name_is_refused(tmp_path: Path) -> None:
    assert "write $$ for a dollar sign" in refusal_of(tmp_path, f'{GROQ}headers = {{"X-A" = "5$"}}\n')


@pytest.mark.parametrize("line", ['key = "KEY"', 'headers = {"X-A" = "$KEY"}'])
def test_a_variable_with_a_line_break_goes_into_no_header(tmp_path: Path, line: str) -> None:
    assert refusal_of(tmp_path, GROQ + line, KEY="secret\r\nX: y") == (
        "KEY must be one line without control characters. Set it anew."
    )
