"""`retinue backup` and `retinue restore`."""

from pathlib import Path

import typer

from retinue.app.archive import back_up, restore
from retinue.cli.settings import settings_of


def run_backup(file: Path, *, data: Path | None, config: Path | None) -> None:
    """Write an archive and say how large it is."""
    folder = settings_of(data=data, config=config).data
    size = back_up(folder, file)
    typer.echo(f"Backed up {folder} to {file} ({size:,} bytes).")


def run_restore(file: Path, *, data: Path | None, config: Path | None) -> None:
    """Unpack an archive and say where."""
    folder = settings_of(data=data, config=config).data
    restore(file, folder)
    typer.echo(f"Restored {file} to {folder}. Serve it with: retinue serve --data {folder}")
