"""The machine: Python, the files of settings, the data folder, what is installed."""

import importlib.util
import os
import platform
import shutil
from collections.abc import Iterator
from pathlib import Path

from retinue import __version__
from retinue.app.doctor.finding import Finding, State
from retinue.app.entry import entry_in_force
from retinue.app.folder import is_held
from retinue.app.knowledge import NEEDED
from retinue.settings import Reading

_SCARCE_BYTES, _FULL_BYTES = 2 << 30, 100 << 20


def python() -> Finding:
    """Return what runs this."""
    text = f"Retinue {__version__}, Python {platform.python_version()}, {platform.platform(terse=True)}"
    return Finding(about="Python", state="ok", text=f"{text}, {platform.machine()}, {os.cpu_count() or 1} cores")


def settings_files(reading: Reading) -> Iterator[Finding]:
    """Yield which files were read, and what was found amiss in them."""
    files = [str(path.absolute()) for path in (reading.document.path, reading.dotenv) if path]
    text = f"read from {' and '.join(files)}" if files else "no retinue.toml and no .env; variables and defaults hold"
    yield Finding(about="Settings", state="ok", text=text)
    for note in reading.notes:
        yield Finding(about="Settings", state="hint", text=note)


def data_folder(data: Path) -> Iterator[Finding]:
    """Yield whether a server can work there, how much room there is, and who has it."""
    about, place = "Data folder", _nearest(data)
    made = "" if place == data else "; it is made at the first start"
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        advice = "Give it to the user that runs the server, or name another one: --data, or RETINUE_DATA."
        yield Finding(about=about, state="broken", text=f"{data} can't be written", advice=advice)
        return
    free = shutil.disk_usage(place).free
    text = f"{data} can be written, {_size(free)} left{made}"
    state: State = "ok" if free >= _SCARCE_BYTES else "hint" if free >= _FULL_BYTES else "broken"
    remedy = None if state == "ok" else "Make room: what can't be stored is refused."
    yield Finding(about=about, state=state, text=text, advice=remedy)
    if entry := entry_in_force(data):
        held = f"a server has it: {entry.url}, process {entry.pid}, Retinue {entry.version}"
        yield Finding(about=about, state="ok", text=held)
    elif place == data and is_held(data):
        yield Finding(about=about, state="ok", text="another program of Retinue's has it")


def documents() -> Finding:
    """Return whether files can be searched."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        text = f"files can't be searched; not installed: {', '.join(missing)}"
        return Finding(about="Documents", state="hint", text=text, advice="pip install 'retinue[documents]'")
    return Finding(about="Documents", state="ok", text="files can be read and searched")


def _nearest(path: Path) -> Path:
    """Return the folder, or the nearest one above that is there."""
    return next((place for place in (path, *path.parents) if os.path.lexists(place)), path)


def _size(count: int) -> str:
    return f"{count / (1 << 30):.1f} GB" if count >= 1 << 30 else f"{count >> 20} MB"
