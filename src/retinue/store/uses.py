"""Which assistants and threads name a file, so that deleting it finds them."""

from typing import Any, Literal

from msgspec import structs

from retinue.core.assistant import Assistant
from retinue.core.errors import NotFound
from retinue.core.thread import Thread
from retinue.store.base import Transaction
from retinue.store.codec import Codec, encode

Owner = Literal["assistant", "thread"]

_CODECS: dict[str, Codec[Any]] = {"assistant": Codec(Assistant), "thread": Codec(Thread)}
_TABLES = {"assistant": "assistants", "thread": "threads"}


async def check(
    tx: Transaction, project: str, owner: Assistant | Thread, *, before: Assistant | Thread | None = None
) -> None:
    """Refuse files that aren't there with NotFound; what was named before needs no second look."""
    for file in sorted(_named(owner) - _named(before)):
        if await tx.one("SELECT 1 FROM files WHERE project = ? AND id = ?", project, file) is None:
            raise NotFound("file", file)


async def keep(
    tx: Transaction,
    project: str,
    kind: Owner,
    id_: str,
    owner: Assistant | Thread | None,
    *,
    before: Assistant | Thread | None = None,
) -> None:
    """Note which files an assistant or a thread names now, where it named those of `before`."""
    now, then = _named(owner), _named(before)
    for file in sorted(then - now):
        await tx.execute(
            "DELETE FROM file_uses WHERE project = ? AND file = ? AND kind = ? AND owner = ?", project, file, kind, id_
        )
    for file in sorted(now - then):
        await tx.execute(
            "INSERT INTO file_uses (project, file, kind, owner) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            project,
            file,
            kind,
            id_,
        )


async def forget_file(tx: Transaction, project: str, file: str) -> None:
    """Take a file out of every list that names it."""
    uses = await tx.all("SELECT kind, owner FROM file_uses WHERE project = ? AND file = ?", project, file)
    for kind, owner in uses:
        await _take_out(tx, project, kind, owner, file)
    if uses:
        await tx.execute("DELETE FROM file_uses WHERE project = ? AND file = ?", project, file)


async def _take_out(tx: Transaction, project: str, kind: str, id_: str, file: str) -> None:
    table = _TABLES[kind]
    row = await tx.one(f"SELECT body FROM {table} WHERE project = ? AND id = ?", project, id_)
    assert row is not None  # its uses are deleted with it
    owner = _CODECS[kind].decode(row[0])
    changes: dict[str, Any] = {}
    if owner.tool_resources and owner.tool_resources.code_interpreter:
        left = tuple(named for named in owner.tool_resources.code_interpreter if named != file)
        changes["tool_resources"] = structs.replace(owner.tool_resources, code_interpreter=left)
    if isinstance(owner, Assistant):
        changes["files"] = tuple(named for named in owner.files if named.file_id != file)
    changed = encode(structs.replace(owner, **changes))
    await tx.execute(f"UPDATE {table} SET body = ? WHERE project = ? AND id = ?", changed, project, id_)


def _named(owner: Assistant | Thread | None) -> set[str]:
    if owner is None:
        return set()
    named = set((owner.tool_resources and owner.tool_resources.code_interpreter) or ())
    return named | {file.file_id for file in owner.files} if isinstance(owner, Assistant) else named
