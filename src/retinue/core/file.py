"""Files: bytes that were uploaded, or written by a tool, under a name and for a purpose."""

import re
import unicodedata
from typing import Literal

from msgspec import Struct

from retinue.core.errors import InvalidRequest

Purpose = Literal["assistants", "batch", "fine-tune", "vision", "user_data", "evals"]
"""What a file may be uploaded for."""
AnyPurpose = Purpose | Literal["assistants_output"]
"""What a file may be for: the last is of those that a tool wrote."""

MAX_FILE_BYTES = 512 << 20  # contract: "Limits"
MAX_NAME = 512  # characters
NAMELESS = "upload"
"""What a file is called that came without a name, or with none but dots."""
_BATCH_EXPIRES_S = 30 * 86_400  # the document's FileExpirationAfter: "files with `purpose=batch` expire after 30 days"


class File(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A stored file; its bytes are the blob that it owns."""

    id: str
    created_at: float
    name: str
    """Data from outside: shown, never used as a path."""
    purpose: AnyPurpose
    size: int
    """Bytes."""
    sha256: str
    """Hexadecimal."""
    blob: str
    expires_at: float | None = None


class FileDraft(Struct, frozen=True, kw_only=True):
    """What a caller says of a file; the rest is told by its bytes."""

    name: str
    purpose: AnyPurpose
    expires_after_s: int | None = None
    """Seconds after its creation."""

    def expires_at(self, created_at: float) -> float | None:
        """Return when the file is to be deleted; None is never."""
        seconds = self.expires_after_s
        if seconds is None and self.purpose == "batch":
            seconds = _BATCH_EXPIRES_S
        return None if seconds is None else created_at + seconds


def clean_name(name: str, *, param: str) -> str:
    """Return a name that can be shown and stored: no folders, no control characters; raises InvalidRequest if long."""
    if len(name) > MAX_NAME:
        raise InvalidRequest(
            f"Invalid '{param}': string too long. Expected a file name with maximum length {MAX_NAME}, "
            f"but got one with length {len(name)} instead.",
            param=param,
            code="string_above_max_length",
        )
    base = re.split(r"[/\\]", name)[-1]
    clean = "".join("_" if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in base).strip()
    return clean if clean.strip(".") else NAMELESS
