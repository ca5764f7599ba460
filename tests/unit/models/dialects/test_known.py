"""What each known provider is sent in the very first request: never a parameter that it refuses."""

from typing import Any

import pytest

from dialects.asking import CHAT, EVERYTHING, SCHEMA, WEATHER, asked, contents, roles
from retinue.models.base import Json
from retinue.models.dialects import DIALECTS, dialect_of
from retinue.models.dialects.messages import worded

OPENAI = "https://api.openai.com/v1"
AZURE = "https://res.openai.azure.com/openai/v1/"
AZURE_BEFORE = "https://res.openai.azure.com/openai/deployments/d?api-version=2024-06-01"
OPENROUTER = "https://openrouter.ai/api/v1"
ANTHROPIC = "https://api.anthropic.com/v1/"
GEMINI = "https://generativelanguage.googleapis.com/v1beta/openai/"
OLLAMA = "http://127.0.0.1:11434/v1"
LM_STUDIO = "http://localhost:1234/v1"
GROQ = "https://api.groq.com/openai/v1"
MISTRAL = "https://api.mistral.ai/v1"
DEEPSEEK = "https://api.deepseek.com"
UNKNOWN = "https://llm.example.com/v1"

ALL = {"stream_options", "reasoning_effort", "temperature", "top_p", "tools", "tool_choice", "parallel_tool_calls"}

SENT = [
    (OPENAI, "gpt-4o", "system", ALL - {"reasoning_effort"} | {"max_completion_tokens"}),
    (OPENAI, "gpt-3.5-turbo", "system", ALL - {"reasoning_effort"} | {"max_completion_tokens"}),
    (OPENAI, "ft:gpt-4o-mini:acme::1", "system", ALL - {"reasoning_effort"} | {"max_completion_tokens"}),
    (OPENAI, "gpt-5", "developer", ALL - {"temperature", "top_p"} | {"max_completion_tokens"}),
    (OPENAI, "gpt-5.2-mini", "developer", ALL - {"temperature", "top_p"} | {"max_completion_tokens"}),
    (OPENAI, "gpt-5-chat-latest", "system", ALL | {"max_completion_tokens"}),
    (
        *(OPENAI, "o3-mini", "developer"),
        ALL - {"temperature", "top_p", "parallel_tool_calls"} | {"max_completion_tokens"},
    ),
    (*(OPENAI, "o1-mini", "user"), {"stream_options", "tools", "tool_choice", "max_completion_tokens"}),
    (AZURE, "gpt-5", "developer", ALL - {"temperature", "top_p"} | {"max_completion_tokens"}),
    (AZURE_BEFORE, "mine", "system", ALL - {"stream_options"} | {"max_tokens"}),
    (OPENROUTER, "openai/gpt-5", "system", ALL | {"max_tokens"}),
    (ANTHROPIC, "claude-sonnet-4-5", "system", ALL - {"reasoning_effort", "top_p"} | {"max_tokens"}),
    (GEMINI, "gemini-2.5-flash", "system", ALL - {"parallel_tool_calls"} | {"max_tokens"}),
    (OLLAMA, "qwen3", "system", ALL - {"parallel_tool_calls"} | {"max_tokens"}),
    (LM_STUDIO, "qwen3", "system", ALL | {"max_tokens"}),
    (GROQ, "llama-3.3-70b-versatile", "system", ALL | {"max_completion_tokens"}),
    (MISTRAL, "mistral-large-latest", "system", ALL - {"stream_options"} | {"max_tokens"}),
    (DEEPSEEK, "deepseek-chat", "system", ALL - {"parallel_tool_calls"} | {"max_tokens"}),
    (UNKNOWN, "anything", "system", ALL | {"max_tokens"}),
]


@pytest.mark.parametrize(("base_url", "model", "role", "parameters"), SENT)
def test_a_known_provider_gets_what_it_takes(base_url: str, model: str, role: str, parameters: set[str]) -> None:
    body = asked(base_url, model, **EVERYTHING)
    assert set(body.fields) == {"model", "messages", "stream", *parameters}
    assert roles(body) == [role, "user"]


