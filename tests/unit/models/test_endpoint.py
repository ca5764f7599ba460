"""Addresses and logins of providers: Azure's two forms, Anthropic's list, Gemini beside its compatible API."""

import pytest

from retinue.models.http.endpoint import endpoint_of

RESOURCE = "https://res.openai.azure.com"
DATED = "?api-version=2024-10-21"


@pytest.mark.parametrize(
    ("base_url", "chat", "models"),
    [
        (f"{RESOURCE}/openai/v1/", "/openai/v1/chat/completions", "/openai/v1/models"),
        (
            *(f"{RESOURCE}/openai/v1?api-version=preview", "/openai/v1/chat/completions?api-version=preview"),
            "/openai/v1/models?api-version=preview",
        ),
        (RESOURCE, "/openai/v1/chat/completions", "/openai/v1/models"),
        (f"{RESOURCE}/", "/openai/v1/chat/completions", "/openai/v1/models"),
        (
            *(f"{RESOURCE}/openai{DATED}", f"/openai/deployments/my%2Fgpt/chat/completions{DATED}"),
            f"/openai/models{DATED}",
        ),
        (
            *(f"{RESOURCE}{DATED}", f"/openai/deployments/my%2Fgpt/chat/completions{DATED}"),
            f"/openai/models{DATED}",
        ),
        (
            *(f"{RESOURCE}/openai/deployments/d/{DATED}", f"/openai/deployments/d/chat/completions{DATED}"),
            f"/openai/deployments/d/models{DATED}",
        ),
        (
            *(f"{RESOURCE}/openai/deployments/d", f"/openai/deployments/d/chat/completions{DATED}"),
            f"/openai/deployments/d/models{DATED}",
        ),
    ],
)
def test_azure_is_asked_in_both_of_its_forms(base_url: str, chat: str, models: str) -> None:
    endpoint = endpoint_of(base_url, "azure")
    assert endpoint.url("/chat/completions", "my/gpt") == RESOURCE + chat
    assert endpoint.url("/models") == RESOURCE + models


def test_an_address_of_one_deployment_is_known() -> None:
    assert endpoint_of(f"{RESOURCE}/openai/deployments/d/{DATED}", "azure").deployment == "d"
    assert endpoint_of(f"{RESOURCE}/openai/v1", "azure").deployment is None
    assert endpoint_of("https://llm.example.com/openai/deployments/d", "default").deployment is None


def test_a_gateway_with_a_path_of_its_own_keeps_it() -> None:
    endpoint = endpoint_of("https://gate.example.com/team/v1?x=1", "azure")
    assert endpoint.url("/chat/completions", "m") == "https://gate.example.com/team/v1/chat/completions?x=1"


@pytest.mark.parametrize(
    ("dialect", "use", "login"),
    [
        ("openai", "chat", {"Authorization": "Bearer k"}),
        ("azure", "chat", {"api-key": "k"}),
        ("azure", "list", {"api-key": "k"}),
        ("anthropic", "chat", {"Authorization": "Bearer k"}),
        ("anthropic", "list", {"x-api-key": "k", "anthropic-version": "2023-06-01"}),
        ("gemini", "chat", {"Authorization": "Bearer k"}),
        ("gemini", "server", {"x-goog-api-key": "k"}),
        ("ollama", "server", {"Authorization": "Bearer k"}),
    ],
)
def test_the_key_is_told_as_each_wants_it(dialect: str, use: str, login: dict[str, str]) -> None:
    endpoint = endpoint_of("https://x.example.com/v1", dialect)
    assert endpoint.login("k", use) == login  # type: ignore[arg-type] # a table of strings
    assert endpoint.login("", use) == {}  # type: ignore[arg-type]


def test_a_login_of_microsofts_is_a_bearer_token() -> None:
    assert endpoint_of(RESOURCE, "azure").login("eyJ0eXAi.x.y") == {"Authorization": "Bearer eyJ0eXAi.x.y"}


@pytest.mark.parametrize(
    ("base_url", "place"),
    [
        ("http://127.0.0.1:11434/v1", "http://127.0.0.1:11434/api/ps"),
        ("https://llm.example.com/proxy/v1?x=1", "https://llm.example.com/api/ps"),
    ],
)
def test_what_is_beside_the_api_is_asked_at_the_server(base_url: str, place: str) -> None:
    assert endpoint_of(base_url).beside("/api/ps") == place
