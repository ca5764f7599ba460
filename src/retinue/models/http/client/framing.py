"""An answer's head, body and end out of a connection's bytes, however the network cut them.

Framing follows https://www.rfc-editor.org/rfc/rfc9112 as llhttp reads it, which refuses what two readers could take
for two things: lengths that disagree, line breaks within a header.
"""

from collections.abc import Mapping

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser
from msgspec import Struct

from retinue.models.http.client.errors import ConnectionLost, InvalidAnswer

HEAD_LIMIT = 64 * 1024  # bytes of a head, and of what stands between two pieces of a body
_FIELDS_LIMIT = 256  # headers, those of a body's end counted

_CODINGS: tuple[list[str], ...] = ([], ["chunked"], ["identity"])
_STATUSES = range(100, 1000)
_INTERIM = 200  # statuses below announce an answer
_EMPTY = (204, 304)  # no body comes with these


class Head(Struct, frozen=True, kw_only=True):
    """What comes before an answer's body."""

    status: int
    reason: str
    headers: Mapping[str, str]
    """By names in lower case; of several of a name, the first."""


class Framing:
    """One answer as it comes. Its state is what has come so far."""

    __slots__ = (
        "_bare",
        "_fields",
        "_parser",
        "_reason",
        "_size",
        "body",
        "complete",
        "failure",
        "head",
        "keeps_alive",
        "over",
    )

    def __init__(self) -> None:
        self.head: Head | None = None
        self.body = bytearray()
        """What has come of the body; who takes of it takes it out."""
        self.complete = False
        """Whether all has come."""
        self.over = False
        """Whether nothing more will come."""
        self.keeps_alive = False
        """Whether the connection can be used again afterwards."""
        self.failure: BaseException | None = None
        """Why no more comes, where that is not its end and nobody was told."""
        self._reason = b""
        self._fields: list[tuple[bytes, bytes]] = []
        self._size = 0  # bytes of headers
        self._bare = 0  # bytes since the last of the body
        self._parser: HttpResponseParser | None = HttpResponseParser(self)
        # Both are harmless here, where one answer alone is read, and some servers need them.
        self._parser.set_dangerous_leniencies(lenient_optional_cr_before_lf=True, lenient_spaces_after_chunk_size=True)

    def feed(self, data: bytes) -> None:
        """Take what has come; raises InvalidAnswer."""
        if self._parser is None:  # it is over
            return
        self._bare += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as exc:
            self.keeps_alive = False
            if not self.complete:
                raise InvalidAnswer(str(exc)) from exc
        if self._bare > HEAD_LIMIT and not self.complete:
            raise InvalidAnswer(f"{HEAD_LIMIT} bytes of it hold no body")
        if self.complete:
            self._end()

    def end(self, exc: BaseException | None) -> None:
        """Note that the connection is closed, which is an answer's end where nothing else tells it."""
        if self.over:
            return
        if self.head is not None and exc is None and _ends_with_connection(self.head):
            self.complete = True
            self._end()
        else:
            lost = ConnectionLost()
            lost.__cause__ = exc
            self.fail(lost)

    def fail(self, exc: BaseException) -> None:
        """Note that no more will come, and why."""
        if not self.over:
            self.failure = exc
            self._end()

    def taken_failure(self) -> BaseException:
        """Return why no more comes, to be raised: an error holds who raised it, who must not hold the error too."""
        failure, self.failure = self.failure, None
        return failure or ConnectionLost()

    def _end(self) -> None:
        self.over = True
        self._parser = None  # it and this value hold each other

    # What the parser tells.

    def on_message_begin(self) -> None:
        """An answer begins: this one, or one that nobody asked for."""
        if self.complete:
            raise InvalidAnswer("more came than one answer")

    def on_status(self, reason: bytes) -> None:
        """A piece of the reason was read."""
        self._reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header was read, before the body or after it."""
        self._size += len(name) + len(value)
        self._fields.append((name, value))
        if self._size > HEAD_LIMIT or len(self._fields) > _FIELDS_LIMIT:
            raise InvalidAnswer("its headers are too many or too long")

    def on_headers_complete(self) -> None:
        """The head is whole: the answer's, or one that only announces it."""
        assert self._parser is not None, "it is reading"
        status = self._parser.get_status_code()
        fields = [(name.decode("latin-1").lower(), value.decode("latin-1").strip()) for name, value in self._fields]
        codings = [value.lower() for name, value in fields if name == "transfer-encoding"]
        if status == 101 or status not in _STATUSES or codings not in _CODINGS:
            raise InvalidAnswer("it speaks as it was not asked to")
        if status >= _INTERIM:
            headers = dict(reversed(fields))
            self.head = Head(status=status, reason=self._reason.decode("latin-1"), headers=headers)
            self.keeps_alive = self._parser.should_keep_alive() and not self._is_doubtful(self.head)
        self._reason = b""
        self._fields.clear()

    def on_body(self, piece: bytes) -> None:
        """A piece of the body was read."""
        self._bare = 0
        self.body += piece

    def on_message_complete(self) -> None:
        """All was read of the answer, or of one that only announces it."""
        self.complete = self.head is not None

    def _is_doubtful(self, head: Head) -> bool:
        """Whether others may see the answer end elsewhere, so that what follows it is none."""
        assert self._parser is not None, "it is reading"
        coded = "transfer-encoding" in head.headers
        if head.status in _EMPTY:
            return coded or head.headers.get("content-length", "0") != "0"
        return coded and self._parser.get_http_version() != "1.1"


def _ends_with_connection(head: Head) -> bool:
    return "content-length" not in head.headers and head.headers.get("transfer-encoding", "").lower() != "chunked"
