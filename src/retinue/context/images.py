"""Images that were uploaded, put into a request as the bytes that they are."""

import asyncio
import contextlib
from base64 import b64encode
from collections.abc import Sequence

from msgspec import Struct

from retinue.blobs import Blobs
from retinue.context.chat import FILE, Json
from retinue.core.errors import BlobMissing, NotFound
from retinue.store import Scope

MAX_IMAGE_BYTES = 20 << 20
"""Of one image; the most that OpenAI takes."""
MAX_IMAGES_BYTES = 20 << 20
"""Of all images of a request, the newest first: each run that waits for its model holds them in memory, encoded."""

_MARKS = ((b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpeg"), (b"GIF87a", "gif"), (b"GIF89a", "gif"))
_HEAD = 12  # bytes that tell an image's kind


class Images(Struct, frozen=True):
    """Chat messages with their images in them, and sentences on those that were left out."""

    chat: tuple[Json, ...]
    notes: tuple[str, ...]


def has_images(chat: Sequence[Json]) -> bool:
    """Return whether any of the messages shows an image."""
    return any(part["type"] == "image_url" for message in chat for part in _parts(message))


async def with_images(chat: Sequence[Json], scope: Scope, blobs: Blobs) -> Images:
    """Return the messages with each uploaded image as a `data:` URL; of one that can't be sent a note says why."""
    illustrated = [message for message in chat if isinstance(message["content"], list)]
    if not any(FILE in part for message in illustrated for part in _parts(message)):
        return Images(tuple(chat), ())
    filling = _Filling(scope, blobs)
    messages = [await filling.message(message) for message in reversed(chat)]
    return Images(tuple(reversed(messages)), tuple(filling.notes))


class _LeftOut(Exception):
    """Why an image is not sent: in few words, for the model gets them in the image's place."""


class _Filling:
    def __init__(self, scope: Scope, blobs: Blobs) -> None:
        self._scope, self._blobs = scope, blobs
        self._room = MAX_IMAGES_BYTES
        self.notes: list[str] = []

    async def message(self, message: Json) -> Json:
        if not _parts(message):
            return message
        return {**message, "content": [await self._part(part) for part in message["content"]]}

    async def _part(self, part: Json) -> Json:
        if FILE not in part:
            return part
        try:
            url = await self._url(part[FILE])
        except _LeftOut as why:
            self.notes.append(f"The image {part[FILE]} was left out: {why}.")
            return {"type": "text", "text": f"[An image was left out here: {why}.]"}
        return {"type": "image_url", "image_url": {**part["image_url"], "url": url}}

    async def _url(self, file_id: str) -> str:
        try:
            file = await self._scope.files.get(file_id)
            if file.size > MAX_IMAGE_BYTES:
                raise _LeftOut(f"it is larger than {MAX_IMAGE_BYTES >> 20} MB")
            if file.size > self._room:
                raise _LeftOut(f"the newer ones have {MAX_IMAGES_BYTES >> 20} MB already")
            content = await self._read(file.blob)
        except (NotFound, BlobMissing) as error:
            raise _LeftOut("its file was deleted") from error
        kind = _kind(content[:_HEAD])
        if kind is None:
            raise _LeftOut("its file is no PNG, JPEG, GIF or WebP")
        self._room -= len(content)
        encoded = await asyncio.to_thread(b64encode, content)
        return f"data:image/{kind};base64,{encoded.decode()}"

    async def _read(self, blob: str) -> bytes:
        async with contextlib.aclosing(self._blobs.open(blob)) as pieces:
            return b"".join([piece async for piece in pieces])


def _parts(message: Json) -> Sequence[Json]:
    content = message["content"]
    return content if isinstance(content, list) else ()


def _kind(head: bytes) -> str | None:
    if head[:4] == b"RIFF" and head[8:] == b"WEBP":
        return "webp"
    return next((kind for mark, kind in _MARKS if head.startswith(mark)), None)
