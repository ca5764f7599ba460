"""What can go wrong, as situations that a caller can act on.

RetinueError
  InvalidRequest          the caller sent something wrong; `param` names it
    NotFound              no such thing in this project
    Locked                a live run holds the thread
  Unauthorized            no key, or one that is not known
  ModelFault              the upstream model failed; ends a run as failed
    WindowExceeded        the prompt is longer than the model's context
  Unjudged                nobody can tell now whether JSON fits its schema
  StoreFault              the database could not do it
    StoreUnavailable      not now: busy, or the disk fails; later, perhaps
      StoreFull           no room left on the disk
    AlreadyExists         a row with this key is there already
    Fenced                another driver has taken the run over; stop writing
    Overtaken             the run was changed meanwhile; read it again and decide anew
    BlobTooLarge          more bytes than the caller allowed
    BlobMissing           no bytes under this id
    SchemaTooNew          the data folder was written by a newer Retinue
  FolderInUse             another process serves this data folder
  NotStarted              the server can't start as it was asked to

Errors carry a message for people and a stable code; which HTTP status each becomes is one table in `api/errors.py`.
"""

from typing import Literal

RunErrorCode = Literal["server_error", "rate_limit_exceeded", "invalid_prompt"]
Blame = Literal["request", "provider", "moment"]


class RetinueError(Exception):
    """The root: a message for people, and for programs a stable `code` and the `param` at fault."""

    def __init__(self, message: str, *, code: str | None = None, param: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.param = param


class InvalidRequest(RetinueError):
    """The caller sent something that can't be accepted; sending it again won't help."""


class NotFound(InvalidRequest):
    """Nothing with this id exists in the caller's project."""

    def __init__(self, kind: str, id_: str) -> None:
        if kind == "file":  # the contract words this one differently
            super().__init__(f"No such File object: {id_}", param="id")
        else:
            name = "run step" if kind == "step" else kind.replace("_", " ")
            super().__init__(f"No {name} found with id '{id_}'.")
        self.kind = kind
        self.id = id_


class Locked(InvalidRequest):
    """The thread has a live run; wait for it to end, or cancel it."""


class Unauthorized(RetinueError):
    """The request bears no key, or one that is not known."""


class ModelFault(RetinueError):
    """The upstream model could not answer; the message is one sentence that says what to do.

    `blame` tells what helps: "moment", to ask again later; "provider", to ask another one; "request", neither.
    `retry_after_s` is how long the provider asked to be left alone, in seconds.
    """

    def __init__(
        self,
        message: str,
        *,
        code: RunErrorCode = "server_error",
        blame: Blame = "provider",
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message, code=code)
        self.run_code: RunErrorCode = code
        self.blame: Blame = blame
        self.retry_after_s = retry_after_s


class WindowExceeded(ModelFault):
    """The provider refused the prompt as longer than the model's context; `limit` is that in tokens, where it said."""

    def __init__(self, message: str, *, limit: int | None) -> None:
        super().__init__(message, code="invalid_prompt", blame="request")
        self.limit = limit


class Unjudged(RetinueError):
    """Whether JSON fits its schema can't be told: the schema is too complicated, or too many wait to be checked."""


class StoreFault(RetinueError):
    """The database could not do what was asked."""


class StoreUnavailable(StoreFault):
    """The database can't do it now, and may be able to later; nothing of the write remains."""


class StoreFull(StoreUnavailable):
    """The disk that holds the data folder is full; nothing of the write remains."""


class AlreadyExists(StoreFault):
    """A row with this key exists already."""


class Fenced(StoreFault):
    """The run has moved on without this driver: it was taken over, ended or deleted."""


class Overtaken(StoreFault):
    """The run's stored status does not allow this change any more: it was changed meanwhile."""


class BlobTooLarge(StoreFault):
    """More bytes came than the caller allowed."""


class BlobMissing(StoreFault):
    """There are no bytes under this id."""


class SchemaTooNew(StoreFault):
    """The data folder was written by a newer version of Retinue."""


class FolderInUse(RetinueError):
    """Another process serves this data folder."""


class NotStarted(RetinueError):
    """The server can't start as it was asked to; the message says what to change."""
