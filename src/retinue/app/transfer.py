"""Imports and exports: from dumps into a data folder and back, beside the server that has it if there is one."""

import asyncio
import contextlib
import functools
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, TextIO

from retinue.api.dump import Bytes, Characters, Importer, Listener, Report, exported
from retinue.app.folder import has_database
from retinue.app.offline import Opened, open_store
from retinue.core.caller import Caller
from retinue.core.errors import NotStarted, RetinueError, StoreFull, StoreUnavailable
from retinue.core.imports import Import, Outcome
from retinue.core.key import check_project
from retinue.engine.commands import imports
from retinue.store import Scope
from retinue.store.sqlite import Synchronous

STREAM = "-"
"""In place of a file: standard input or output."""

_BATCH = 1_000  # records a transaction
_BATCH_BESIDE = 200  # some milliseconds each, for a server waits for them
_RETRY_S = (0.1, 0.5, 1.0, 5.0)  # pauses between tries to write what a busy server left no room for

Progress = Callable[[int], None]
"""Hears how many bytes more were read."""


class BrokenOff(RetinueError):
    """An import could not go on; `report` says what became of everything until then."""

    def __init__(self, cause: RetinueError, report: Report) -> None:
        why = _why(cause)
        stays = "What was taken until then stays; import the same again, and it goes on from there."
        super().__init__(f"The import broke off: {why.rstrip('.')}. {stays}")
        self.report = report


def _why(cause: RetinueError) -> str:
    """Return the cause for an import, of which more was stored than the one batch that the store speaks of."""
    match cause:
        case StoreFull():
            return "the disk that holds the data is full"
        case StoreUnavailable():
            return cause.message.removesuffix(" Nothing of this request was stored.")
        case _:
            return cause.message


async def import_dumps(
    data: Path,
    files: Sequence[str],
    *,
    project: str,
    synchronous: Synchronous,
    tell: Listener,
    progress: Progress,
) -> Report:
    """Take dumps into a project and say what became of them; raises NotStarted, or BrokenOff amid them.

    Each batch is committed whole: what is stopped in between is gone on with by importing the same again.
    """
    check_project(project)
    for file in files:
        _check_readable(file)
    async with open_store(data, synchronous=synchronous) as opened:
        store = functools.partial(_take, opened, Caller(project=project))
        importer = Importer(store, tell, batch=_BATCH_BESIDE if opened.beside else _BATCH)
        try:
            for file in files:
                with _reading(file) as raw:
                    await importer.take(file, Characters(_Counted(raw, progress)))
            await importer.end()
        except RetinueError as error:
            raise BrokenOff(error, importer.report) from error
        return importer.report


def size_of(files: Sequence[str]) -> int | None:
    """Return how many bytes the files have together; None if that can't be known."""
    paths = [Path(file) for file in files if file != STREAM]
    known = len(paths) == len(files) and all(path.is_file() for path in paths)
    return sum(path.stat().st_size for path in paths) if known else None


async def export_dump(data: Path, file: str, *, project: str, synchronous: Synchronous) -> Counter[str]:
    """Write all of a project into a new file, or to standard output; return how many of each kind.

    Raises NotStarted if that can't be done. The file is there when it is whole.
    """
    check_project(project)
    if file == STREAM and sys.stdout is None:
        raise NotStarted("Standard output is closed. Name a file to export into.")
    if not has_database(data):
        raise NotStarted(f"There is nothing to export in {data}. Name the data folder with --data.")
    async with open_store(data, synchronous=synchronous) as opened:
        scope = opened.store.scoped(project)
        with _standard_output() if file == STREAM else _new_file(Path(file)) as target:
            return await _write(scope, target)


def disown(stream: TextIO) -> None:
    """Let what could not be written to a standard stream be forgotten: Python would try again at its end."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


async def _write(scope: Scope, target: IO[bytes]) -> Counter[str]:
    counts: Counter[str] = Counter()
    async for kind, line in exported(scope):
        target.write(line)
        counts[kind] += 1
    return counts


async def _take(opened: Opened, caller: Caller, batch: Sequence[Import]) -> Outcome:
    """Store a batch. A server beside us gets as much of the database's time as we take, and we wait our turn."""
    pauses = iter(_RETRY_S if opened.beside else ())
    while True:
        began = time.monotonic()
        try:
            outcome = await imports.take(opened.store, caller, batch)
        except StoreUnavailable as fault:
            pause = None if isinstance(fault, StoreFull) else next(pauses, None)
            if pause is None:
                raise
            await asyncio.sleep(pause)
        else:
            await asyncio.sleep(time.monotonic() - began if opened.beside else 0)
            return outcome


def _check_readable(file: str) -> None:
    if file == STREAM and sys.stdin is None:
        raise NotStarted("Standard input is closed. Name a file to import.")
    path = Path(file)
    if file != STREAM and (not path.exists() or path.is_dir() or not os.access(path, os.R_OK)):
        raise NotStarted(f"{file} can't be read: it must be a file, or {STREAM} for standard input.")


@contextlib.contextmanager
def _reading(file: str) -> Iterator[IO[bytes]]:
    if file == STREAM:
        yield sys.stdin.buffer
        return
    with contextlib.ExitStack() as stack:
        try:
            opened = stack.enter_context(Path(file).open("rb"))
        except OSError as error:
            raise NotStarted(f"{file} can't be read ({error.strerror}).") from error
        yield opened


class _Counted:
    """A file that tells how much of it was read."""

    def __init__(self, file: Bytes, progress: Progress) -> None:
        self._file, self._progress = file, progress

    def read(self, size: int, /) -> bytes:
        """See `Bytes.read`."""
        raw = self._file.read(size)
        self._progress(len(raw))
        return raw


@contextlib.contextmanager
def _standard_output() -> Iterator[IO[bytes]]:
    try:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    except OSError as error:
        disown(sys.stdout)
        raise NotStarted(f"The export could not be written to standard output: {error.strerror}.") from error


@contextlib.contextmanager
def _new_file(path: Path) -> Iterator[IO[bytes]]:
    """A file that gets its name once it is whole."""
    if path.exists():
        raise NotStarted(f"{path} exists already, and an export overwrites nothing. Choose another name.")
    try:
        with tempfile.NamedTemporaryFile(dir=path.absolute().parent, prefix=f".{path.name}.", delete=False) as aside:
            try:
                yield aside
                aside.flush()
                os.fsync(aside.fileno())
                Path(aside.name).rename(path)
            except BaseException:
                Path(aside.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise NotStarted(f"The export could not be written to {path}: {error.strerror}.") from error
