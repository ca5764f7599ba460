"""Chat messages as they reach the prompt: texts to be counted, and marks of a known length.

Marks: https://github.com/openai/openai-cookbook, "How to count tokens with tiktoken"; images: OpenAI's guide to
vision, "Calculating costs", for the models that count by tiles.
"""

import json
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

PER_MESSAGE = 4
"""The marks around a message, its role among them."""
PER_NAME = 1
PER_CALL = 3
"""The marks around a call of a tool."""
PER_REPLY = 3
"""The marks with which a prompt asks for the reply, once a request."""
SMALL_IMAGE = 85
"""An image of `detail` low."""
IMAGE = 1_445
"""Any other: eight tiles, the most that an image is cut into."""


def parts_of(message: Json) -> Iterator[str | int]:
    """Yield the texts of a message, and numbers of tokens for what is no text."""
    yield PER_MESSAGE
    if name := message.get("name"):
        yield PER_NAME
        yield str(name)
    yield from _content(message.get("content"))
    for call in message.get("tool_calls") or ():
        yield PER_CALL
        function = call.get("function") or {}
        yield str(function.get("name") or "")
        yield str(function.get("arguments") or "")


def _content(content: Any) -> Iterator[str | int]:
    if isinstance(content, str):
        yield content
        return
    for part in content or ():
        match part:
            case {"text": str(text)} | {"refusal": str(text)}:
                yield text
            case {"image_url": {"detail": "low"}}:
                yield SMALL_IMAGE
            case {"image_url": _}:
                yield IMAGE
            case _:
                yield json.dumps(part, ensure_ascii=False)
