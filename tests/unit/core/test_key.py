"""Keys: what their texts are like, what is stored of them, and which names they and their projects may bear."""

import hashlib
import re

import pytest

from retinue.core.errors import InvalidRequest
from retinue.core.key import Key, hash_of, masked, new_key

NOW = 1_700_000_000.0


def made(name: str = "ci", project: str = "default") -> tuple[Key, str]:
    return new_key(name=name, project=project, at=NOW)


def test_a_key_is_a_prefix_and_more_than_240_random_bits() -> None:
    texts = {made()[1] for _ in range(100)}
    assert len(texts) == 100
    for text in texts:
        assert re.fullmatch(r"sk-retinue-[0-9A-Za-z]{48}", text)


def test_a_key_knows_its_beginning_and_nothing_more_of_its_text() -> None:
    key, text = made()
    assert (key.name, key.project, key.created_at, key.revoked_at) == ("ci", "default", NOW, None)
    assert key.id.startswith("key_")
    assert text.startswith(key.shown)
    assert len(text) - len(key.shown) == 44


def test_a_hash_is_of_the_whole_text() -> None:
    assert hash_of("sk-retinue-a") == hashlib.sha256(b"sk-retinue-a").hexdigest()
    assert hash_of("sk-retinue-a") != hash_of("sk-retinue-b")


@pytest.mark.parametrize("token", ["", "é", "\x00", "\ud800", "x" * 100_000])
def test_any_token_has_a_hash(token: str) -> None:
    assert len(hash_of(token)) == 64


def test_a_masked_key_shows_its_beginning_and_its_end() -> None:
    assert masked("sk-retinue-0123456789abcd") == "sk-re****abcd"


@pytest.mark.parametrize(
    "token", ["", "x", "hunter2", "sk-retinue-0123456", "é" * 30, "sk-retinue-\x1b[31m" + "x" * 30]
)
def test_of_what_may_be_another_secret_nothing_is_shown(token: str) -> None:
    assert masked(token) == "****"


@pytest.mark.parametrize("project", ["a", "default", "0", "Team-7_x", "x" * 64])
def test_a_project_may_be_called_so(project: str) -> None:
    assert made(project=project)[0].project == project


@pytest.mark.parametrize("project", ["", "-a", "_a", "a b", "a/b", "..", "a\n", "é", "x" * 65, "a\x00"])
def test_a_project_may_not_be_called_so(project: str) -> None:
    with pytest.raises(InvalidRequest, match="is no name for a project") as refused:
        made(project=project)
    assert refused.value.param == "project"
    assert len(refused.value.message) < 500


@pytest.mark.parametrize(
    ("name", "stored"), [("", ""), (" ci ", "ci"), ("Ann's key", "Ann's key"), ("é" * 64, "é" * 64)]
)
def test_a_key_may_be_called_so(name: str, stored: str) -> None:
    assert made(name)[0].name == stored


@pytest.mark.parametrize("name", ["a\nb", "\x1b[31mred", "x" * 65, "key_1", "sk-retinue-abc", "sk-abc"])
def test_a_key_may_not_be_called_so(name: str) -> None:
    with pytest.raises(InvalidRequest, match=r"can't be called so: .* Choose another name.") as refused:
        made(name)
    assert name not in refused.value.message
