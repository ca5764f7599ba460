"""Access by key, over a real store: from any token, over keys, to none."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from retinue.core.errors import Unauthorized
from retinue.core.key import hash_of, new_key
from retinue.gateway import KeyAccess
from retinue.store import Store
from retinue.store.sqlite import SQLite

NOW = 1_700_000_000.0


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await Store.open(SQLite.open(tmp_path / "retinue.db", synchronous="normal"))
    yield store
    await store.close()


@pytest.fixture
def access(store: Store) -> KeyAccess:
    return KeyAccess(store.keys)


async def make(store: Store, project: str = "default") -> tuple[str, str]:
    """Make a key; its id and its text."""
    key, text = new_key(name="", project=project, at=NOW)
    await store.keys.insert(key, hash_of(text))
    return key.id, text


async def refusal(access: KeyAccess, token: str | None) -> str:
    with pytest.raises(Unauthorized) as refused:
        await access.caller(token)
    assert refused.value.code == "invalid_api_key"
    return refused.value.message


async def test_any_token_is_the_default_project_before_there_is_a_key(access: KeyAccess) -> None:
    assert (await access.caller("sk-anything")).project == "default"
    assert not await access.needs_key()
    assert "any key will do" in await refusal(access, None)


async def test_a_key_is_its_project(store: Store, access: KeyAccess) -> None:
    texts = {project: (await make(store, project))[1] for project in ("a", "b", "default")}
    for project, text in texts.items():
        assert (await access.caller(text)).project == project


async def test_the_first_key_shuts_the_door_at_once(store: Store, access: KeyAccess) -> None:
    await access.caller("sk-anything")
    await make(store, "a")
    assert await access.needs_key()
    assert (await refusal(access, "sk-anything-0123456789")).startswith("Incorrect API key provided: sk-an****6789. ")


@pytest.mark.parametrize("token", [None, ""])
async def test_no_token_is_refused_without_a_word_of_any_key_that_would_do(
    store: Store, access: KeyAccess, token: str | None
) -> None:
    await make(store)
    assert (await refusal(access, token)).startswith("You didn't provide an API key.")
    assert "any key" not in await refusal(access, token)


async def test_a_revoked_key_is_refused_from_the_next_request_on(store: Store, access: KeyAccess) -> None:
    id_, text = await make(store)
    await access.caller(text)
    await store.keys.revoke(id_, at=NOW)
    said = await refusal(access, text)
    assert said.startswith("Incorrect API key provided: sk-re****")
    assert "revoked" in said


async def test_the_last_key_revoked_leaves_the_door_shut(store: Store, access: KeyAccess) -> None:
    id_, text = await make(store)
    await store.keys.revoke(id_, at=NOW)
    for token in (text, "sk-anything", None):
        await refusal(access, token)
    assert await KeyAccess(store.keys).needs_key()


async def test_a_refusal_never_repeats_a_key(store: Store, access: KeyAccess) -> None:
    id_, text = await make(store)
    await store.keys.revoke(id_, at=NOW)
    for token in (text, text[:-1] + "!", text.lower(), text[:20], f"{text} "):
        said = await refusal(access, token)
        assert token not in said
        assert text[11:40] not in said


async def test_a_key_is_its_whole_text(store: Store, access: KeyAccess) -> None:
    _, text = await make(store)
    for token in (text[:-1], f"{text}x", text.swapcase(), hash_of(text), "sk-retinue-"):
        await refusal(access, token)
