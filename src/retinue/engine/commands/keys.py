"""Verbs for keys. They need no engine: the terminal makes keys beside a server, or before there is one."""

from collections.abc import Sequence

from msgspec import Struct

from retinue.core.errors import InvalidRequest
from retinue.core.key import Key, hash_of
from retinue.store import Store


class Made(Struct, frozen=True, kw_only=True):
    """A key that was just made."""

    key: Key
    text: str
    """To be shown this once."""
    first: bool
    """Whether it is the first one ever: until now, any token would do."""


class Revoked(Struct, frozen=True, kw_only=True):
    """A key that is out of force."""

    key: Key
    left: int
    """How many keys are still in force."""


async def create(store: Store, key: Key, text: str) -> Made:
    """Store what `new_key` made, and return it."""
    return Made(key=key, text=text, first=await store.keys.insert(key, hash_of(text)))


async def revoke(store: Store, which: str, *, at: float) -> Revoked:
    """Revoke a key by its id, or by its name if only one bears it; raises InvalidRequest if that names none."""
    key = await store.keys.revoke(_named(await store.keys.list(), which).id, at=at)
    return Revoked(key=key, left=sum(other.in_force for other in await store.keys.list()))


async def withdraw(store: Store, id_: str) -> None:
    """Undo the making of a key that nobody has seen."""
    await store.keys.withdraw(id_)


def _named(keys: Sequence[Key], which: str) -> Key:
    found = [key for key in keys if which == key.id] or [key for key in keys if which and which == key.name]
    found = [key for key in found if key.in_force] or found[-1:]  # of those that bear the name, the one that is meant
    if not found:
        raise InvalidRequest(
            f"No key has the id or the name {which[:80]!r}. List them: retinue keys list.", param="key"
        )
    if len(found) > 1:
        ids = ", ".join(key.id for key in found)
        raise InvalidRequest(f"{len(found)} keys are called {which!r}: {ids}. Revoke by the id.", param="key")
    return found[0]
