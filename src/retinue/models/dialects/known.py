"""The dialects of providers that are known, each with where its habits are written down."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from msgspec import structs

from retinue.models.address import host_of, port_of
from retinue.models.dialects.dialect import Dialect, Format
from retinue.models.dialects.openai_models import habits_of

_JSON_MODE: frozenset[Format] = frozenset(("json_object",))
_SCHEMAS: frozenset[Format] = frozenset(("json_schema",))
_NONE: frozenset[Format] = frozenset()
_ONE_SYSTEM = frozenset(("system",))

OPENAI = Dialect(name="openai", bound="max_completion_tokens")
"""Every chat model of OpenAI's takes the newer bound: https://platform.openai.com/docs/api-reference/chat/create."""

AZURE = Dialect(name="azure", bound="max_completion_tokens")
"""As OpenAI's where the API's version is of 2025 or later: https://learn.microsoft.com/azure/foundry/openai/reference."""

OPENROUTER = Dialect(name="openrouter")
"""It drops what a model doesn't take: https://openrouter.ai/docs/api-reference/parameters."""

ANTHROPIC = Dialect(
    name="anthropic",
    # It ignores them without a word, so that a format would be lost.
    formats=_NONE,
    refuses=frozenset(("reasoning_effort",)),
    strict=False,
    # "`temperature` and `top_p` cannot both be specified for this model": https://github.com/open-webui/pipelines/pull/546
    both_samplings=False,
    merges=_ONE_SYSTEM,
    user_first=True,
    null_content=False,
)
"""https://platform.claude.com/docs/en/api/openai-sdk: all instructions are put first, as one."""

GEMINI = Dialect(name="gemini", strict=False, merges=_ONE_SYSTEM, user_first=True).without("parallel_tool_calls")
"""https://ai.google.dev/gemini-api/docs/openai; what it doesn't know it refuses, as in
https://github.com/jackmpcollins/magentic/pull/382 (Unknown name "parallel_tool_calls"): it calls as it likes."""

OLLAMA = Dialect(name="ollama", merges=_ONE_SYSTEM).without("parallel_tool_calls")
"""https://docs.ollama.com/api/openai-compatibility: what it doesn't list is ignored."""

VLLM = Dialect(name="vllm", merges=_ONE_SYSTEM)
"""https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html"""

LM_STUDIO = Dialect(name="lm-studio", formats=_SCHEMAS, merges=_ONE_SYSTEM, null_content=False)
"""https://lmstudio.ai/docs/developer/openai-compat/structured-output; no json_object:
https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/189."""

LLAMA_CPP = Dialect(name="llama.cpp", merges=_ONE_SYSTEM, null_content=False)
"""https://github.com/ggml-org/llama.cpp/tree/master/tools/server: messages go through the model's own template, and
many of those know one system message, and content that is text."""

GROQ = Dialect(name="groq", bound="max_completion_tokens", merges=_ONE_SYSTEM)
"""https://console.groq.com/docs/openai; schemas for some models alone: https://console.groq.com/docs/structured-outputs."""

MISTRAL = Dialect(name="mistral", stream_usage=False, short_ids=True, merges=_ONE_SYSTEM, answer_after_tool=True)
"""https://docs.mistral.ai/api/: it refuses what it doesn't know (https://github.com/editor-code-assistant/eca/issues/231),
other ids than its own (https://github.com/langchain-ai/langchain/pull/24668), and a user's message right after a tool's
output (https://github.com/avante-corp/avante.nvim/pull/2695). The last chunk tells the usage unasked."""

DEEPSEEK = Dialect(name="deepseek", formats=_JSON_MODE, strict=False, null_content=False).without("parallel_tool_calls")
"""https://api-docs.deepseek.com/api/create-chat-completion; no schemas: https://github.com/llm-exe/llm-exe/issues/662,
no developer: https://github.com/earendil-works/pi/issues/1048."""

