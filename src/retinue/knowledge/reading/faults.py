"""Why a file was not read: a fault of its own, or of the place it lies in."""

import errno
import os

from retinue.knowledge.reading.base import Unreadable
from retinue.knowledge.reading.frames import Failed, Hindered

_TOO_LARGE = "Reading the file takes more memory than it may have. Split it into smaller files and upload those."
_GONE = "The file's content is gone. Upload it again."
_BROKE_DOWN = "The file can't be read: it is damaged, or written in a way that is not known. Save it anew or as PDF."
_DETAIL = 500  # characters

_OF_THE_PLACE = frozenset(
    (
        errno.EMFILE,
        errno.ENFILE,
        errno.EACCES,
        errno.EPERM,
        errno.EIO,
        errno.ENOSPC,
        errno.EDQUOT,
        errno.ESTALE,  # this one and the next: of a folder on another machine
        errno.ETIMEDOUT,
    )
)
"""What the system says of itself, its disks and rights. Of a damaged file libraries raise other OSErrors."""


def failed(fault: Exception) -> Failed | Hindered:
    """Return what to say of whatever was raised while a file was read."""
    cause = fault.__cause__ if isinstance(fault, Unreadable) else fault
    if isinstance(cause, OSError) and cause.errno in _OF_THE_PLACE:
        return Hindered(os.strerror(cause.errno), _detail(cause))
    match fault:
        case Unreadable():
            return Failed(fault.failure, fault.message)
        case MemoryError():
            return Failed("server_error", _TOO_LARGE)
        case FileNotFoundError():
            return Failed("server_error", _GONE)
        case _:
            return Failed("invalid_file", _BROKE_DOWN, _detail(fault))


def _detail(fault: Exception) -> str:
    return f"{type(fault).__name__}: {fault}"[:_DETAIL]
