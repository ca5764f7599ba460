"""How many tokens a text may come to, where nobody has counted them."""

from typing import Any

CHARACTERS_PER_TOKEN = 4  # English prose under the common byte-pair encodings; others need more tokens
TOKENS_PER_MESSAGE = 4  # the role and the marks around a chat message
TOKENS_PER_IMAGE = 1_000


def estimate_text(text: str) -> int:
    """Return an estimate for one text."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def estimate_message(message: dict[str, Any]) -> int:
    """Return an estimate for one chat message, its tool calls included."""
    tokens = TOKENS_PER_MESSAGE
    content = message.get("content")
    if isinstance(content, str):
        tokens += estimate_text(content)
    elif content:
        tokens += sum(estimate_text(p["text"]) if p["type"] == "text" else TOKENS_PER_IMAGE for p in content)
    for call in message.get("tool_calls") or ():
        tokens += estimate_text(call["function"]["name"]) + estimate_text(call["function"]["arguments"])
    return tokens
