"""Bodies of files in vector stores, and of batches of them."""

from typing import Annotated

from msgspec import Meta

from retinue.api.assistants.bodies.messages import Id
from retinue.api.fields import Body
from retinue.api.vector_stores.bodies.chunking import Strategy, chunking_of
from retinue.core.errors import InvalidRequest
from retinue.core.invalid import missing
from retinue.core.vector_store import MAX_BATCH, FileDraft

_EXACT = 2**53  # above it a number is not the same to every client

Number = Annotated[int, Meta(ge=-_EXACT, le=_EXACT)] | float
Attributes = Annotated[
    dict[Annotated[str, Meta(max_length=64)], Annotated[str, Meta(max_length=512)] | bool | Number],
    Meta(max_length=16),
]


class AttachBody(Body, frozen=True, kw_only=True):
    """To put a file into a vector store."""

    file_id: Id
    chunking_strategy: Strategy | None = None
    attributes: Attributes | None = None

    def draft(self, place: str = "") -> FileDraft:
        """Return the file's draft; raises InvalidRequest, whose field stands at `place`."""
        chunking = chunking_of(self.chunking_strategy, f"{place}chunking_strategy")
        return FileDraft(file_id=self.file_id, chunking=chunking, attributes=self.attributes)


class AttributesBody(Body, frozen=True, kw_only=True):
    """To give a file other attributes; null is none."""

    attributes: Attributes | None


class BatchBody(Body, frozen=True, kw_only=True):
    """To put files into a vector store together: ids with what goes for all, or each file with its own."""

    file_ids: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=MAX_BATCH)] | None = None
    files: Annotated[tuple[AttachBody, ...], Meta(min_length=1, max_length=MAX_BATCH)] | None = None
    chunking_strategy: Strategy | None = None
    attributes: Attributes | None = None

    def drafts(self) -> list[FileDraft]:
        """Return the files' drafts; raises InvalidRequest."""
        if self.files is not None and self.file_ids is not None:
            raise InvalidRequest(
                "Name the files in 'file_ids' or in 'files', not in both.", param="files", code="invalid_value"
            )
        if self.files is not None:
            return [file.draft(f"files[{index}].") for index, file in enumerate(self.files)]
        if self.file_ids is None:
            raise missing("file_ids")
        chunking = chunking_of(self.chunking_strategy)
        return [FileDraft(file_id=id_, chunking=chunking, attributes=self.attributes) for id_ in self.file_ids]
