"""What a door and its client agree on: paths, bounds, and what goes over the wire as JSON."""

from urllib.parse import quote, unquote_to_bytes

from msgspec import Struct

from retinue.sandbox.base import Kept, Limits, SandboxFault

PROTOCOL = 1
"""Grows with each change that an older end would not understand."""
PROTOCOL_HEADER = "Retinue-Runner"

HEALTH, ABOUT, SESSIONS = "/healthz", "/about", "/sessions"

MOST_BYTES = 64 << 20
"""Of one write."""
MOST_CODE = 1 << 20
"""Bytes of a call's code."""
MOST_PATH = 4_400
"""Bytes of a file's path."""
MOST_LISTED = 4 << 20
"""Bytes of any answer that is neither a file nor a run."""
MOST_MESSAGE = 500
"""Characters of what went wrong."""

BEAT_S = 5.0
"""How often the door says, while code runs and says nothing, that it is still there."""
SILENCE_S = 20.0
"""After so long without a word the other end is given up."""

LEAST_KEY = 16
"""Characters."""


class About(Struct, frozen=True, kw_only=True):
    """What a runner says of itself to those who have the key."""

    protocol: int
    version: str
    """Of its Retinue."""
    limits: Limits
    """That its sessions have, whatever its client's are."""
    back_end: str
    """What its walls are, in a word."""
    missing: list[str]
    """Libraries that were to be loaded and are not there."""
    sessions: int
    """Alive at this moment."""
    most_sessions: int


class Opened(Struct, frozen=True, kw_only=True):
    """A session, as its client names it from now on: it can't be guessed."""

    session: str


class Listed(Struct, frozen=True, kw_only=True):
    """A session's files."""

    files: list[Kept]


class Refusal(Struct, frozen=True, kw_only=True):
    """Why something was not done."""

    error: str
    lost: bool = False
    """Whether the session is gone."""


def check_key(key: str | None) -> str:
    """Return a key that both ends may use; raises SandboxFault for none, or one that is too short."""
    if key is None or len(key) < LEAST_KEY or not key.isascii() or not key.isprintable() or " " in key:
        raise SandboxFault(
            "A runner and its server know each other by a key, and there is none that will do. Set RETINUE_RUNNER_KEY "
            f"for both, to the same {LEAST_KEY} or more letters and digits: openssl rand -hex 32 makes one."
        )
    return key


def path_to_query(path: str) -> str:
    """Return a file's path as a query; raises SandboxFault for what can be the name of no file."""
    try:
        raw = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raw = b""
    if not raw or len(raw) > MOST_PATH:
        raise SandboxFault("That is no name of a file.")
    return f"path={quote(raw, safe='')}"


def path_of_query(query: bytes) -> str:
    """Return the path that a query holds; raises SandboxFault where it holds none."""
    name, _, quoted = query.partition(b"=")
    if name != b"path" or not quoted or b"&" in quoted or len(quoted) > 3 * MOST_PATH:
        raise SandboxFault("The query is to be path=, and a file's path behind it, percent-encoded.")
    return unquote_to_bytes(quoted).decode("utf-8", "surrogateescape")
