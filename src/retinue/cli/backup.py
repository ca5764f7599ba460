"""`retinue backup` and `retinue restore`."""

from pathlib import Path

import typer

from retinue.app.archive import back_up, restore
from retinue.settings import read_settings


def run_backup(file: Path, data: Path | None) -> None:
    """Write an archive and say how large it is."""
    folder = (data or read_settings().data).expanduser().absolute()
    size = back_up(folder, file)
    typer.echo(f"Backed up {folder} to {file} ({size:,} bytes).")


def run_restore(file: Path, data: Path | None) -> None:
    """Unpack an archive and say where."""
    folder = (data or read_settings().data).expanduser().absolute()
    restore(file, folder)
    typer.echo(f"Restored {file} to {folder}. Serve it with: retinue serve --data {folder}")
