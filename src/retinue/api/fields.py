"""What all bodies share: strictness, and the contract's limits."""

from typing import Annotated

from msgspec import Meta, Struct

MAX_INTEGER = 2**31 - 1

Metadata = Annotated[
    dict[Annotated[str, Meta(max_length=64)], Annotated[str, Meta(max_length=512)]], Meta(max_length=16)
]
MAX_TEXT = 256_000  # contract: "Limits", characters of instructions and of a message
LongText = Annotated[str, Meta(max_length=MAX_TEXT)]
ModelName = Annotated[str, Meta(min_length=1, max_length=256)]
Temperature = Annotated[float, Meta(ge=0, le=2)]
Weight = Annotated[float, Meta(ge=0, le=1_000_000)]
TopP = Annotated[float, Meta(ge=0, le=1)]


class Body(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A body, or a part of one: an unknown field is a mistake to be told, not to be passed over."""


class MetadataBody(Body, frozen=True, kw_only=True):
    """To modify what has nothing but metadata to modify."""

    metadata: Metadata | None = None
