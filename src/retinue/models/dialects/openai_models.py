"""The habits of OpenAI's models, by their names: those that reason take other parameters than those before them.

https://platform.openai.com/docs/guides/reasoning and https://platform.openai.com/docs/api-reference/chat/create;
refusals as users met them: https://github.com/openai/openai-python/issues/2072 (temperature and top_p),
https://github.com/langchain-ai/langchain/issues/29704 (parallel_tool_calls),
https://github.com/MartialBE/one-hub/issues/346 (max_tokens).
"""

import re

from msgspec import structs

from retinue.models.dialects.dialect import SAMPLING, Dialect, Format

_FIRST_OF_THEIR_KIND = re.compile(r"o1-(mini|preview)\b")
_NUMBERED_O = re.compile(r"o\d+\b")
_GPT_THAT_REASONS = re.compile(r"(gpt-(?:[5-9]|\d{2,})(?!.*-chat)|codex-)")
_WITHOUT_SCHEMAS = re.compile(r"(gpt-3\.5|gpt-4(?!\.|o)|gpt-4o-2024-05-13|chatgpt-4o)")
_WITHOUT_JSON_MODE = re.compile(r"gpt-4(-32k)?(-0314|-0613)?$|gpt-3\.5-turbo(-16k)?(-0301|-0613)$")
_BLIND = re.compile(r"(gpt-3\.5|gpt-4(-32k)?(-\d{4})?(-preview)?$|o1-(mini|preview)|o3-mini)")
_SEES = re.compile(
    r"(gpt-4o(?!.*(audio|realtime))|gpt-4\.|gpt-4-turbo$|gpt-4-turbo-2024|gpt-[5-9]|o[134]\b|chatgpt-4o)"
)

_NONE: frozenset[Format] = frozenset()
_JSON_MODE: frozenset[Format] = frozenset(("json_object",))


def habits_of(model: str, dialect: Dialect) -> Dialect:
    """Return OpenAI's dialect with the habits of this model of its; a fine-tuned one has those of its base."""
    name = model.removeprefix("ft:").lower()
    own = structs.replace(dialect, formats=_formats(name, dialect.formats), images=_images(name))
    if _FIRST_OF_THEIR_KIND.match(name):
        first = structs.replace(own, bound="max_completion_tokens", instructing="user", formats=_NONE)
        return first.without(*SAMPLING, "parallel_tool_calls", "reasoning_effort")
    if _NUMBERED_O.match(name):
        reasoning = structs.replace(own, bound="max_completion_tokens", instructing="developer")
        return reasoning.without(*SAMPLING, "parallel_tool_calls")
    if _GPT_THAT_REASONS.match(name):
        return structs.replace(own, bound="max_completion_tokens", instructing="developer").without(*SAMPLING)
    return own.without("reasoning_effort") if name.startswith(("gpt-3", "gpt-4", "chatgpt")) else own


def _formats(name: str, known: frozenset[Format]) -> frozenset[Format]:
    if _WITHOUT_JSON_MODE.match(name):
        return _NONE
    return _JSON_MODE & known if _WITHOUT_SCHEMAS.match(name) else known


def _images(name: str) -> bool | None:
    if _BLIND.match(name):
        return False
    return True if _SEES.match(name) else None
