"""Endpoints of uploads."""

from typing import Annotated, Any

from msgspec import Meta
from starlette.responses import Response
from starlette.routing import Route

from retinue.api.call import Call, Router, answer
from retinue.api.fields import Body
from retinue.api.files import ExpiresAfter, FileFields
from retinue.api.files import file as render_file
from retinue.api.multipart import read_form
from retinue.core.file import MAX_NAME, File, FileDraft, Purpose
from retinue.core.upload import MAX_PART_BYTES, MAX_PARTS, MAX_UPLOAD_BYTES, Part, Upload
from retinue.engine.commands import uploads


class UploadBody(Body, frozen=True, kw_only=True):
    """To create an upload."""

    filename: Annotated[str, Meta(min_length=1, max_length=MAX_NAME)]
    purpose: Purpose
    bytes: Annotated[int, Meta(ge=0, le=MAX_UPLOAD_BYTES)]
    mime_type: Annotated[str, Meta(max_length=256)]
    expires_after: ExpiresAfter | None = None

    def draft(self) -> FileDraft:
        """Return the draft of the file that it is to become."""
        fields = FileFields(purpose=self.purpose, expires_after=self.expires_after)
        return fields.draft(self.filename, param="filename")


class CompleteBody(Body, frozen=True, kw_only=True):
    """To complete an upload."""

    part_ids: Annotated[tuple[Annotated[str, Meta(max_length=512)], ...], Meta(max_length=MAX_PARTS)]
    md5: Annotated[str, Meta(pattern=r"^[0-9A-Fa-f]{32}$")] | None = None


def routes(router: Router, prefix: str) -> list[Route]:
    """Return all routes of uploads under a prefix such as `/v1`."""
    upload = f"{prefix}/uploads" + "/{upload}"
    return [
        router.route("POST", f"{prefix}/uploads", create),
        router.route("POST", f"{upload}/parts", add_part),
        router.route("POST", f"{upload}/complete", complete),
        router.route("POST", f"{upload}/cancel", cancel),
    ]


async def create(call: Call) -> Response:
    """POST /uploads"""
    body = await call.body(UploadBody)
    upload = await uploads.create(call.engine, call.caller, body.draft(), size=body.bytes, mime_type=body.mime_type)
    return answer(_upload(upload))


async def add_part(call: Call) -> Response:
    """POST /uploads/{upload}/parts"""
    form = read_form(call.request, file="data", limit=MAX_PART_BYTES)
    return answer(_part(await uploads.add_part(call.engine, call.caller, call.id("upload"), form.file())))


async def complete(call: Call) -> Response:
    """POST /uploads/{upload}/complete"""
    body = await call.body(CompleteBody)
    upload, file = await uploads.complete(call.engine, call.caller, call.id("upload"), body.part_ids, md5=body.md5)
    return answer(_upload(upload, file))


async def cancel(call: Call) -> Response:
    """POST /uploads/{upload}/cancel"""
    return answer(_upload(await uploads.cancel(call.engine, call.caller, call.id("upload"))))


def _upload(value: Upload, file: File | None = None) -> dict[str, Any]:
    return {
        "id": value.id,
        "object": "upload",
        "bytes": value.size,
        "created_at": int(value.created_at),
        "filename": value.file.name,
        "purpose": value.file.purpose,
        "status": value.status,
        "expires_at": int(value.expires_at),
        "file": render_file(file) if file else None,
    }


def _part(value: Part) -> dict[str, Any]:
    return {
        "id": value.id,
        "object": "upload.part",
        "created_at": int(value.created_at),
        "upload_id": value.upload_id,
    }
