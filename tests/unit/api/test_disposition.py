"""Names of files in headers: any name can be sent, and only a name."""

from hypothesis import given
from hypothesis import strategies as st

from retinue.api.disposition import attachment, parse_disposition


def test_a_plain_name_stands_as_it_is() -> None:
    assert attachment("a b.txt") == "attachment; filename=\"a b.txt\"; filename*=UTF-8''a%20b.txt"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_name_makes_a_header_and_is_read_back(name: str) -> None:
    header = attachment(name)
    assert header.isascii()
    assert header.isprintable()
    read = parse_disposition(header.encode())
    assert read is not None
    assert read.filename == (name or "")


@given(st.binary(max_size=200))
def test_any_header_is_read_or_passed_over(header: bytes) -> None:
    parse_disposition(header)
    parse_disposition(b"form-data; name=" + header)


def test_a_long_header_takes_no_long_time() -> None:
    assert parse_disposition(b'form-data; name="' + b"\\" * 200_001) is None
    assert parse_disposition(b"form-data" + b"; " * 100_000) is None