@pytest.mark.parametrize(("base_url", "model", "role", "parameters"), SENT)
def test_what_was_left_out_is_told(base_url: str, model: str, role: str, parameters: set[str]) -> None:
    body = asked(base_url, model, **EVERYTHING)
    left_out = ALL - parameters - {"stream_options"}
    assert {name for name in left_out if any(f" {name}:" in note for note in body.notes)} == left_out
    assert len(body.notes) == len(left_out)


@pytest.mark.parametrize("name", DIALECTS)
def test_a_setting_names_the_dialect_of_an_address(name: str) -> None:
    assert dialect_of(UNKNOWN, named=name).name == name


@pytest.mark.parametrize(
    ("base_url", "name"),
    [
        (OPENAI, "openai"),
        ("https://eu.api.openai.com/v1", "openai"),
        ("https://api.openai.com.example.com/v1", "default"),
        ("https://notapi.openai.com/v1", "default"),
        ("https://res.services.ai.azure.com/openai/v1", "azure"),
        ("https://res.cognitiveservices.azure.com/openai/v1", "azure"),
        ("http://10.0.0.5:11434/v1", "ollama"),
        ("http://[/v1", "default"),
        ("http://127.0.0.1:99999/v1", "default"),
    ],
)
def test_a_dialect_is_known_by_the_whole_host(base_url: str, name: str) -> None:
    assert dialect_of(base_url).name == name


@pytest.mark.parametrize(
    ("label", "name"),
    [("Ollama", "ollama"), ("LM Studio", "lm-studio"), ("vllm", "vllm"), ("openai", "default"), ("mine", "default")],
)
def test_a_server_of_ones_own_is_known_by_what_it_is_called(label: str, name: str) -> None:
    assert dialect_of(UNKNOWN, label=label).name == name


@pytest.mark.parametrize(
    ("base_url", "model", "kind", "sent"),
    [
        (OPENAI, "gpt-4o", "json_schema", "json_schema"),
        (OPENAI, "gpt-4-turbo", "json_schema", "json_object"),
        (OPENAI, "gpt-4", "json_schema", None),
        (OPENAI, "gpt-4.1", "json_schema", "json_schema"),
        (ANTHROPIC, "claude-sonnet-4-5", "json_object", None),
        (LM_STUDIO, "qwen3", "json_object", None),
        (LM_STUDIO, "qwen3", "json_schema", "json_schema"),
        (DEEPSEEK, "deepseek-chat", "json_schema", "json_object"),
        (GROQ, "llama-3.3-70b-versatile", "json_schema", "json_object"),
        (GROQ, "openai/gpt-oss-20b", "json_schema", "json_schema"),
        (AZURE_BEFORE, "mine", "json_schema", "json_object"),
        (UNKNOWN, "anything", "json_schema", "json_schema"),
    ],
)
def test_a_format_is_sent_where_the_model_takes_it(base_url: str, model: str, kind: str, sent: str | None) -> None:
    body = asked(base_url, model, response_format=SCHEMA if kind == "json_schema" else {"type": kind})
    assert body.fields.get("response_format", {"type": None})["type"] == sent
    assert bool(body.notes) == (sent != kind)


def test_a_format_that_is_not_taken_stands_in_the_prompt_after_the_persona() -> None:
    body = asked(OPENAI, "gpt-4", response_format=SCHEMA)
    assert roles(body) == ["system", "system", "user"]
    persona, format_, said = contents(body)
    assert (persona, said) == ("Be kind.", "Hello")
    assert '{"type": "object", "properties": {"city": {}}}' in format_
    assert "JSON alone" in format_


def test_where_one_system_message_is_taken_the_format_ends_it() -> None:
    body = asked(ANTHROPIC, "claude-sonnet-4-5", response_format={"type": "json_object"})
    assert roles(body) == ["system", "user"]
    assert contents(body)[0].startswith("Be kind.\n\nAnswer with JSON alone")


