"""Making, listing and revoking the keys of a data folder, whether or not a server has it."""

import time
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from retinue.app.folder import DATABASE
from retinue.app.offline import open_store
from retinue.core.errors import InvalidRequest
from retinue.core.key import Key, hash_of, new_key


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


async def create_key(data: Path, *, name: str, project: str) -> Made:
    """Store a new key and return it; raises InvalidRequest for a name or a project that can't be one."""
    key, text = new_key(name=name, project=project, at=time.time())
    async with open_store(data) as opened:
        first = await opened.store.keys.insert(key, hash_of(text))
    return Made(key=key, text=text, first=first)


async def list_keys(data: Path) -> Sequence[Key]:
    """Return all keys, the oldest first; a folder that is not there is not made for that."""
    if not (data / DATABASE).is_file():
        return []
    async with open_store(data) as opened:
        return await opened.store.keys.list()


async def revoke_key(data: Path, which: str) -> Revoked:
    """Revoke a key by its id, or by its name if only one bears it; raises InvalidRequest if that names none."""
    id_ = _named(await list_keys(data), which, data).id
    async with open_store(data) as opened:
        key = await opened.store.keys.revoke(id_, at=time.time())
        return Revoked(key=key, left=len(in_force(await opened.store.keys.list())))


async def withdraw_key(data: Path, id_: str) -> None:
    """Undo the making of a key that nobody has seen."""
    async with open_store(data) as opened:
        await opened.store.keys.withdraw(id_)


def in_force(keys: Sequence[Key]) -> list[Key]:
    """Return the keys that open something."""
    return [key for key in keys if key.revoked_at is None]


def _named(keys: Sequence[Key], which: str, data: Path) -> Key:
    found = [key for key in keys if which == key.id] or [key for key in keys if which and which == key.name]
    found = in_force(found) or found[-1:]  # of those that bear the name, the one that can still be meant
    if not found:
        raise InvalidRequest(
            f"No key in {data} has the id or the name {which[:80]!r}. List them: retinue keys list.", param="key"
        )
    if len(found) > 1:
        ids = ", ".join(key.id for key in found)
        raise InvalidRequest(f"{len(found)} keys are called {which!r}: {ids}. Revoke by the id.", param="key")
    return found[0]
