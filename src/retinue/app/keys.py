"""The keys of a data folder, whether or not a server has it."""

import shlex
import time
from collections.abc import Sequence
from pathlib import Path

from retinue.app.address import Address
from retinue.app.folder import has_database
from retinue.app.offline import open_store
from retinue.core.errors import InvalidRequest, NotStarted
from retinue.core.key import Key, new_key
from retinue.engine.commands import keys
from retinue.engine.commands.keys import Made, Revoked


async def create_key(data: Path, *, name: str, project: str) -> Made:
    """Store a new key and return it; raises InvalidRequest for a name or a project that can't be one."""
    key, text = new_key(name=name, project=project, at=time.time())  # refused before a folder is made for it
    async with open_store(data) as opened:
        return await keys.create(opened.store, key, text)


async def list_keys(data: Path) -> Sequence[Key]:
    """Return all keys, the oldest first; a folder that is not there is not made for that."""
    if not has_database(data):
        return []
    async with open_store(data) as opened:
        return await opened.store.keys.list()


async def revoke_key(data: Path, which: str) -> Revoked:
    """Revoke a key by its id or its name; raises InvalidRequest if that names none, or several."""
    if not has_database(data):
        raise InvalidRequest(f"There are no keys in {data}. Name the data folder with --data.", param="key")
    async with open_store(data) as opened:
        return await keys.revoke(opened.store, which, at=time.time())


async def withdraw_key(data: Path, id_: str) -> None:
    """Undo the making of a key that nobody has seen."""
    async with open_store(data) as opened:
        await keys.withdraw(opened.store, id_)


def check_keys(address: Address, made: Sequence[Key], data: Path) -> None:
    """Refuse to be reached by others while there is no key that would keep them out, or let anybody in."""
    if address.loopback or any(key.in_force for key in made):
        return
    lack = "all its keys are revoked" if made else "it has no key yet"
    raise NotStarted(
        f"{address.host} can be reached from other machines, and this server can't tell friend from foe: {lack}. "
        f"Make one (retinue keys create --data {shlex.quote(str(data))}), or serve on 127.0.0.1."
    )
