"""Vector stores: files that file search looks through."""

from typing import Literal

from msgspec import Struct

from retinue.core.assistant import Metadata
from retinue.core.attributes import Attributes
from retinue.core.chunking import Grid

FileStatus = Literal["in_progress", "completed", "failed", "cancelled"]
FileErrorCode = Literal["server_error", "unsupported_file", "invalid_file"]
StoreStatus = Literal["expired", "in_progress", "completed"]

MAX_FILES = 10_000  # of a store: contract, "Limits"
MAX_BATCH = 2_000  # files: the same
THREAD_STORE_DAYS = 7  # after its last use, of a store that a message's attachment made: contract, "File search"
DAY_S = 86_400.0
_NOTED_S = 60.0  # a store that is used all the time need not be written all the time
_WINDOW_TOKENS = 200  # at most: what a small embedding model takes in whole


class Chunking(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a file is cut: chunks of at most `size` tokens, at least `overlap` of them shared with the one before.

    An overlap is at most half of the size.
    """

    size: int = 800
    overlap: int = 400

    @property
    def window_tokens(self) -> int:
        """The most tokens of a window: chunks are made of windows of equal size."""
        return self.size // self._per_chunk

    @property
    def grid(self) -> Grid:
        """How the chunks lie over the windows; where these do not meet the overlap exactly, it is larger.

        Whole windows may leave some tokens of the size over: chunks are that much smaller, their overlap is not.
        """
        shared = -(-self.overlap // self.window_tokens)
        return Grid(per_chunk=self._per_chunk, step=self._per_chunk - shared)

    @property
    def _per_chunk(self) -> int:
        return max(-(-self.size // _WINDOW_TOKENS), 2 if self.overlap else 1)


class FileCounts(Struct, frozen=True, kw_only=True):
    """How many files there are of each status."""

    in_progress: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.in_progress + self.completed + self.failed + self.cancelled


class Embedding(Struct, frozen=True, kw_only=True):
    """Whose vectors a store holds: it is never searched with another model's."""

    model: str
    dimensions: int


class VectorStore(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A stored vector store; its files are rows of their own."""

    id: str
    created_at: float
    name: str | None = None
    description: str | None = None
    assistant_id: str | None = None
    """The assistant that it was made for and goes with: its files are those that a v1 client attached."""
    thread_id: str | None = None
    """The thread that it was made for and goes with: its files came with messages."""
    expires_days: int | None = None
    """It expires so many days after it was last used."""
    embedding: Embedding | None = None
    """None until the first file was embedded."""
    expired: bool = False
    """Its time is over: nothing in it is searched any more."""
    metadata: Metadata = {}
    last_active_at: float | None = None
    counts: FileCounts = FileCounts()
    usage_bytes: int = 0
    version: int = 0
    """Grows with every change of what a search finds in it, and with some others, as of its name."""

    @property
    def status(self) -> StoreStatus:
        """As the API tells it."""
        if self.expired:
            return "expired"
        return "in_progress" if self.counts.in_progress else "completed"

    @property
    def expires_at(self) -> float | None:
        """When it expires unless it is used before; None is never."""
        if self.expires_days is None:
            return None
        return (self.last_active_at or self.created_at) + self.expires_days * DAY_S

    def is_over(self, now: float) -> bool:
        """Whether its time is over, also where nobody has come by to empty it."""
        return self.expired or (self.expires_at is not None and self.expires_at <= now)

    def wants_touch(self, now: float) -> bool:
        """Whether a use of it now is worth noting; none brings back one whose time is over."""
        return not self.is_over(now) and now - (self.last_active_at or self.created_at) >= _NOTED_S


class FileError(Struct, frozen=True, kw_only=True):
    """Why a file can't be searched, in a sentence that says what to do."""

    code: FileErrorCode
    message: str


class Reached(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far a file has come that is tried again and again."""

    windows: int = 0
    """That were stored when it was last seen to have got further."""
    attempts: int = 0
    """Of its job, before the one that began with these."""


class VectorStoreFile(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file in a vector store."""

    file_id: str
    store_id: str
    created_at: float
    document: str
    """Under which its windows are stored: a file that is taken out and put in again is another document."""
    status: FileStatus = "in_progress"
    usage_bytes: int = 0
    chunking: Chunking = Chunking()
    attributes: Attributes = {}
    error: FileError | None = None
    waits_since: float | None = None
    """When it was first tried to read it in vain."""
    reached: Reached = Reached()
    windows: int = 0
    """How many its text is cut into; 0 until that is known, of a small file when it is completed."""
    version: int = 0
    """The store's when it changed last."""


class FileDraft(Struct, frozen=True, kw_only=True):
    """A file as it is put into a vector store."""

    file_id: str
    chunking: Chunking = Chunking()
    attributes: Attributes | None = None
    """None leaves those that it has, if it is there already."""


class FilledStore(Struct, frozen=True, kw_only=True):
    """A vector store as it is made, and what is put into it at once."""

    store: VectorStore
    files: tuple[FileDraft, ...] = ()


class FileBatch(Struct, frozen=True, kw_only=True):
    """Files that were put into a vector store together."""

    id: str
    store_id: str
    created_at: float
    counts: FileCounts = FileCounts()
    cancelled: bool = False

    @property
    def status(self) -> FileStatus:
        """As the API tells it. All its files are cancelled where its vector store has expired meanwhile, too."""
        if self.cancelled or 0 < self.counts.total == self.counts.cancelled:
            return "cancelled"
        return "in_progress" if self.counts.in_progress else "completed"


class Window(Struct, frozen=True, kw_only=True, gc=False):
    """A piece of a document's text. Windows follow one another without overlap: together they are the whole text."""

    number: int
    """Counted from 0."""
    text: str
    page: int | None = None
    """Page, slide or sheet, counted from 1; None where the document has none."""


class Slab(Struct, frozen=True, kw_only=True, gc=False):
    """What is searched of some windows that follow one another."""

    first: int
    """Number of the first window."""
    count: int
    vectors: bytes
    """Unit vectors, one after the other: little-endian float16."""
    terms: bytes
    """Their words: see knowledge/words/terms.py."""
