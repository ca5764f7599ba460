"""Names that settings had elsewhere are read, and told."""

from pathlib import Path
from typing import Any

import pytest

from retinue.core.errors import NotStarted
from retinue.settings import read


@pytest.mark.parametrize(
    ("older", "field", "text", "value", "name"),
    [
        ("OPEN_API_KEY", "api_key", "sk-one", "sk-one", "OPENAI_API_KEY"),
        ("ASSISTANT_MODEL_TIER", "model", "smart", "smart", "OPENAI_MODEL"),
        ("ASSISTANT_ID", "assistant", "asst_1", "asst_1", "RETINUE_ASSISTANT"),
        ("MAX_SESSION_TOKENS", "reply_tokens", "512", 512, "RETINUE_REPLY_TOKENS"),
    ],
)
@pytest.mark.parametrize("in_file", [False, True])
def test_an_older_name_is_read_and_the_one_of_now_is_told(
    tmp_path: Path, older: str, field: str, text: str, value: Any, name: str, in_file: bool
) -> None:
    if in_file:
        (tmp_path / ".env").write_text(f"{older}={text}\n", "utf-8")
    reading = read({} if in_file else {older: text}, folder=tmp_path)
    assert getattr(reading.settings, field) == value
    where = f"{older} ({tmp_path / '.env'}, line 1)" if in_file else older
    assert reading.notes == (f"{where} is an older name of {name}, and was read: rename it.",)


def test_the_name_of_now_goes_before_an_older_one_beside_it() -> None:
    reading = read({"OPEN_API_KEY": "old", "OPENAI_API_KEY": "new"})
    assert reading.settings.api_key == "new"
    assert reading.notes == ()


def test_a_mistake_under_an_older_name_is_told_by_that_name() -> None:
    with pytest.raises(NotStarted, match=r"^MAX_SESSION_TOKENS is 'many'; it must be a whole number from 1 to"):
        read({"MAX_SESSION_TOKENS": "many"})
