"""Checkpoints: the write-ahead log is moved into the database beside the writes."""

import contextlib
import sqlite3
import threading
from pathlib import Path

import structlog

from retinue.store.sqlite.connection import Synchronous, connect

_CHECKPOINT_UNITS = 256  # after so many units of work, some megabytes, the log is copied into the database
_TRUNCATE_BYTES = 64 << 20  # a log of this size is cut off, while the writes wait
_PATIENCE_MS = 250  # for which they wait at most, where a reader, as a backup is, still holds on to the log

log = structlog.get_logger()


class Checkpoints:
    """Moves the write-ahead log into the database beside the writes, so that no commit waits for it."""

    def __init__(self, path: Path, synchronous: Synchronous) -> None:
        self._path, self._synchronous = path, synchronous
        self._wal = path.with_name(path.name + "-wal")
        self._wanted = threading.Event()
        self._mode = "PASSIVE"
        self._cut_at = _TRUNCATE_BYTES
        self._units = 0
        self._all_moved = True
        self._stopping = False
        self._thread = threading.Thread(target=self._serve, name="sqlite-checkpoints", daemon=True)
        self._thread.start()

    def restarts_log(self) -> bool:
        """Return whether the next commit begins the log anew, for all of it was moved: that waits for the disk."""
        restarts, self._all_moved = self._all_moved, False
        return restarts

    def consider(self, units: int) -> None:
        """Take note of so many more units in the log, and have it moved if it is time."""
        self._units += units
        if self._units < _CHECKPOINT_UNITS:
            return
        self._units = 0
        with contextlib.suppress(OSError):
            self._choose_mode(self._wal.stat().st_size)
        self._wanted.set()

    def stop(self) -> None:
        """Move what is left, and cut the log off."""
        self._stopping = True
        self._mode = "TRUNCATE"
        self._wanted.set()
        self._thread.join()

    def _choose_mode(self, size: int) -> None:
        if size < _TRUNCATE_BYTES:
            self._cut_at = _TRUNCATE_BYTES
        self._mode = "TRUNCATE" if size >= self._cut_at else "PASSIVE"
        if self._mode == "TRUNCATE":
            self._cut_at = size + _TRUNCATE_BYTES  # if it can't be cut off now, not before it has grown as much again

    def _serve(self) -> None:
        connection = connect(self._path, self._synchronous)
        connection.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
        stopping = False
        while not stopping:
            self._wanted.wait()
            self._wanted.clear()
            stopping = self._stopping
            try:
                _, there, moved = connection.execute(f"PRAGMA wal_checkpoint({self._mode})").fetchone()
                self._all_moved = there == moved
            except sqlite3.Error as error:
                log.warning("checkpoint_failed", error=str(error))
        connection.close()
