"""Embeddings without a model: texts that share words are near each other, and the same text is always the same vector.

Each word's stem is hashed to a few signed places of the vector (feature hashing, https://arxiv.org/abs/0902.2206).
"""

import asyncio
import math
import struct
from base64 import b64encode
from collections import Counter
from hashlib import blake2b
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from retinue.core.errors import InvalidRequest
from retinue.models.base import REHEARSAL, Json
from retinue.models.rehearsal import tokens
from retinue.models.rehearsal.asked import Texts, check_length, converted, members, texts_of
from retinue.models.rehearsal.words import STOP_STEMS, text_stems
from retinue.models.relay import Relayed, RelayRequest, whole

DIMENSIONS = 256

_PLACES = 4  # of one word: with fewer, two words are more often taken for one
_STOP_WORD_WEIGHT = 0.1
_MOST_NUMBERS = 1_048_576  # in one answer: some tenths of a second to write
_TEXTS_PER_YIELD = 16  # texts between two chances for the rest of the event loop


class _Asked(Struct, frozen=True, kw_only=True):
    input: Texts
    dimensions: Annotated[int, Meta(ge=1, le=3_072)] | None = None
    encoding_format: Literal["float", "base64"] | None = None


async def embeddings(request: RelayRequest) -> Relayed:
    """Return the embeddings that are asked for; raises InvalidRequest."""
    asked = converted(members(request), _Asked)
    texts = texts_of(asked.input)
    check_length(sum(map(len, texts)), param="input")
    if not all(texts):
        raise InvalidRequest("Invalid 'input': an empty text can't be embedded.", param="input", code="invalid_value")
    dimensions = asked.dimensions or DIMENSIONS
    if len(texts) * dimensions > _MOST_NUMBERS:
        raise InvalidRequest(
            f"Invalid 'input': {len(texts)} vectors of {dimensions} dimensions are too much for one request. "
            f"Send at most {_MOST_NUMBERS // dimensions} texts at a time.",
            param="input",
            code="invalid_value",
        )
    data: list[Json] = []
    for index, text in enumerate(texts):
        if index % _TEXTS_PER_YIELD == 0:
            await asyncio.sleep(0)
        vector = embedding(text, dimensions)
        data.append({"object": "embedding", "index": index, "embedding": _encoded(vector, asked.encoding_format)})
    count = sum(map(tokens.count, texts))
    used = {"prompt_tokens": count, "total_tokens": count}
    return whole(msgspec.json.encode({"object": "list", "data": data, "model": REHEARSAL, "usage": used}))


def embedding(text: str, dimensions: int = DIMENSIONS) -> list[float]:
    """Return the text's vector, of length 1."""
    vector = [0.0] * dimensions
    for word, count in Counter(text_stems(text) or [text]).items():
        weight = (1 + math.log(count)) * (_STOP_WORD_WEIGHT if word in STOP_STEMS else 1.0)
        digest = blake2b(word.encode(errors="replace"), digest_size=4 * _PLACES).digest()
        for place in struct.unpack(f"<{_PLACES}I", digest):
            vector[(place >> 1) % dimensions] += weight if place & 1 else -weight
    length = math.hypot(*vector)
    if length == 0:  # of words that cancel each other out, in few dimensions
        return [1.0] + [0.0] * (dimensions - 1)
    return [value / length for value in vector]


def _encoded(vector: list[float], encoding: str | None) -> Any:
    return b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode() if encoding == "base64" else vector
