"""Files and vector stores of the API, as far as the terminal reads them."""

from msgspec import Struct

CHAT_FILES = "retinue_files"
"""Of a vector store's metadata: for which files and folders `retinue chat -f` made it."""


class File(Struct, frozen=True, kw_only=True):
    """A `file`."""

    id: str
    filename: str = ""
    bytes: int = 0


class FileCounts(Struct, frozen=True, kw_only=True):
    """How many files of a vector store are in which state."""

    in_progress: int = 0
    completed: int = 0
    failed: int = 0
    total: int = 0


class StoreExtras(Struct, frozen=True, kw_only=True):
    """What is Retinue's own of a vector store."""

    thread_id: str | None = None
    assistant_id: str | None = None


class VectorStore(Struct, frozen=True, kw_only=True):
    """A `vector_store`."""

    id: str
    name: str | None = None
    usage_bytes: int = 0
    status: str = ""
    created_at: int = 0
    file_counts: FileCounts = FileCounts()
    metadata: dict[str, str] | None = None
    retinue: StoreExtras = StoreExtras()

    @property
    def by_itself(self) -> bool:
        """Whether it was made to be kept: neither for a thread or an assistant, nor for the files of `retinue chat`."""
        return not (self.retinue.thread_id or self.retinue.assistant_id or CHAT_FILES in (self.metadata or {}))

    @property
    def title(self) -> str:
        """What people call it."""
        return self.name or self.id


class FileError(Struct, frozen=True, kw_only=True):
    """Why a file can't be searched."""

    message: str = ""


class Windows(Struct, frozen=True, kw_only=True):
    """How much of a file's text is stored while it is being read."""

    stored: int = 0
    total: int | None = None
    """None where nobody knows it yet."""

    @property
    def part(self) -> float:
        """The part that is stored, from 0 to 1; 0 where nobody knows of how much."""
        return min(1.0, self.stored / self.total) if self.total else 0.0


class FileExtras(Struct, frozen=True, kw_only=True):
    """What is Retinue's own of a file in a vector store."""

    windows: Windows = Windows()


class Attributed(Struct, frozen=True, kw_only=True):
    """What bears a file's attributes."""

    attributes: dict[str, str | float | bool] | None = None

    def attribute(self, name: str) -> str:
        """Return an attribute that is text; empty where there is none."""
        value = (self.attributes or {}).get(name)
        return value if isinstance(value, str) else ""


class StoredFile(Attributed, frozen=True, kw_only=True):
    """A `vector_store.file`."""

    id: str
    status: str = ""
    usage_bytes: int = 0
    last_error: FileError | None = None
    retinue: FileExtras = FileExtras()

    @property
    def is_good(self) -> bool:
        """Whether it can be searched, or will be for all that is known."""
        return self.status in ("completed", "in_progress")


class Piece(Struct, frozen=True, kw_only=True):
    """A piece of a file's text."""

    text: str = ""


class PageBegin(Struct, frozen=True, kw_only=True):
    """Where in a passage a page begins."""

    start_index: int = 0
    page: int = 0


class ResultExtras(Struct, frozen=True, kw_only=True):
    """What is Retinue's own of a search's result."""

    pages: tuple[PageBegin, ...] = ()


class Result(Attributed, frozen=True, kw_only=True):
    """What a search found in one file."""

    file_id: str
    filename: str = ""
    score: float = 0.0
    content: tuple[Piece, ...] = ()
    retinue: ResultExtras = ResultExtras()


class Deleted(Struct, frozen=True, kw_only=True):
    """What is left of an object that was deleted."""

    id: str
