"""Schema versions: numbered migrations, applied in one transaction, with a copy of the data put aside first."""

import re
from collections.abc import Sequence
from importlib import resources

from msgspec import Struct

from retinue.core.errors import SchemaTooNew, StoreFault, StoreUnavailable
from retinue.store.base import Database, Transaction


class Migration(Struct, frozen=True, kw_only=True):
    """One step from a schema version to the next."""

    version: int
    sql: str


def released() -> list[Migration]:
    """Return all migrations of this version of Retinue, oldest first."""
    folder = resources.files("retinue.store") / "migrations"
    files = [file for file in folder.iterdir() if re.fullmatch(r"\d{4}_\w+\.sql", file.name)]
    ordered = sorted(files, key=lambda file: file.name)
    return [Migration(version=int(file.name[:4]), sql=file.read_text("utf-8")) for file in ordered]


async def migrate(database: Database, migrations: Sequence[Migration]) -> None:
    """Bring the database to the newest version; one that is newer still is refused with SchemaTooNew."""
    async with database.alone():
        await _migrate(database, migrations)


async def _migrate(database: Database, migrations: Sequence[Migration]) -> None:
    newest = migrations[-1].version
    version = await database.write(_current)
    if version > newest:
        raise SchemaTooNew(
            f"The data folder has schema version {version}, and this Retinue knows versions up to {newest}. "
            "Start it with the newer Retinue that wrote it, or restore a backup."
        )
    if 0 < version < newest:
        await database.keep_copy(f"before-{newest}")

    async def apply(tx: Transaction) -> None:
        version = await _current(tx)
        for migration in migrations:
            if migration.version > version:
                await _apply(tx, migration, database.words)

    await database.write(apply, long=True)


async def version_of(database: Database) -> int:
    """Return the schema version that the database has, without writing; 0 if it is empty."""
    try:
        return await database.read(_newest)
    except StoreUnavailable:
        raise
    except StoreFault:  # there is no table of versions yet
        return 0


async def _current(tx: Transaction) -> int:
    await tx.execute("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")
    return await _newest(tx)


async def _newest(tx: Transaction) -> int:
    row = await tx.one("SELECT max(version) FROM schema_version")
    return (row and row[0]) or 0


async def _apply(tx: Transaction, migration: Migration, words: dict[str, str]) -> None:
    lines = [line for line in migration.sql.splitlines() if not line.startswith("--")]
    for statement in re.split(r";\s*$", "\n".join(lines), flags=re.MULTILINE):
        if statement.strip():
            await tx.execute(statement.format_map(words))
    await tx.execute("INSERT INTO schema_version (version) VALUES (?)", migration.version)
