"""Uploads: a file on its way to the server, in parts where it is long, so that never all of it is in memory."""

import os
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from retinue.cli.client.api import Api
from retinue.cli.client.form import Form
from retinue.cli.files.objects import File

_AT_ONCE = 16 << 20  # bytes
_LONGEST_NAME = 500  # characters; the API takes some more


class _Upload(Struct, frozen=True, kw_only=True):
    id: str
    file: File | None = None


async def upload(api: Api, path: Path) -> File:
    """Upload a file and return it as the server has it; raises OSError where it can't be read."""
    name = path.name[-_LONGEST_NAME:]
    with path.open("rb") as file:
        start = file.read(_AT_ONCE)
        if len(start) < _AT_ONCE:
            fields = {"purpose": "assistants"}
            return await api.upload("/v1/files", File, Form(field="file", name=name, content=start, fields=fields))
        return await _in_parts(api, name, os.fstat(file.fileno()).st_size, start, file)


async def _in_parts(api: Api, name: str, size: int, start: bytes, file: BinaryIO) -> File:
    begun = await api.post(
        "/v1/uploads", _Upload, filename=name, purpose="assistants", bytes=size, mime_type="application/octet-stream"
    )
    path, parts, part = f"/v1/uploads/{begun.id}", list[str](), start
    while part:
        form = Form(field="data", name=name, content=part)
        parts.append((await api.upload(f"{path}/parts", _Upload, form)).id)
        part = file.read(_AT_ONCE)
    done = await api.post(f"{path}/complete", _Upload, part_ids=parts)
    assert done.file is not None  # a completed upload has its file
    return done.file
