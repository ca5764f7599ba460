"""Keys: whoever bears one acts in its project, and nowhere else."""

import hashlib
import re
import secrets
import string

from msgspec import Struct

from retinue.core.errors import InvalidRequest
from retinue.core.ids import new_id

PREFIX = "sk-retinue-"
"""How every key's text begins, so that people, and scanners for leaked keys, see what it is."""

OWNER_PREFIX = "retinue-owner-"
"""How the token begins of whoever may read the data folder: see `gateway.owner`."""

DEFAULT_PROJECT = "default"

_ALPHABET = string.digits + string.ascii_letters
_LENGTH = 48  # base-62 characters: 285 bits, of which a listing shows 23
_SHOWN = len(PREFIX) + 4
_LONGEST_NAME = 64  # characters
_PROJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class Key(Struct, frozen=True, kw_only=True):
    """What is known of a key. Its text is not: that was shown once, and its hash is all that is stored of it."""

    id: str
    name: str
    """What people call it; may be empty, and need not be unique."""
    project: str
    created_at: float
    shown: str
    """How its text begins, to tell keys apart by."""
    revoked_at: float | None = None

    @property
    def in_force(self) -> bool:
        """Whether it opens anything."""
        return self.revoked_at is None


def new_key(*, name: str, project: str, at: float) -> tuple[Key, str]:
    """Return a fresh key and its text; raises InvalidRequest for a name or a project that can't be one."""
    check_project(project)
    text = PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    key = Key(id=new_id("key"), name=_checked_name(name), project=project, created_at=at, shown=text[:_SHOWN])
    return key, text


def hash_of(text: str) -> str:
    """Return what is stored of a key's text: its SHA-256, in hexadecimal.

    A slow, salted hash protects passwords, for those can be guessed. A key is 285 random bits: nobody can try so
    many, and no two keys share a hash, so one round of a plain hash gives nothing away and costs a microsecond.
    """
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def owner_token(secret: str, project: str) -> str:
    """Return the token that opens a project to who knows the secret of a server's data folder."""
    return f"{OWNER_PREFIX}{secret}.{project}"


def masked(text: str) -> str:
    """Return a key's text as an error may repeat it: enough to tell which one was meant, too little to use.

    Of a short one nothing is shown: that may be half of some other secret.
    """
    if len(text) < len(PREFIX) + 8 or not (text.isascii() and text.isprintable()):
        return "****"
    return f"{text[:5]}****{text[-4:]}"


def check_project(project: str) -> None:
    """Refuse with InvalidRequest what can't be a project's name."""
    if not _PROJECT.fullmatch(project):
        raise InvalidRequest(
            f"{project[:80]!r} is no name for a project: it takes 1 to 64 letters, digits, '-' and '_', "
            "and begins with a letter or a digit.",
            param="project",
            code="invalid_value",
        )


def _checked_name(name: str) -> str:
    name = name.strip()
    if len(name) > _LONGEST_NAME or not name.isprintable():
        raise _no_name(f"a name has at most {_LONGEST_NAME} characters, all of them printable")
    if name.startswith("key_"):
        raise _no_name("the ids of keys begin with 'key_'")
    if name.startswith("sk-"):
        raise _no_name("that looks like a key itself, and names are stored to be read")
    return name


def _no_name(why: str) -> InvalidRequest:
    return InvalidRequest(
        f"The key can't be called so: {why}. Choose another name.", param="name", code="invalid_value"
    )
