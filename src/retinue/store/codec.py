"""Values to JSON text and back, once for all tables."""

from collections.abc import Iterable
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")

_encoder = msgspec.json.Encoder()


def encode(value: object) -> str:
    """Return the value as JSON text."""
    return _encoder.encode(value).decode()


class Codec(Generic[T]):
    """Reads values of one type from JSON text."""

    def __init__(self, type_: type[T]) -> None:
        self._decoder = msgspec.json.Decoder(type_)

    def decode(self, text: str) -> T:
        """Return the value; its text was written by `encode`, so it is not doubted."""
        return self._decoder.decode(text)

    def decode_all(self, texts: Iterable[str]) -> list[T]:
        """Return the value of each."""
        return list(map(self._decoder.decode, texts))
