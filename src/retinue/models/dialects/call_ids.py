"""Ids of tool calls for providers that take nine letters and digits and nothing else."""

import hashlib
import re
import string
from collections.abc import Iterator, Sequence

from retinue.models.base import Json

_SHORT = re.compile(r"[A-Za-z0-9]{9}")
_ALPHABET = string.digits + string.ascii_letters
_LENGTH = 9


class ShortIds:
    """One request's ids: the same one always becomes the same short one, in this request and in the next."""

    def __init__(self) -> None:
        self._short: dict[str, str] = {}
        self._taken: set[str] = set()

    def of(self, id_: str) -> str:
        """Return the id as the provider takes it; one that has the form stays as it is."""
        if id_ not in self._short:
            short = self._short[id_] = next(one for one in _candidates(id_) if one not in self._taken)
            self._taken.add(short)
        return self._short[id_]


def shortened(messages: Sequence[Json]) -> list[Json]:
    """Return chat messages with short ids, each output's still its call's."""
    ids = ShortIds()
    return [_shortened(message, ids) for message in messages]


def _shortened(message: Json, ids: ShortIds) -> Json:
    if calls := message.get("tool_calls"):
        return message | {"tool_calls": [call | {"id": ids.of(call["id"])} for call in calls]}
    if call_id := message.get("tool_call_id"):
        return message | {"tool_call_id": ids.of(call_id)}
    return message


def _candidates(id_: str) -> Iterator[str]:
    if _SHORT.fullmatch(id_):
        yield id_
    for number in range(1_000_000):  # ids that come to the same: one in 10**16
        digest = int.from_bytes(hashlib.sha256(f"{number}:{id_}".encode(errors="surrogatepass")).digest())
        yield "".join(_ALPHABET[digest // len(_ALPHABET) ** place % len(_ALPHABET)] for place in range(_LENGTH))
