"""Bodies of multipart/form-data: a few short fields, and one file that is passed on as it comes.

The fields may stand before or after the file. Nothing of the file is kept: its bytes leave in the pieces in which they
came. See RFC 7578.
"""

import logging
import re
from collections.abc import AsyncIterable, AsyncIterator, Collection

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser
from starlette.requests import Request

from retinue.api.body import check_declared
from retinue.api.disposition import parse_disposition
from retinue.api.errors import BodyTooLarge
from retinue.core.errors import InvalidRequest
from retinue.core.file import NAMELESS
from retinue.core.invalid import missing, unknown

BESIDE_BYTES = 1 << 20
"""Bytes of a body that may be something else than its file: fields, headers, boundaries."""

_HEADERS_BYTES = 16 << 10  # of one part; 512 characters of a name, percent-encoded, take 6 KB
_HEADERS = 16
_FIELD_BYTES = 16 << 10
_BOUNDARY = re.compile(r'(?i);\s*boundary\s*=\s*(?:"([^"\r\n]{1,200})"|([^\s;,"]{1,200})(?:[\s;,]|$))')
_SAME_BYTES = {b"", b"binary", b"8bit", b"7bit"}

# The parser warns of what it refuses; the client is told, and nobody else needs to know.
logging.getLogger("python_multipart").addHandler(logging.NullHandler())
logging.getLogger("python_multipart").propagate = False


class Form:
    """One body. Read `file` to its end; then `fields` and `filename` are what it held."""

    def __init__(
        self,
        pieces: AsyncIterable[bytes],
        *,
        boundary: bytes,
        file: str,
        fields: Collection[str],
        needs_file: bool = True,
    ) -> None:
        self.fields: dict[str, str] = {}
        self.filename = NAMELESS
        self._pieces = pieces
        self._needs_file = needs_file
        self._file_field, self._known = file, frozenset(fields)
        self._seen: set[str] = set()
        self._part = _Part()
        self._out: list[bytes] = []
        self._beside = 0
        self._ended = False
        self._parser = self._made_parser(boundary)

    async def file(self) -> AsyncIterator[bytes]:
        """Yield the file's bytes; raises InvalidRequest if the body is not well-formed, or has no file."""
        async for piece in self._pieces:
            self._feed(piece)
            for out in self._out:
                yield out
            self._out.clear()
        if not self._ended:
            raise _malformed("it ended before its last boundary")
        if self._needs_file and not self.has_file:
            raise missing(self._file_field)

    @property
    def has_file(self) -> bool:
        """Whether its file, which may be empty, has come yet."""
        return self._file_field in self._seen

    def _feed(self, piece: bytes) -> None:
        try:
            self._parser.write(piece)
        except FormParserError as error:
            raise _malformed("a boundary or a header is broken") from error
        self._beside += len(piece) - sum(map(len, self._out))
        if self._beside > BESIDE_BYTES:
            raise BodyTooLarge(f"There is more than {BESIDE_BYTES >> 20} MB beside the file in the request's body.")

    def _made_parser(self, boundary: bytes) -> MultipartParser:
        return MultipartParser(
            boundary,
            {
                "on_part_begin": self._on_part_begin,
                "on_header_field": self._on_header_field,
                "on_header_value": self._on_header_value,
                "on_header_end": self._on_header_end,
                "on_headers_finished": self._on_headers_finished,
                "on_part_data": self._on_part_data,
                "on_part_end": self._on_part_end,
                "on_end": self._on_end,
            },
            max_header_count=_HEADERS,
            max_header_size=_HEADERS_BYTES,
        )

    def _on_part_begin(self) -> None:
        self._part = _Part()

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._part.grow_header(end - start)
        self._part.header += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._part.grow_header(end - start)
        self._part.value += data[start:end]

    def _on_header_end(self) -> None:
        self._part.end_header()

    def _on_headers_finished(self) -> None:
        name, filename = self._part.named()
        if name != self._file_field and name not in self._known:
            raise unknown(name[:100])
        if name in self._seen:
            raise InvalidRequest(f"Invalid '{name}': it is given twice.", param=name, code="invalid_value")
        self._seen.add(name)
        if name == self._file_field:
            self.filename = filename or NAMELESS

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._part.name == self._file_field:
            self._out.append(data[start:end])
            return
        self._part.content += data[start:end]
        if len(self._part.content) > _FIELD_BYTES:
            name = self._part.name
            raise InvalidRequest(
                f"Invalid '{name}': longer than {_FIELD_BYTES} bytes.", param=name, code="string_above_max_length"
            )

    def _on_part_end(self) -> None:
        name = self._part.name
        if name == self._file_field:
            return
        try:
            self.fields[name] = self._part.content.decode()
        except UnicodeDecodeError as error:
            raise InvalidRequest(f"Invalid '{name}': it is no UTF-8.", param=name, code="invalid_value") from error

    def _on_end(self) -> None:
        self._ended = True


class _Part:
    """The part that is being read."""

    def __init__(self) -> None:
        self.name = ""
        self.header, self.value, self.content = bytearray(), bytearray(), bytearray()
        self._headers: dict[bytes, bytes] = {}
        self._size = 0

    def grow_header(self, size: int) -> None:
        self._size += size
        if self._size > _HEADERS_BYTES:
            raise _malformed(f"the headers of a part are longer than {_HEADERS_BYTES} bytes")

    def end_header(self) -> None:
        self._headers.setdefault(bytes(self.header).lower(), bytes(self.value).strip())
        self.header.clear()
        self.value.clear()

    def named(self) -> tuple[str, str | None]:
        """Return the names of the field and of the file that the headers tell."""
        disposition = parse_disposition(self._headers.get(b"content-disposition", b""))
        if disposition is None or disposition.kind != "form-data" or disposition.name is None:
            raise _malformed("a part lacks a Content-Disposition that names its field")
        if self._headers.get(b"content-transfer-encoding", b"").lower() not in _SAME_BYTES:
            raise _malformed("a part has a Content-Transfer-Encoding; send its bytes as they are")
        self.name = disposition.name
        return disposition.name, disposition.filename


def read_form(
    request: Request, *, file: str, limit: int, fields: Collection[str] = (), needs_file: bool = True
) -> Form:
    """Return the request's form with its one file field, unless it may be without, and other fields.

    Raises InvalidRequest for another kind of body, BodyTooLarge if it says that it is longer than a file of `limit`
    bytes makes it.
    """
    check_declared(request, limit, beside=BESIDE_BYTES)
    content_type = request.headers.get("content-type", "")
    match = _BOUNDARY.search(content_type)
    if content_type.partition(";")[0].strip().lower() != "multipart/form-data" or match is None:
        raise InvalidRequest(
            f"Expected a body of multipart/form-data with a boundary, but got {content_type[:100] or 'none'!r}. "
            f"Send the file in a field named '{file}'.",
            code="invalid_content_type",
        )
    boundary = (match[1] or match[2]).encode("latin-1")
    return Form(request.stream(), boundary=boundary, file=file, fields=fields, needs_file=needs_file)


def _malformed(why: str) -> InvalidRequest:
    return InvalidRequest(
        f"We could not parse the multipart body of your request: {why}. Send it as multipart/form-data (RFC 7578).",
        code="invalid_multipart",
    )
