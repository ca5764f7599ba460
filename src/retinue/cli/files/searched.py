"""What a conversation searches: a vector store that is named, or the one of the files that are."""

import asyncio
import hashlib
from collections.abc import Sequence
from pathlib import Path

from retinue.cli.client.api import Api
from retinue.cli.files.adding import Adding
from retinue.cli.files.filling import fill
from retinue.cli.files.gathering import gather
from retinue.cli.files.objects import CHAT_FILES, VectorStore
from retinue.cli.files.places import place_attribute, place_of, resolved
from retinue.cli.files.progress import bar
from retinue.cli.files.taking import Taking
from retinue.cli.files.telling import tell_failures, tell_skipped, tell_stopped
from retinue.cli.files.vector_stores import ToFill, check_named, files_in, make_store, store_to_read, vector_stores
from retinue.core.errors import InvalidRequest

_LONGEST_NAME = 100  # characters
_UNUSED_DAYS = 7


async def searched_store(api: Api, named: str | None, paths: Sequence[Path]) -> VectorStore | None:
    """Return the vector store that is to be searched, its files read; None where none is meant. Raises InvalidRequest.

    The files of paths get one of their own, which is found again when the same paths are named again, and is gone after
    a week without use. What has changed in them is read anew, what is gone from them is taken out.
    """
    check_named(named)
    if paths and named:
        raise InvalidRequest(
            "--files makes a vector store of its own: leave --store out, or add the files to that one first."
        )
    if not paths:
        return await store_to_read(api, named) if named is not None else None
    gathered = gather(paths)
    tell_skipped(gathered.skipped)
    if not gathered.files:
        raise InvalidRequest("There is nothing to read there.")
    chosen = await _store_of(api, [resolved(path) for path in paths])
    store, taking = chosen.store, Taking(api, chosen.store)
    wanted = {place_attribute(path) for path in gathered.files}
    for gone in [file async for file in files_in(api, store) if place_of(file) not in wanted]:
        await taking.out(gone)
    try:
        with bar(len(gathered.files)) as watcher:
            adding = Adding(api, store, watcher)
            await fill(api, chosen, adding, gathered.files)
    except asyncio.CancelledError:  # Ctrl-C
        tell_stopped(adding.added, len(gathered.files))
        raise
    tell_failures(adding.added.failures)
    if not (adding.added.searchable or adding.added.unchanged):
        raise InvalidRequest("There is nothing there that can be searched.")
    return store


async def _store_of(api: Api, paths: Sequence[Path]) -> ToFill:
    key = hashlib.sha256("\0".join(sorted(map(str, paths))).encode("utf-8", "surrogateescape")).hexdigest()
    async for store in vector_stores(api):
        if store.status != "expired" and (store.metadata or {}).get(CHAT_FILES) == key:
            return ToFill(store)
    expires = {"anchor": "last_active_at", "days": _UNUSED_DAYS}
    name = paths[0].name[:_LONGEST_NAME]
    return ToFill(await make_store(api, name, metadata={CHAT_FILES: key}, expires_after=expires), is_new=True)
