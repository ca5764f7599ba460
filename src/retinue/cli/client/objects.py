"""What answers of the API are made of, whatever they are about."""

from typing import Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")


class Page(Struct, Generic[T], frozen=True, kw_only=True):
    """A `list`."""

    data: tuple[T, ...]
    has_more: bool = False
    last_id: str | None = None


class Error(Struct, frozen=True, kw_only=True):
    """What was refused, and why."""

    message: str = ""
    code: str | None = None
    param: str | None = None


class ErrorBody(Struct, frozen=True, kw_only=True):
    """The body of a refusal."""

    error: Error
