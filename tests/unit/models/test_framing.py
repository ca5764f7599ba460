"""One answer out of a connection's bytes: the same however they are cut, and nothing but what HTTP allows."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from retinue.models.http.client.errors import ConnectionLost, InvalidAnswer
from retinue.models.http.client.framing import HEAD_LIMIT, Framing

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"

PIECES = st.lists(st.binary(min_size=1, max_size=40), max_size=6)
NAMES = st.from_regex(r"[A-Za-z][A-Za-z-]{0,8}", fullmatch=True).map(lambda name: f"X-{name}".encode())
VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20).map(str.encode)
FIELDS = st.lists(st.tuples(NAMES, VALUES), max_size=4)


class Sent(Struct, frozen=True):
    """An answer's bytes, and what they mean."""

    raw: bytes
    body: bytes
    keeps_alive: bool


@st.composite
def answers(draw: st.DrawFn) -> Sent:
    pieces = draw(PIECES)
    body = b"".join(pieces)
    head = b"".join(draw(st.lists(st.sampled_from(INTERIM), max_size=2))) + OK + _lines(draw(FIELDS))
    match draw(st.sampled_from(["length", "chunks", "close"])):
        case "length":
            return Sent(head + b"Content-Length: %d\r\n\r\n" % len(body) + body, body, True)
        case "chunks":
            extension = draw(st.sampled_from([b"", b";a", b";a=b", b';a="b c"', b"  "]))
            chunks = b"".join(b"%x%s\r\n%s\r\n" % (len(piece), extension, piece) for piece in pieces)
            trailers = _lines(draw(FIELDS))
            return Sent(
                head + b"transfer-encoding: Chunked\r\n\r\n" + chunks + b"0\r\n" + trailers + b"\r\n", body, True
            )
        case _:
            return Sent(head + b"\r\n" + body, body, False)


def _lines(fields: list[tuple[bytes, bytes]]) -> bytes:
    return b"".join(b"%s: %s\r\n" % field for field in fields)


def read(*reads: bytes) -> Framing:
    framing = Framing()
    for piece in reads:
        framing.feed(piece)
    return framing


def bytewise(raw: bytes) -> list[bytes]:
    return [raw[at : at + 1] for at in range(len(raw))]


@given(sent=answers(), cuts=st.lists(st.integers(0, 400), max_size=10))
def test_an_answer_does_not_depend_on_how_its_bytes_are_cut(sent: Sent, cuts: list[int]) -> None:
    pieces = [sent.raw[start:end] for start, end in pairwise([0, *sorted(cuts), len(sent.raw)]) if start < end]
    framings = [read(sent.raw), read(*pieces), read(*bytewise(sent.raw))]
    for framing in framings:
        assert framing.complete == sent.keeps_alive  # else the connection's end is the answer's
        framing.end(None)
        assert (framing.complete, framing.failure) == (True, None)
        assert (bytes(framing.body), framing.keeps_alive) == (sent.body, sent.keeps_alive)
    assert framings[0].head == framings[1].head == framings[2].head


@given(sent=answers(), cut=st.integers(0, 400))
def test_an_answer_that_is_cut_off_is_lost_unless_only_its_end_tells_its_length(sent: Sent, cut: int) -> None:
    framing = read(sent.raw[:cut])
    framing.end(None)
    whole = cut >= len(sent.raw) or (framing.head is not None and not sent.keeps_alive)
    assert (framing.complete, isinstance(framing.failure, ConnectionLost)) == (whole, not whole)
    assert sent.body.startswith(framing.body)


def test_a_connection_that_breaks_ends_no_answer() -> None:
    framing = read(OK + b"\r\nHel")
    framing.end(ConnectionResetError())
    assert isinstance(framing.failure, ConnectionLost)
    assert framing.body == b"Hel"


def test_the_head_is_told_by_names_in_lower_case_and_the_first_of_several() -> None:
    head = read(b"HTTP/1.1 429 Slow Down\r\nRetry-After:  7 \r\nretry-after: 9\r\nX: gr\xfcn\r\n\r\n").head
    assert head is not None
    assert (head.status, head.reason) == (429, "Slow Down")
    assert head.headers == {"retry-after": "7", "x": "grün"}


