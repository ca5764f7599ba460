"""Stored keys, over every back end."""

import asyncio

import pytest

from retinue.core.errors import AlreadyExists, NotFound
from retinue.core.key import Key, hash_of
from retinue.store import Database, Store

NOW = 1_700_000_000.0


def key(id_: str = "key_1", *, project: str = "default", name: str = "") -> Key:
    return Key(id=id_, name=name, project=project, created_at=NOW, shown="sk-retinue-abcd")


async def test_a_key_is_found_by_its_hash_alone(store: Store) -> None:
    await store.keys.insert(key(name="ci", project="p"), hash_of("text"))
    assert (await store.keys.look_up(hash_of("text")))[0] == key(name="ci", project="p")
    for other in ("", "text ", "tex", hash_of("text"), "' OR ''='", "%"):
        assert (await store.keys.look_up(hash_of(other)))[0] is None
    assert (await store.keys.look_up(""))[0] is None
    assert (await store.keys.look_up(hash_of("text").upper()))[0] is None


async def test_the_first_key_is_told_from_later_ones(store: Store) -> None:
    assert not await store.keys.any_made()
    assert await store.keys.insert(key("key_1"), "a")
    assert await store.keys.any_made()
    assert not await store.keys.insert(key("key_2"), "b")


async def test_keys_are_listed_as_they_were_made(store: Store) -> None:
    assert list(await store.keys.list()) == []
    made = [key(f"key_{number}", project=f"p{number % 2}") for number in (3, 1, 2)]
    for one in made:
        await store.keys.insert(one, f"hash of {one.id}")
    assert list(await store.keys.list()) == made


async def test_a_revoked_key_stays_and_says_since_when(store: Store) -> None:
    await store.keys.insert(key(), "a")
    revoked = await store.keys.revoke("key_1", at=NOW + 5)
    assert revoked.revoked_at == NOW + 5
    assert (await store.keys.look_up("a"))[0] == revoked
    assert list(await store.keys.list()) == [revoked]
    assert await store.keys.any_made()
    assert not await store.keys.insert(key("key_2"), "b")


async def test_a_key_that_is_revoked_twice_was_revoked_the_first_time(store: Store) -> None:
    await store.keys.insert(key(), "a")
    first = await store.keys.revoke("key_1", at=NOW + 5)
    assert await store.keys.revoke("key_1", at=NOW + 9) == first


async def test_revoking_one_key_leaves_the_others(store: Store) -> None:
    await store.keys.insert(key("key_1"), "a")
    await store.keys.insert(key("key_2"), "b")
    await store.keys.revoke("key_1", at=NOW)
    assert (await store.keys.look_up("b"))[0] == key("key_2")


async def test_a_key_that_is_not_there_can_not_be_revoked(store: Store) -> None:
    with pytest.raises(NotFound):
        await store.keys.revoke("key_1", at=NOW)


async def test_a_withdrawn_key_has_never_been(store: Store) -> None:
    await store.keys.insert(key(), "a")
    await store.keys.withdraw("key_1")
    await store.keys.withdraw("key_none")
    assert not await store.keys.any_made()
    assert (await store.keys.look_up("a"))[0] is None


@pytest.mark.parametrize(("id_", "hash_"), [("key_1", "b"), ("key_2", "a")])
async def test_neither_an_id_nor_a_hash_is_taken_twice(store: Store, id_: str, hash_: str) -> None:
    await store.keys.insert(key("key_1", project="mine"), "a")
    with pytest.raises(AlreadyExists):
        await store.keys.insert(key(id_, project="theirs"), hash_)
    assert list(await store.keys.list()) == [key("key_1", project="mine")]


async def test_keys_made_at_once_are_all_there(store: Store) -> None:
    made = [key(f"key_{number}") for number in range(20)]
    firsts = await asyncio.gather(*(store.keys.insert(one, one.id) for one in made))
    assert sorted(firsts) == [False] * 19 + [True]
    assert {one.id for one in await store.keys.list()} == {one.id for one in made}


async def test_keys_are_there_when_the_store_is_opened_again(database: Database, store: Store) -> None:
    await store.keys.insert(key(), "a")
    assert (await (await Store.open(database)).keys.look_up("a"))[0] == key()