DEFAULT = Dialect(merges=_ONE_SYSTEM)

DIALECTS: Mapping[str, Dialect] = {
    dialect.name: dialect
    for dialect in (
        *(OPENAI, AZURE, OPENROUTER, ANTHROPIC, GEMINI, OLLAMA, VLLM),
        *(LM_STUDIO, LLAMA_CPP, GROQ, MISTRAL, DEEPSEEK, DEFAULT),
    )
}
"""By the names that settings give them."""

_HOSTS = (
    (re.compile(r"(.+\.)?api\.openai\.com"), OPENAI),
    (re.compile(r".+\.(openai|cognitiveservices|services\.ai)\.azure\.(com|us|cn)"), AZURE),
    (re.compile(r"(.+\.)?openrouter\.ai"), OPENROUTER),
    (re.compile(r"api\.anthropic\.com"), ANTHROPIC),
    (re.compile(r"generativelanguage\.googleapis\.com"), GEMINI),
    (re.compile(r"(.+\.)?ollama\.com"), OLLAMA),
    (re.compile(r"api\.groq\.com"), GROQ),
    (re.compile(r"(.+\.)?api\.mistral\.ai|codestral\.mistral\.ai"), MISTRAL),
    (re.compile(r"api\.deepseek\.com"), DEEPSEEK),
)
_PORTS = {11434: OLLAMA, 1234: LM_STUDIO}
_KINDS = {dialect.name: dialect for dialect in (OLLAMA, LM_STUDIO, LLAMA_CPP, VLLM)}
_GROQS_SCHEMAS = re.compile(r"openai/gpt-oss|moonshotai/kimi-k2|meta-llama/llama-4")
_SEEING = re.compile(r"claude-|gemini-")
_AZURES_NEWER_BOUND = "2024-12-01"
_AZURES_STREAM_USAGE = "2024-09-01"
_AZURES_SCHEMAS = "2024-08-01"


def dialect_of(base_url: str, *, named: str | None = None, label: str | None = None) -> Dialect:
    """Return a provider's dialect: what its settings name, that of its host, of its kind, or a careful one.

    `label` is what the provider is called: of a server of one's own that mostly tells its kind, such as "Ollama".
    """
    if named is not None and (dialect := DIALECTS.get(named)):
        return dialect
    host = host_of(base_url)
    of_host = next((dialect for pattern, dialect in _HOSTS if pattern.fullmatch(host)), None)
    kind = (label or "").lower().replace(" ", "-")
    return of_host or _KINDS.get(kind) or _PORTS.get(port_of(base_url) or 0, DEFAULT)


def for_model(dialect: Dialect, model: str, base_url: str) -> Dialect:
    """Return the provider's dialect with the habits of one of its models."""
    match dialect.name:
        case "openai":
            return habits_of(model, dialect)
        case "azure":
            return habits_of(model, _of_version(dialect, base_url))
        case "groq":
            schemas = dialect.formats if _GROQS_SCHEMAS.match(model) else _JSON_MODE
            return structs.replace(dialect, formats=schemas)
        case "anthropic" | "gemini" if _SEEING.match(model):
            return structs.replace(dialect, images=True)
        case "deepseek" if model in ("deepseek-chat", "deepseek-reasoner"):
            return structs.replace(dialect, images=False)
        case _:
            return dialect


def _of_version(dialect: Dialect, base_url: str) -> Dialect:
    """Return Azure's dialect as the API's version has it that the address names; they are dates."""
    version = parse_qs(urlsplit(base_url).query).get("api-version", [""])[0]
    if not version[:1].isdigit():  # none, or "preview": the current one
        return dialect
    return structs.replace(
        dialect,
        bound="max_completion_tokens" if version >= _AZURES_NEWER_BOUND else "max_tokens",
        stream_usage=version >= _AZURES_STREAM_USAGE,
        formats=dialect.formats if version >= _AZURES_SCHEMAS else _JSON_MODE,
    )
