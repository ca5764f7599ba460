"""Lists of models as providers really send them, and the sizes that some tell with them.

OpenRouter: https://openrouter.ai/docs/api-reference/list-available-models; vLLM: `max_model_len`; Groq:
https://console.groq.com/docs/models; Mistral: https://docs.mistral.ai/api/#tag/models; LM Studio:
https://lmstudio.ai/docs/developer/rest/endpoints; llama.cpp: `meta`, and /props; Ollama:
https://docs.ollama.com/api/show; Anthropic: https://platform.claude.com/docs/en/api/models-list; Gemini:
https://ai.google.dev/api/models. Whatever is missing or makes no sense is not known.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from retinue.core.model_profile import Sizes
from retinue.models.base import ModelCard

_MOST_TOKENS = 100_000_000  # no model reads that much
_CONTEXT = (
    # what is loaded before what could be, and that before what the model was trained for
    *(("loaded_context_length",), ("context_length",), ("top_provider", "context_length"), ("max_model_len",)),
    *(("context_window",), ("max_context_length",), ("default_generation_settings", "n_ctx"), ("meta", "n_ctx")),
    *(("meta", "n_ctx_train"), ("max_input_tokens",), ("inputTokenLimit",), ("context_size",)),
)
_COMPLETION = (
    *(("max_completion_tokens",), ("top_provider", "max_completion_tokens"), ("max_output_tokens",)),
    *(("max_tokens",), ("outputTokenLimit",)),
)
_IMAGES: tuple[tuple[str, ...], ...] = (
    ("capabilities", "vision"),
    ("capabilities", "image_input", "supported"),
    ("modalities", "vision"),
)
_MODALITIES: tuple[tuple[str, ...], ...] = (
    ("architecture", "input_modalities"),
    ("input_modalities",),
    ("capabilities",),
)
_SEE = {"image", "vision"}
_PREFIX = "models/"  # of Gemini's names

Entry = Mapping[str, Any]


def read_listing(body: bytes) -> list[Entry]:
    """Return the entries of a list of models; raises ValueError or RecursionError if it is none."""
    listing = msgspec.json.decode(body)
    if isinstance(listing, dict):
        listing = listing.get("data")
    if not isinstance(listing, list):
        raise ValueError("it holds no list of models")
    return [entry for entry in listing if isinstance(entry, dict) and name_of(entry)]


def name_of(entry: Entry) -> str:
    """Return the model's name in an entry; empty if it bears none."""
    name = entry.get("id")
    return name.removeprefix(_PREFIX) if isinstance(name, str) else ""


def card_of(entry: Entry) -> ModelCard:
    """Return the card of a model in a list."""
    sizes, created = sizes_of(entry), entry.get("created")
    description = entry.get("description")
    return ModelCard(
        id=name_of(entry),
        owned_by=str(entry.get("owned_by") or ""),
        created=_seconds(created),
        description=description if isinstance(description, str) else None,
        context_tokens=sizes.context_tokens,
        completion_tokens=sizes.completion_tokens,
        images=sizes.images,
    )


def sizes_of(entry: Entry) -> Sizes:
    """Return what an entry tells of its model."""
    return Sizes(
        context_tokens=_first_tokens(entry, _CONTEXT),
        completion_tokens=_first_tokens(entry, _COMPLETION),
        images=_sees(entry),
    )


def tokens(value: Any) -> int | None:
    """Return a number of tokens, None for anything that can't be one."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = int(value)
    except (ValueError, OverflowError):
        return None
    return number if 0 < number <= _MOST_TOKENS else None


def _first_tokens(entry: Entry, places: Iterable[tuple[str, ...]]) -> int | None:
    return next((found for place in places if (found := tokens(_at(entry, place)))), None)


def _sees(entry: Entry) -> bool | None:
    for place in _IMAGES:
        if isinstance(said := _at(entry, place), bool):
            return said
    for place in _MODALITIES:
        if isinstance(kinds := _at(entry, place), list) and kinds:
            return any(kind in _SEE for kind in kinds if isinstance(kind, str))
    kind = entry.get("type")
    return kind == "vlm" if kind in ("vlm", "llm") else None


def _at(entry: Any, place: tuple[str, ...]) -> Any:
    for name in place:
        entry = entry.get(name) if isinstance(entry, dict) else None
    return entry


def _seconds(created: Any) -> int:
    try:
        return int(created or 0)
    except (TypeError, ValueError, OverflowError):
        return 0
