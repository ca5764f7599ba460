import contextlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retinue.core.errors import NotStarted
from retinue.settings import read, read_settings
from retinue.settings.dotenv import read_dotenv


@pytest.fixture
def dotenv(tmp_path: Path) -> Path:
    return tmp_path / ".env"


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("OPENAI_MODEL=gpt-4o", "gpt-4o"),
        ("export OPENAI_MODEL=gpt-4o", "gpt-4o"),
        ("  OPENAI_MODEL = gpt-4o  ", "gpt-4o"),
        ("OPENAI_MODEL='a = b # c'", "a = b # c"),
        ('OPENAI_MODEL="a = b # c" # a comment', "a = b # c"),
        ("OPENAI_MODEL=a=b", "a=b"),
        ("OPENAI_MODEL=gpt-4o # a comment", "gpt-4o"),
        ("OPENAI_MODEL=gpt#4o", "gpt#4o"),
        ("OPENAI_MODEL=${HOME}", "${HOME}"),
        ("OPENAI_MODEL=modèle", "modèle"),
        ("OPENAI_MODEL=first\nOPENAI_MODEL=last", "last"),
        ("# a comment\n\nOPENAI_MODEL=gpt-4o", "gpt-4o"),
    ],
)
@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
@pytest.mark.parametrize("begin", ["", "\ufeff"])
def test_a_line_is_read_as_shells_and_editors_write_it(
    tmp_path: Path, dotenv: Path, line: str, value: str, end: str, begin: str
) -> None:
    dotenv.write_bytes((begin + line.replace("\n", end or "\n") + end).encode())
    reading = read({}, folder=tmp_path)
    assert reading.settings.model == value
    assert reading.sources["model"].line == line.count("\n") + 1


@pytest.mark.parametrize("line", ["RETINUE_PORT 8080", 'OPENAI_API_KEY="sk-secret', "export OPENAI_MODEL: a"])
def test_a_broken_line_of_ours_is_refused_by_its_number(tmp_path: Path, dotenv: Path, line: str) -> None:
    dotenv.write_text(f"# one\n\n{line}\n", "utf-8")
    with pytest.raises(NotStarted) as refused:
        read({}, folder=tmp_path)
    assert refused.value.message.startswith(f"{dotenv}, line 3, is not NAME=value. ")
    assert "secret" not in refused.value.message


def test_a_broken_line_of_another_program_is_passed_over_with_a_note(tmp_path: Path, dotenv: Path) -> None:
    dotenv.write_text("source ~/.keys\nBARE\nOPENAI_MODEL=gpt-4o\n", "utf-8")
    reading = read({}, folder=tmp_path)
    assert reading.settings.model == "gpt-4o"
    assert reading.notes == (f"{dotenv}, line 1, is not NAME=value. It was passed over.",)


def test_a_mistake_is_told_with_its_line(tmp_path: Path, dotenv: Path) -> None:
    dotenv.write_text("OTHER=1\nRETINUE_PORT=high\n", "utf-8")
    with pytest.raises(NotStarted) as refused:
        read({}, folder=tmp_path)
    assert refused.value.message == (
        f"RETINUE_PORT ({dotenv}, line 2) is 'high'; it must be a whole number from 0 to 65535."
    )


def test_a_misspelt_name_is_told_with_the_one_that_may_be_meant(tmp_path: Path, dotenv: Path) -> None:
    dotenv.write_text("RETINUE_PROT=1\nOTHER=2\n", "utf-8")
    notes = read({"RETINUE_QUUX": "3", "RETINUE_TESTING_": ""}, folder=tmp_path).notes
    assert f"RETINUE_PROT ({dotenv}, line 1) is no setting of Retinue. Did you mean RETINUE_PORT?" in notes
    assert "RETINUE_QUUX is no setting of Retinue." in notes
    assert len(notes) == 3


def test_a_name_that_others_have_too_is_told_where_it_all_but_is_one_of_ours(tmp_path: Path, dotenv: Path) -> None:
    dotenv.write_text("OPENAI_BASEURL=http://127.0.0.1\nOPENAI_ORGANIZATION=org\nOPENAI_API_BASE=http://a\n", "utf-8")
    assert read({}, folder=tmp_path).notes == (
        f"OPENAI_BASEURL ({dotenv}, line 1) is no setting of Retinue. Did you mean OPENAI_BASE_URL?",
    )


@pytest.mark.parametrize("line", ["sk-proj-abcdefgh12345678", "gsk_abcdefgh12345678abcdefgh"])
def test_a_key_alone_on_its_line_is_told_without_being_shown(tmp_path: Path, dotenv: Path, line: str) -> None:
    dotenv.write_text(f"A=1\n{line}\nexport A\n", "utf-8")
    assert read({}, folder=tmp_path).notes == (f"{dotenv}, line 2, is not NAME=value. It was passed over.",)


@pytest.mark.parametrize("name", [".env", "retinue.toml"])
def test_a_link_that_leads_nowhere_is_refused_and_not_passed_over(tmp_path: Path, name: str) -> None:
    for target in ("gone", name):  # the second is a loop
        (tmp_path / name).symlink_to(target)
        with pytest.raises(NotStarted, match=f"{name} can't be read"):
            read({}, folder=tmp_path)
        (tmp_path / name).unlink()


@pytest.mark.parametrize("name", [".env", "retinue.toml"])
def test_a_pipe_that_nobody_writes_to_is_refused_and_not_waited_for(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(NotStarted, match="is a pipe"):
        read({}, folder=tmp_path)


def test_nothing_of_the_file_gets_into_the_process_s_own_environment(tmp_path: Path, dotenv: Path) -> None:
    dotenv.write_text("RETINUE_TRIED_HERE=1\nOPENAI_MODEL=gpt-4o\n", "utf-8")
    before = dict(os.environ)
    read(folder=tmp_path)
    assert dict(os.environ) == before


def test_no_file_is_looked_for_where_no_folder_is_named(
    tmp_path: Path, dotenv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dotenv.write_text("RETINUE_PORT=1\n", "utf-8")
    (tmp_path / "retinue.toml").write_text("[server]\nport = 2\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    assert read_settings({"XDG_CONFIG_HOME": str(tmp_path)}).port == 4747


@pytest.mark.parametrize("content", [b"OPENAI_MODEL=\xff", "OPENAI_MODEL=a".encode("utf-16"), b"A=1\n" * 300_000])
def test_a_file_that_holds_no_settings_is_refused_in_a_sentence(tmp_path: Path, dotenv: Path, content: bytes) -> None:
    dotenv.write_bytes(content)
    with pytest.raises(NotStarted) as refused:
        read({}, folder=tmp_path)
    assert refused.value.message.startswith(f"{dotenv} is ")


def test_a_virtual_environment_of_that_name_is_no_mistake(tmp_path: Path, dotenv: Path) -> None:
    dotenv.mkdir()
    assert read({}, folder=tmp_path).notes == (f"{dotenv} is a folder, so no settings were read from it.",)


@given(
    st.text() | st.lists(st.sampled_from(["A", "=", '"', "'", "\n", "\\", "#", " ", "export ", "OPENAI_"])).map("".join)
)
def test_whatever_a_file_holds_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.env"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with contextlib.suppress(NotStarted):
        assert all(name.isidentifier() for name in read_dotenv(path).variables)