@pytest.mark.parametrize("status", [b"204", b"304"])
def test_an_answer_that_has_no_body_is_whole_with_its_head(status: bytes) -> None:
    framing = read(b"HTTP/1.1 %s No\r\n\r\n" % status)
    assert (framing.complete, bytes(framing.body), framing.keeps_alive) == (True, b"", True)


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n",
        b"HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
)
def test_a_connection_is_not_used_again_where_others_may_see_the_answer_end_elsewhere(raw: bytes) -> None:
    framing = read(raw)
    assert (framing.complete, bytes(framing.body), framing.keeps_alive) == (True, b"", False)


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        OK + b"Content-Length: 2\r\nConnection: close\r\n\r\nhi",
        OK + b"Content-Length: 2\r\n\r\nhi and more",
        OK + b"Content-Length: 2\r\n\r\nhi" + OK + b"Content-Length: 2\r\n\r\nno",
        OK + b"Content-Length: 2\r\nConnection: close\r\n\r\nhi and more",
    ],
)
def test_a_connection_is_not_used_again_where_the_server_says_so_or_sends_more_than_was_asked(raw: bytes) -> None:
    framing = read(raw)
    assert (framing.complete, bytes(framing.body), framing.keeps_alive) == (True, b"hi", False)


@pytest.mark.parametrize(
    "raw",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"HTTP/2 200 OK\r\n\r\n",
        b"HTTP/1.1 20x OK\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\n\r\n",
        OK + b"X: a\0b\r\n\r\n",
        OK + b"X: a\rb\r\n\r\n",
        OK + b"X: a\r\n folded\r\n\r\n",
        OK + b"X y: a\r\n\r\n",
        OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nhi",
        OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nhi",
        OK + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        OK + b"Content-Length: +2\r\n\r\nhi",
        OK + b"Content-Length: 99999999999999999999\r\n\r\nhi",
        OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 000 OK\r\nContent-Length: 2\r\n\r\nhi",
        CHUNKED + b"zz\r\nhi\r\n",
        CHUNKED + b"-2\r\nhi\r\n",
        CHUNKED + b"fffffffffffffffff\r\nhi\r\n",
        CHUNKED + b"2\r\nhi!\r\n",
    ],
)
def test_what_is_no_http_or_has_two_meanings_is_refused(raw: bytes) -> None:
    for reads in ([raw], bytewise(raw)):
        with pytest.raises(InvalidAnswer):
            read(*reads)


PADDING = b"a" * 1_000


@pytest.mark.parametrize(
    ("begin", "more"),
    [
        (OK, b"X: " + PADDING + b"\r\n"),
        (OK, b"X: y\r\n"),
        (OK + b"X: ", PADDING),
        (OK, PADDING),
        (b"HTTP/1.1 200 ", PADDING),
        (b"", INTERIM[1]),
        (b"", b"\r\n" * 100),
        (CHUNKED + b"2;x=", PADDING),
        (CHUNKED + b"0\r\n", b"X: " + PADDING + b"\r\n"),
        (CHUNKED + b"0\r\n", b"X: y\r\n"),
        (CHUNKED + b"0\r\nX: ", PADDING),
    ],
)
def test_what_never_comes_to_a_body_or_an_end_is_refused(begin: bytes, more: bytes) -> None:
    framing = read(begin)
    with pytest.raises(InvalidAnswer):  # noqa: PT012 - some piece is too much
        for _ in range(2 * HEAD_LIMIT // len(more)):
            framing.feed(more)


def test_a_head_of_the_longest_kind_is_read() -> None:
    framing = read(OK + b"X: " + b"a" * (HEAD_LIMIT - 100) + b"\r\nContent-Length: 0\r\n\r\n")
    assert framing.complete


def test_what_came_before_an_answer_broke_the_rules_is_kept() -> None:
    framing = read(CHUNKED)
    with pytest.raises(InvalidAnswer):
        framing.feed(b"5\r\nHello\r\nzz\r\n")
    assert framing.body == b"Hello"
