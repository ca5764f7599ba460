"""Embeddings as a provider writes them."""

import struct
from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from retinue.models.rehearsal.embeddings import embedding
from retinue.testing.answers import Embeds
from retinue.testing.completions import Json


def embeds(body: Json) -> Embeds:
    """Return vectors for what was sent: texts that share words are near each other, equal ones are the same."""
    dimensions = body.get("dimensions") or 256
    return Embeds([embedding(str(text), dimensions) for text in _inputs(body["input"])])


def listing(answer: Embeds, body: Json) -> Json:
    """Return the body of the answer, in the encoding that was asked for."""
    base64 = body.get("encoding_format") == "base64"
    data = [
        {"object": "embedding", "index": index, "embedding": _base64(vector) if base64 else list(vector)}
        for index, vector in enumerate(answer.vectors)
    ]
    count = len(str(body["input"]))
    used = {"prompt_tokens": count, "total_tokens": count}
    return {"object": "list", "data": data, "model": answer.model or body.get("model"), "usage": used}


def _inputs(given: Any) -> list[Any]:
    return given if isinstance(given, list) and not all(isinstance(item, int) for item in given) else [given]


def _base64(vector: Sequence[float]) -> str:
    return b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
