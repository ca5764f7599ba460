"""Bodies of messages."""

from typing import Annotated, Literal

from msgspec import Meta

from retinue.api.fields import MAX_TEXT, Body, LongText, Metadata
from retinue.core.errors import InvalidRequest
from retinue.core.item import Attachment, Detail, ImageFile, ImageUrl, Message, Part, Text

Id = Annotated[str, Meta(max_length=512)]


class TextBody(Body, frozen=True, kw_only=True, tag_field="type", tag="text"):
    """A text part."""

    text: LongText


class ImageFileRef(Body, frozen=True, kw_only=True):
    """An uploaded image."""

    file_id: Id
    detail: Detail = "auto"


class ImageFileBody(Body, frozen=True, kw_only=True, tag_field="type", tag="image_file"):
    """A part that is an uploaded image."""

    image_file: ImageFileRef


class ImageUrlRef(Body, frozen=True, kw_only=True):
    """An image at an address."""

    url: Annotated[str, Meta(min_length=1)]
    detail: Detail = "auto"


class ImageUrlBody(Body, frozen=True, kw_only=True, tag_field="type", tag="image_url"):
    """A part that is an image at an address."""

    image_url: ImageUrlRef


class AttachmentTool(Body, frozen=True, kw_only=True):
    """A hosted tool that gets the file."""

    type: Literal["code_interpreter", "file_search"]


class AttachmentBody(Body, frozen=True, kw_only=True):
    """A file that a message brings along."""

    file_id: Id
    tools: tuple[AttachmentTool, ...] = ()


PartBody = TextBody | ImageFileBody | ImageUrlBody


class MessageBody(Body, frozen=True, kw_only=True):
    """To create a message."""

    role: Literal["user", "assistant"]
    content: LongText | Annotated[tuple[PartBody, ...], Meta(min_length=1)]
    attachments: tuple[AttachmentBody, ...] | None = None
    metadata: Metadata | None = None

    def draft(self) -> Message:
        """Return a new message's draft; raises InvalidRequest if nothing is said."""
        return Message(
            id="",
            thread_id="",
            created_at=0,
            role=self.role,
            content=parts_of(self.content, limit=MAX_TEXT),
            attachments=tuple(
                Attachment(file_id=a.file_id, tools=tuple(tool.type for tool in a.tools))
                for a in self.attachments or ()
            ),
            metadata=self.metadata or {},
        )


def parts_of(content: str | tuple[PartBody, ...], *, limit: int) -> tuple[Part, ...]:
    """Return a message's parts; raises InvalidRequest if nothing is said in them, or more than `limit` characters."""
    parts = (TextBody(text=content),) if isinstance(content, str) else content
    length = sum(len(part.text) for part in parts if isinstance(part, TextBody))
    if length > limit:
        raise InvalidRequest(
            f"Invalid 'content': string too long. Expected a string with maximum length {limit}, "
            f"but got a string with length {length} instead.",
            param="content",
            code="string_above_max_length",
        )
    if all(isinstance(part, TextBody) and not part.text for part in parts):
        raise InvalidRequest("Message content must be non-empty.", param="content", code="invalid_value")
    return tuple(map(_part, parts))


def _part(part: PartBody) -> Part:
    match part:
        case TextBody(text=text):
            return Text(text)
        case ImageFileBody(image_file=file):
            return ImageFile(file_id=file.file_id, detail=file.detail)
        case ImageUrlBody(image_url=url):
            return ImageUrl(url=url.url, detail=url.detail)