def test_a_format_in_plain_text_is_no_matter() -> None:
    body = asked(ANTHROPIC, "claude-sonnet-4-5", response_format={"type": "text"})
    assert not body.notes
    assert contents(body) == ["Be kind.", "Hello"]


@pytest.mark.parametrize(("base_url", "strict"), [(OPENAI, True), (GEMINI, False), (ANTHROPIC, False)])
def test_strict_is_declared_where_it_is_known(base_url: str, strict: bool) -> None:
    (tool,) = asked(base_url, "m", tools=(WEATHER,)).fields["tools"]
    assert ("strict" in tool["function"]) == strict
    assert tool["function"]["parameters"] == {"type": "object"}


def test_nothing_is_sent_that_nobody_asked_for() -> None:
    assert asked(OPENAI, "gpt-4o").fields == {
        "model": "gpt-4o",
        "messages": list(CHAT),
        "stream": True,
        "stream_options": {"include_usage": True},
    }


CALL: Json = {"id": "call_abc", "type": "function", "function": {"name": "weather", "arguments": "{}"}}


def round_of(call_id: str) -> tuple[Json, ...]:
    return (
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": None, "tool_calls": [CALL | {"id": call_id}]},
        {"role": "tool", "tool_call_id": call_id, "content": "sunny"},
    )


def test_mistral_gets_ids_of_nine_letters_and_each_output_still_its_calls() -> None:
    first = asked(MISTRAL, "mistral-small", *round_of("call_abc"), *round_of("call_xyz")).fields["messages"]
    ids = [call["id"] for message in first for call in message.get("tool_calls", ())]
    assert [message["tool_call_id"] for message in first if message["role"] == "tool"] == ids
    assert all(len(id_) == 9 and id_.isalnum() and id_.isascii() for id_ in ids)
    assert len(set(ids)) == 2
    again = asked(MISTRAL, "mistral-small", *round_of("call_xyz")).fields["messages"]
    assert again[1]["tool_calls"][0]["id"] == ids[1]


def test_mistrals_own_ids_stay() -> None:
    body = asked(MISTRAL, "mistral-small", *round_of("aB3xK9mP2"))
    assert body.fields["messages"][1]["tool_calls"][0]["id"] == "aB3xK9mP2"


def test_mistral_hears_an_answer_between_a_tool_and_the_user() -> None:
    body = asked(MISTRAL, "mistral-small", *round_of("call_abc"), {"role": "user", "content": "And?"})
    assert roles(body) == ["user", "assistant", "tool", "assistant", "user"]


@pytest.mark.parametrize(("base_url", "content"), [(OPENAI, None), (ANTHROPIC, ""), (DEEPSEEK, "")])
def test_a_message_of_calls_alone_has_the_content_that_is_taken(base_url: str, content: str | None) -> None:
    body = asked(base_url, "m", *round_of("call_abc"))
    assert body.fields["messages"][1]["content"] == content


@pytest.mark.parametrize("base_url", [GEMINI, ANTHROPIC])
def test_who_wants_the_user_first_gets_the_user_first(base_url: str) -> None:
    body = asked(base_url, "m", CHAT[0], {"role": "assistant", "content": "Welcome."}, CHAT[1])
    assert roles(body) == ["system", "user", "assistant", "user"]


@pytest.mark.parametrize("base_url", [OPENAI, ANTHROPIC, UNKNOWN])
def test_an_answer_without_a_word_is_not_sent(base_url: str) -> None:
    assert roles(asked(base_url, "m", CHAT[1], {"role": "assistant", "content": ""}, CHAT[1])) == ["user", "user"]


def test_alternating_models_get_the_words_of_neighbours_joined() -> None:
    dialect = DIALECTS["llama.cpp"].alternating()
    image: Json = {"type": "image_url", "image_url": {"url": "data:,"}}
    messages: list[Any] = [*CHAT, {"role": "user", "content": [image]}, {"role": "user", "content": "This."}]
    assert worded(messages, dialect) == [
        CHAT[0],
        {"role": "user", "content": [{"type": "text", "text": "Hello"}, image, {"type": "text", "text": "This."}]},
    ]
