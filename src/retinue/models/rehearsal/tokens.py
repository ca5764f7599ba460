"""Tokens: an estimate of how many a text has, and texts cut to a number of them.

A text has a token for every four characters, the rule of thumb for English, and at least one for every word.
It is an estimate and near enough for limits and figures; no model's own tokeniser is behind it.
"""

import re

import msgspec

from retinue.models.base import Json, ModelRequest
from retinue.models.rehearsal.conversation import text_of

_CHARACTERS = 4  # of a token
_PER_MESSAGE = 4  # tokens that a message costs beyond its text: its role and its bounds
_PER_IMAGE = 85  # tokens: what the hosted service counts for an image in low detail

_WORD = re.compile(r"\S+")
_PIECE = re.compile(r"\s*\S{1,16}")  # at most four tokens beside the space before them


def count(text: str) -> int:
    """Return how many tokens the text has."""
    return max(len(text.split()), -(-len(text) // _CHARACTERS))


def cut(text: str, limit: int) -> str:
    """Return the longest beginning of the text that has no more than `limit` tokens."""
    text = text[: max(limit, 0) * _CHARACTERS]
    for words, word in enumerate(_WORD.finditer(text)):
        if words == limit:
            return text[: word.start()]
    return text


def split(text: str) -> list[str]:
    """Return the text in small pieces, a word each where words are short; joined, they are the text."""
    pieces: list[str] = _PIECE.findall(text)
    if rest := text[len(text.rstrip()) :]:
        pieces.append(rest)
    return pieces


def count_prompt(request: ModelRequest) -> int:
    """Return how many tokens the request has: its messages, tools and the schema of the answer."""
    asked = sum(_PER_MESSAGE + _of_message(message) for message in request.messages)
    return asked + sum(_of_json(value) for value in (request.tools, request.response_format) if value)


def _of_message(message: Json) -> int:
    content, calls = message.get("content"), message.get("tool_calls")
    images = 0
    if isinstance(content, list):
        images = sum(1 for part in content if isinstance(part, dict) and part.get("type") == "image_url")
    return count(text_of(content)) + _PER_IMAGE * images + (_of_json(calls) if calls else 0)


def _of_json(value: object) -> int:
    return -(-len(msgspec.json.encode(value)) // _CHARACTERS)
