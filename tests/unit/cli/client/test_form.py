"""Forms as the server reads them."""

from collections.abc import AsyncIterator

import pytest

from retinue.api.multipart import Form as Read
from retinue.cli.client.form import Form


@pytest.mark.parametrize("name", ["a.txt", 'a "quoted" name.txt', "two\r\nlines.txt", "späť ✓.pdf"])
async def test_a_form_is_read_as_it_was_written(name: str) -> None:
    content_type, body = Form(
        field="file", name=name, content=b"\r\n--x\x00", fields={"purpose": "assistants"}
    ).encoded()

    async def pieces() -> AsyncIterator[bytes]:
        yield body

    boundary = content_type.partition("boundary=")[2].encode()
    read = Read(pieces(), boundary=boundary, file="file", fields=["purpose"])
    assert b"".join([piece async for piece in read.file()]) == b"\r\n--x\x00"
    assert (read.filename, read.fields) == (name, {"purpose": "assistants"})
