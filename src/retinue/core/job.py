"""Durable work: what has to happen later, whatever happens to this process."""

from msgspec import Struct

EXPIRE_RUN = "expire_run"
"""The kind of job that ends a run which outlived its time; its key is the run's id."""

EXPIRE_FILE = "expire_file"
"""The kind of job that deletes a file when its time is over; its key is the file's id."""
EXPIRE_UPLOAD = "expire_upload"
"""The kind of job that ends an upload which was not completed in time; its key is the upload's id."""
EXPIRE_VECTOR_STORE = "expire_vector_store"
"""The kind of job that ends a vector store which nobody used for long; its key is the store's id."""
INGEST_DOCUMENT = "ingest_document"
"""The kind of job that makes a file in a vector store searchable; its key is the document's id."""
CLEAR_DOCUMENT = "clear_document"
"""The kind of job that deletes the windows of a document that is not needed any more; its key is the document's id."""

EXPIRE_CONTAINER = "expire_container"
"""The kind of job that ends a container which nobody used for long; its key is the container's id."""
CLEAR_BLOB = "clear_blob"
"""The kind of job that deletes bytes which have lost their owner; its key is the blob's id."""


class Job(Struct, frozen=True, kw_only=True):
    """A piece of work that is due at a time. (kind, project, key) is unique: adding it twice is adding it once."""

    kind: str
    project: str
    key: str
    due: float
    """Seconds since 1970."""
    attempts: int = 0
    """How often a worker has taken it on."""
    fence: int = 0
    """Another with every lease: whose lease ran out, or whose job was dropped and added anew, ticks off nothing."""
