"""What goes wrong between asyncpg and us: told apart for whoever tries again, and in our words for everyone else."""

import contextlib
from collections.abc import Iterator
from typing import Literal

import asyncpg

from retinue.core.errors import AlreadyExists, RetinueError, StoreFault, StoreFull, StoreUnavailable

Kind = Literal["conflict", "lost", ""]
"""A neighbour was there at the same time; the connection broke."""

_CONFLICT = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.InvalidCachedStatementError,  # a neighbour has migrated the schema
)
_LOST = (
    OSError,  # TimeoutError is one
    asyncpg.PostgresConnectionError,
    asyncpg.InternalClientError,  # the server said farewell between two statements: no state of asyncpg expects that
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.IdleSessionTimeoutError,
    asyncpg.ReadOnlySQLTransactionError,  # the server has become the copy of another
)
_PASSING = (
    *_LOST,
    asyncpg.TransactionRollbackError,
    asyncpg.InvalidCachedStatementError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.LockNotAvailableError,
    asyncpg.PostgresIOError,
)
DRIVERS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)


def told_apart(error: BaseException) -> Kind:
    """Return what kind of failure it is, for one who may try again."""
    if isinstance(error, _CONFLICT):
        return "conflict"
    return "lost" if isinstance(error, _LOST) or _is_closed(error) else ""


def fault(error: Exception) -> Exception:
    """Return what callers hear: a driver's error in our words, any other as it is."""
    if not isinstance(error, DRIVERS):
        return error
    told = _told(error)
    told.__cause__ = error
    return told


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Raise in our words what the driver raises."""
    try:
        yield
    except DRIVERS as error:
        raise fault(error) from error


def _told(error: Exception) -> RetinueError:
    why = str(error.args[0] if error.args else "") or type(error).__name__  # without the details: they hold values
    if isinstance(error, asyncpg.UniqueViolationError):
        return AlreadyExists(why)
    if isinstance(error, asyncpg.DiskFullError):
        return StoreFull("The database's disk is full. Make room; nothing of this request was stored.")
    if isinstance(error, _PASSING) or _is_closed(error):
        return StoreUnavailable(f"The database can't do it now: {why}. Nothing of this request was stored.")
    return StoreFault(f"The database could not do it: {why}.")


def _is_closed(error: BaseException) -> bool:
    """Whether the connection had broken before; asyncpg has one class for that and for wrong calls."""
    return type(error) is asyncpg.InterfaceError and "closed" in str(error)
