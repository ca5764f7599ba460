"""The bytes of files, apart from the database."""

from retinue.blobs.base import Blob, Blobs

__all__ = ["Blob", "Blobs"]
