"""Server-sent events out of a stream's bytes, however the network cut them into pieces.

Follows https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation, of which a
model's stream uses the `data` field alone.
"""

EVENT_STREAM = "text/event-stream"
LIMIT = 8 * 1024 * 1024  # bytes of one event; the longest real ones are tool calls of some hundred kilobytes

_BOUNDARY = b"\n\n"
_FIELD = b"data: "
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class EventTooLong(ValueError):
    """An event, what there is of it so far, or what comes in place of one is longer than the reader takes."""


class EventReader:
    """Turns network reads into the data of whole events. One value reads one stream.

    Bytes stay bytes: a character that was cut in two is whole again before anybody decodes it.
    """

    def __init__(self, *, limit: int = LIMIT) -> None:
        self._limit = limit
        self._rest = bytearray()
        self._searched = 0  # bytes of the rest that are known to hold no boundary
        self._after_return = False
        self._idle = 0  # bytes since the last event

    def feed(self, read: bytes) -> list[bytes]:
        """Return the data of each event that `read` completes; raises EventTooLong."""
        if self._after_return or b"\r" in read:
            read = self._with_plain_line_ends(read)
        if self._rest:
            self._rest += read
            # Looking at new bytes only keeps an event that comes in many small reads linear.
            if self._rest.find(_BOUNDARY, max(self._searched - 1, 0)) < 0:
                return self._keep_waiting()
            read = bytes(self._rest)
            self._rest.clear()
        blocks, _, rest = read.rpartition(_BOUNDARY)
        self._rest += rest
        self._searched = len(rest)
        if len(read) > self._limit:
            self._check(max(map(len, [*blocks.split(_BOUNDARY), rest])))
        events = _events(blocks)
        self._idle = 0 if events else self._idle + len(read)
        if self._idle > self._limit:
            raise EventTooLong(f"{self._limit} bytes of the stream hold no event")
        return events

    def end(self) -> list[bytes]:
        """Return the data of a last event whose blank line is missing: some servers leave it out."""
        data = _data(bytes(self._rest))
        self._rest.clear()
        return [] if data is None else [data]

    def _keep_waiting(self) -> list[bytes]:
        self._searched = len(self._rest)
        self._check(self._searched)
        return []

    def _check(self, length: int) -> None:
        if length > self._limit:
            raise EventTooLong(f"an event of the stream is longer than {self._limit} bytes")

    def _with_plain_line_ends(self, read: bytes) -> bytes:
        if not read:
            return read
        start = 1 if self._after_return and read.startswith(b"\n") else 0
        self._after_return = read.endswith(b"\r")
        return read[start:].replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _events(blocks: bytes) -> list[bytes]:
    # The common case is spelled out, one line of data in each block: a look at each costs three times as much.
    if blocks.startswith(_FIELD):
        events = blocks[len(_FIELD) :].split(_BOUNDARY + _FIELD)
        if blocks.count(b"\n") == 2 * (len(events) - 1):
            return events
    return [data for block in blocks.split(_BOUNDARY) if (data := _data(block)) is not None]


def _data(block: bytes) -> bytes | None:
    lines = []
    for line in block.removeprefix(_BYTE_ORDER_MARK).split(b"\n"):
        name, _, value = line.partition(b":")
        if name == b"data":
            lines.append(value.removeprefix(b" "))
    return b"\n".join(lines) if lines else None
