"""Access of the data folder's owner, beside keys and beside any token."""

from pathlib import Path

import pytest

from retinue.core.errors import Unauthorized
from retinue.core.key import hash_of, new_key, owner_token
from retinue.gateway import AnyToken, KeyAccess, OwnerAccess
from retinue.store import Store
from retinue.store.sqlite import SQLite

SECRET = "a-secret.with_dots"


@pytest.mark.parametrize("project", ["default", "mine", "A-1_b"])
async def test_the_secret_opens_any_project(project: str) -> None:
    access = OwnerAccess(SECRET, AnyToken())
    assert (await access.caller(owner_token(SECRET, project))).project == project


@pytest.mark.parametrize(
    "token",
    [
        owner_token("another", "mine"),
        owner_token("", "mine"),
        owner_token(SECRET[:-1], "mine"),
        owner_token(f"{SECRET}x", "mine"),
        owner_token("\udcff", "mine"),
        "retinue-owner-",
        "retinue-owner-mine",
        owner_token(SECRET, ""),
        owner_token(SECRET, "no project"),
        owner_token(SECRET, "-"),
        owner_token(SECRET, "a" * 65),
    ],
)
async def test_any_other_owners_token_opens_nothing(token: str) -> None:
    with pytest.raises(Unauthorized) as refused:
        await OwnerAccess(SECRET, AnyToken()).caller(token)
    assert SECRET not in refused.value.message


async def test_others_go_the_usual_way(tmp_path: Path) -> None:
    store = await Store.open(SQLite.open(tmp_path / "retinue.db", synchronous="normal"))
    access = OwnerAccess(SECRET, KeyAccess(store.keys))
    assert (await access.caller("sk-any")).project == "default"
    with pytest.raises(Unauthorized):
        await access.caller(None)
    key, text = new_key(name="", project="theirs", at=0)
    await store.keys.insert(key, hash_of(text))
    assert await access.needs_key()
    assert (await access.caller(text)).project == "theirs"
    assert (await access.caller(owner_token(SECRET, "mine"))).project == "mine"
    for token in ("sk-any", SECRET, None):
        with pytest.raises(Unauthorized):
            await access.caller(token)
    await store.close()
