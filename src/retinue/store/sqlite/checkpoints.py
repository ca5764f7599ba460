"""Checkpoints: the write-ahead log is moved into the database beside the writes."""

import contextlib
import sqlite3
import threading
from pathlib import Path

import structlog

from retinue.store.sqlite.connection import Synchronous, connect

_CHECKPOINT_UNITS = 256  # after so many units of work, some megabytes, the log is copied into the database
_TRUNCATE_BYTES = 64 << 20  # a log of this size is cut off, while the writes wait

log = structlog.get_logger()


class Checkpoints:
    """Moves the write-ahead log into the database beside the writes, so that no commit waits for it."""

    def __init__(self, path: Path, synchronous: Synchronous) -> None:
        self._path, self._synchronous = path, synchronous
        self._wanted = threading.Event()
        self._mode = "PASSIVE"
        self._units = 0
        self._stopping = False
        self._thread = threading.Thread(target=self._serve, name="sqlite-checkpoints", daemon=True)
        self._thread.start()

    def consider(self, wal: Path, units: int) -> None:
        """Take note of so many more units in the log, and have it moved if it is time."""
        self._units += units
        if self._units < _CHECKPOINT_UNITS:
            return
        self._units = 0
        with contextlib.suppress(OSError):
            self._mode = "TRUNCATE" if wal.stat().st_size >= _TRUNCATE_BYTES else "PASSIVE"
        self._wanted.set()

    def stop(self) -> None:
        """Move what is left, and cut the log off."""
        self._stopping = True
        self._mode = "TRUNCATE"
        self._wanted.set()
        self._thread.join()

    def _serve(self) -> None:
        connection = connect(self._path, self._synchronous)
        while not self._stopping:
            self._wanted.wait()
            self._wanted.clear()
            try:
                connection.execute(f"PRAGMA wal_checkpoint({self._mode})")
            except sqlite3.Error as error:
                log.warning("checkpoint_failed", error=str(error))
        connection.close()
