"""Stored profiles of models, over every back end."""

from msgspec import structs

from retinue.core.model_profile import Findings, ModelProfile, Sizes
from retinue.store import Database, Store

NOW = 1_700_000_000.0
PROFILE = ModelProfile(
    place="http://127.0.0.1:11434/v1",
    model="qwen3:8b",
    probed_at=NOW,
    findings=Findings(bound="max_tokens", developer=False, stream_usage=True, json_schema=False),
    sizes=Sizes(context_tokens=4096, images=False),
)


async def test_a_profile_comes_back_as_it_was_put(store: Store) -> None:
    assert list(await store.model_facts.list()) == []
    await store.model_facts.put(PROFILE)
    assert list(await store.model_facts.list()) == [PROFILE]


async def test_a_later_probe_replaces_the_one_before(store: Store) -> None:
    await store.model_facts.put(PROFILE)
    later = structs.replace(PROFILE, probed_at=NOW + 1, findings=Findings(), sizes=Sizes(context_tokens=8192))
    await store.model_facts.put(later)
    await store.model_facts.put(later)
    assert list(await store.model_facts.list()) == [later]


async def test_models_and_places_are_told_apart(store: Store) -> None:
    others = [
        structs.replace(PROFILE, model="Qwen3:8b"),
        structs.replace(PROFILE, place="http://127.0.0.1:1234/v1"),
        structs.replace(PROFILE, model="' OR ''='"),
    ]
    for profile in (PROFILE, *others):
        await store.model_facts.put(profile)
    listed = await store.model_facts.list()
    assert sorted(profile.model + profile.place for profile in listed) == sorted(
        profile.model + profile.place for profile in (PROFILE, *others)
    )


async def test_profiles_outlive_the_store(database: Database) -> None:
    await (await Store.open(database)).model_facts.put(PROFILE)
    assert list(await (await Store.open(database)).model_facts.list()) == [PROFILE]
