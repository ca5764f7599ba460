"""Multipart bodies: the same however the network cuts them, and what is hostile is refused within bounds."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from retinue.api.errors import BodyTooLarge
from retinue.api.multipart import BESIDE_BYTES, Form, read_form
from retinue.core.errors import InvalidRequest

BOUNDARY = b"xYz"
FIELDS = ("purpose", "a[b]")
Read = tuple[bytes, dict[str, str], str]


def part(headers: str | bytes, content: bytes = b"") -> bytes:
    raw = headers.encode() if isinstance(headers, str) else headers
    return b"--" + BOUNDARY + b"\r\n" + raw + b"\r\n\r\n" + content + b"\r\n"


def field(name: str, content: bytes = b"assistants") -> bytes:
    return part(f'Content-Disposition: form-data; name="{name}"', content)


def file(content: bytes = b"bytes", name: bytes = b'filename="a.txt"') -> bytes:
    return part(b'Content-Disposition: form-data; name="file"; ' + name, content)


END = b"--" + BOUNDARY + b"--\r\n"


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for piece in parts:
        yield piece


def read(*parts: bytes) -> Read:
    """The file's bytes, the fields and the file's name of a body that comes in these pieces."""

    async def reading() -> Read:
        form = Form(pieces(*parts), boundary=BOUNDARY, file="file", fields=FIELDS)
        content = b"".join([piece async for piece in form.file()])
        return content, form.fields, form.filename

    return asyncio.run(reading())


def refusal(*parts: bytes) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as refused:
        read(*parts)
    return refused.value


def cut(whole: bytes, places: Sequence[int]) -> list[bytes]:
    ends = sorted({place % (len(whole) + 1) for place in places})
    return [whole[start:end] for start, end in zip([0, *ends], [*ends, len(whole)], strict=True)]


# What comes through

TRICKY = st.lists(
    st.sampled_from(
        [b"\r", b"\n", b"-", b"--", b"\r\n", b"\r\n--", b"\r\n--xY", b"x", b"xYz", b"--xYz", b"\0", b"a" * 50]
    )
).map(b"".join)


@given(TRICKY.filter(lambda content: b"\r\n--xYz" not in b"\r\n" + content), st.lists(st.integers(0, 1000)))
def test_any_cut_gives_the_same(content: bytes, places: list[int]) -> None:
    whole = field("purpose") + file(content) + field("a[b]", b"1") + END
    assert read(*cut(whole, places)) == (content, {"purpose": "assistants", "a[b]": "1"}, "a.txt")


def test_every_single_cut_and_every_byte_alone_give_the_same() -> None:
    content = b"\r\n--xY\r\n--x\r\r\n-"
    whole = file(content) + field("purpose") + END
    wanted = (content, {"purpose": "assistants"}, "a.txt")
    for place in range(len(whole)):
        assert read(whole[:place], whole[place:]) == wanted
    assert read(*(bytes([byte]) for byte in whole)) == wanted


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=4))
def test_whatever_comes_is_read_or_refused(junk: bytes, places: list[int]) -> None:
    for whole in (junk, file()[:-2] + junk + END, file() + junk, b"--xYz\r\n" + junk + END):
        with contextlib.suppress(InvalidRequest):
            read(*cut(whole, places))


def test_what_follows_the_last_boundary_is_passed_over() -> None:
    assert read(file() + END + b"an epilogue")[0] == b"bytes"


def test_a_multipart_in_a_file_is_bytes() -> None:
    inner = file(b"inner").replace(b"xYz", b"other") + b"--other--\r\n"
    assert read(file(inner) + END)[0] == inner


# Names of files


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (b'filename="a b.txt"', "a b.txt"),
        (b"filename=plain.txt", "plain.txt"),
        (b'filename=""', "upload"),
        (b'filename="say \\"hi\\".txt"', 'say "hi".txt'),
        (b'filename="say %22hi%22.txt"', 'say "hi".txt'),
        (b'filename="a\\\\b"', "a\\b"),
        (b'filename="a\\b"', "a\\b"),
        (b'filename="a;b=c.txt"', "a;b=c.txt"),
        ('filename="Ünï🧵.txt"'.encode(), "Ünï🧵.txt"),
        (b'filename="\xff\xfe.txt"', "\ufffd\ufffd.txt"),
        (b"filename*=UTF-8''%c3%9cn%C3%AF.txt", "Ünï.txt"),
        (b"filename=\"plain\"; filename*=utf-8'de'%C3%9C", "Ü"),
        (b"filename*=UTF-8''%C3%9C; filename=\"plain\"", "Ü"),
        (b"filename*=iso-8859-1''%DC", "Ü"),
        (b"filename*=klingon''%DC; filename=\"plain\"", "plain"),
        (b'filename*=broken; filename="plain"', "plain"),
        (b'FileName="case.txt"', "case.txt"),
    ],
)
def test_a_name_is_read_as_clients_write_it(written: bytes, name: str) -> None:
    assert read(file(name=written) + END)[2] == name


def test_a_file_without_a_name_is_a_file() -> None:
    assert read(part('Content-Disposition: form-data; name="file"', b"x") + END) == (b"x", {}, "upload")


# What is refused


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--xYz--\r\n"[:4],
        b"junk",
        file()[:-1],
        file(),
        file() + b"--xYz",
        file() + b"--xYz-",
        b"--other\r\n" + file()[7:] + END,
        part("", b"x") + END,
        part("Content-Type: text/plain", b"x") + END,
        part('Content-Disposition: attachment; name="file"', b"x") + END,
        part("Content-Disposition: form-data", b"x") + END,
        part('Content-Disposition: form-data; name="file', b"x") + END,
        part("Content-Disposition: form-data; name", b"x") + END,
        part("no colon", b"x") + END,
        part('Content-Disposition: form-data; name="file"\r\nContent-Transfer-Encoding: base64', b"eA==") + END,
        part('Content-Disposition: form-data; name="file"\r\nX: ' + "x" * 100_000, b"x") + END,
        part('Content-Disposition: form-data; name="file"' + "\r\nX: x" * 1_000, b"x") + END,
        part("X" * 100_000 + ": x", b"x") + END,
    ],
)
@pytest.mark.parametrize("step", [1 << 20, 7])
def test_a_body_that_is_not_well_formed_is_refused(body: bytes, step: int) -> None:
    error = refusal(*(body[place : place + step] for place in range(0, len(body), step)))
    assert error.code == "invalid_multipart"


def test_an_empty_form_lacks_its_file() -> None:
    assert refusal(END).param == "file"
    assert refusal(field("purpose") + END).param == "file"


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (field("colour") + file() + END, "colour"),
        (file() + file() + END, "file"),
        (field("purpose") + field("purpose") + file() + END, "purpose"),
        (field("purpose", b"x" * 20_000) + file() + END, "purpose"),
        (field("purpose", b"\xff") + file() + END, "purpose"),
        (b"".join(field(f"f{number}") for number in range(5_000)) + END, "f0"),
    ],
)
def test_a_field_that_can_not_be_is_named(body: bytes, param: str) -> None:
    assert refusal(body).param == param


def test_what_stands_beside_the_file_is_bounded() -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        yield file() + END
        while True:
            taken += 1
            yield bytes(1 << 16)

    async def reading() -> None:
        form = Form(endless(), boundary=BOUNDARY, file="file", fields=())
        assert [piece async for piece in form.file()]

    with pytest.raises(BodyTooLarge):
        asyncio.run(reading())
    assert taken <= (BESIDE_BYTES >> 16) + 1


# Kinds of bodies


def request(content_type: str | None, length: int | None = None) -> Request:
    headers = [] if content_type is None else [(b"content-type", content_type.encode("latin-1"))]
    headers += [] if length is None else [(b"content-length", str(length).encode())]
    return Request({"type": "http", "method": "POST", "headers": headers})


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "application/json",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        'multipart/form-data; boundary=""',
        "multipart/form-data; boundary=" + "x" * 300,
        "multipart/mixed; boundary=x",
        "multipart/form-data-not; boundary=x",
    ],
)
def test_another_kind_of_body_is_refused(content_type: str | None) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_form(request(content_type), file="file", limit=10)
    assert refused.value.code == "invalid_content_type"


@pytest.mark.parametrize("boundary", ["x", '"with space and \'()+_,-./:=?"', "x; charset=utf-8", "x,"])
def test_boundaries_as_clients_write_them_are_taken(boundary: str) -> None:
    read_form(request(f"multipart/form-data; boundary={boundary}"), file="file", limit=10)
    read_form(request(f"Multipart/Form-Data;charset=utf-8;Boundary={boundary}"), file="file", limit=10)


def test_a_body_that_says_it_is_too_large_is_refused_unread() -> None:
    read_form(request("multipart/form-data; boundary=x", 10 + BESIDE_BYTES), file="file", limit=10)
    with pytest.raises(BodyTooLarge):
        read_form(request("multipart/form-data; boundary=x", 11 + BESIDE_BYTES), file="file", limit=10)
