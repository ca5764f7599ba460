"""Uploads: a file that comes in parts, put together when all are there."""

from typing import Literal

from msgspec import Struct

from retinue.core.errors import InvalidRequest
from retinue.core.file import FileDraft

UploadStatus = Literal["pending", "completed", "cancelled", "expired"]

MAX_UPLOAD_BYTES = 8 << 30  # the document, POST /uploads: "at most 8 GB in total and expires after an hour"
MAX_PART_BYTES = 64 << 20  # the document, POST /uploads/{upload_id}/parts
MAX_PARTS = 10_000  # ours: a bound on rows and files, eighty times what 8 GB need
UPLOAD_EXPIRES_S = 3_600


class Part(Struct, frozen=True, kw_only=True):
    """A stored piece of a file to be; its bytes are the blob that it owns."""

    id: str
    upload_id: str
    created_at: float
    size: int
    """Bytes."""
    blob: str


class Upload(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A stored upload. What was put together is a file of up to 8 GB: the 512 MB bound a single request to /files."""

    id: str
    created_at: float
    expires_at: float
    file: FileDraft
    """What the file will be."""
    size: int
    """Bytes that the file will have."""
    mime_type: str
    status: UploadStatus = "pending"
    file_id: str | None = None
    """Set once it is completed."""
    parts: int = 0
    """How many were stored, and are kept while it is pending."""
    stored: int = 0
    """Bytes of all of them; more than `size` where a part was sent again."""


def check_pending(upload: Upload, *, now: float) -> None:
    """Refuse what only a pending upload takes; raises InvalidRequest."""
    if upload.status == "completed":
        raise _refusal(upload, f"it is completed: its file is {upload.file_id}")
    if upload.status == "cancelled":
        raise _refusal(upload, "it was cancelled. Create a new upload")
    if upload.status == "expired" or upload.expires_at <= now:
        raise _refusal(upload, f"it has expired, {UPLOAD_EXPIRES_S // 60} minutes after its creation. Create a new one")


def check_room(upload: Upload, size: int) -> None:
    """Refuse a part of `size` bytes that is one too many; raises InvalidRequest."""
    if upload.parts >= MAX_PARTS or upload.stored + size > MAX_UPLOAD_BYTES:
        raise InvalidRequest(
            f"An upload takes at most {MAX_PARTS} parts and {MAX_UPLOAD_BYTES >> 30} GB in all. "
            "Complete it, or cancel it and create a new one.",
            param="data",
            code="upload_full",
        )


def _refusal(upload: Upload, why: str) -> InvalidRequest:
    return InvalidRequest(
        f"Upload {upload.id} takes no parts and can't be completed or cancelled any more: {why}.",
        param="upload_id",
        code="invalid_upload_state",
    )
