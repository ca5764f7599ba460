"""The document that the server gives of itself, and the routing table: neither says more than the other."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import jsonschema
import pytest

from retinue.api.app import routing_table
from retinue.api.call import Router

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "scripts" / "openapi.py"
DOCUMENT = ROOT / "src" / "retinue" / "api" / "openapi.json"

MAX_BYTES = 400_000
NOT_DESCRIBED = {
    ("POST", "/assistants/{}/files"),
    ("GET", "/assistants/{}/files"),
    ("GET", "/assistants/{}/files/{}"),
    ("DELETE", "/assistants/{}/files/{}"),
    ("GET", "/threads/{}/messages/{}/files"),
    ("GET", "/threads/{}/messages/{}/files/{}"),
}
"""What the server serves under /v1 and keeps silent about: LEFT_OUT in scripts/openapi.py."""


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(DOCUMENT.read_bytes())
    return read


def shape(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


def served() -> set[tuple[str, str]]:
    nobody = cast(Any, None)  # the routes are read, and never called
    routes = routing_table(Router(nobody, nobody), nobody).routes
    return {
        (method, shape(route.path).removeprefix("/v1"))
        for route in routes
        for method in (route.methods or set()) - {"HEAD"}
        if route.path.startswith("/v1/")
    }


def described(document: dict[str, Any]) -> set[tuple[str, str]]:
    return {(method.upper(), shape(path)) for path, methods in document["paths"].items() for method in methods}


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_document_is_up_to_date() -> None:
    done = subprocess.run([sys.executable, SCRIPT, "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_everything_that_is_served_is_described(document: dict[str, Any]) -> None:
    assert served() - described(document) == NOT_DESCRIBED


def test_everything_that_is_described_is_served(document: dict[str, Any]) -> None:
    assert described(document) - served() == set()


def test_every_schema_is_there_and_needed(document: dict[str, Any]) -> None:
    told = {reference for reference in references(document) if "/schemas/" in reference}
    assert told == {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}


def test_every_schema_is_one(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_every_operation_says_what_its_errors_look_like(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert {"4XX", "5XX"} < operation["responses"].keys(), f"{method} {path}"
            for answer in operation["responses"].values():
                assert "$ref" in answer or "x-request-id" in answer["headers"], f"{method} {path}"


def test_what_can_be_streamed_is_described_as_a_stream(document: dict[str, Any]) -> None:
    for path in (
        "/threads/runs",
        "/threads/{thread_id}/runs",
        "/threads/{thread_id}/runs/{run_id}/submit_tool_outputs",
    ):
        answer = document["paths"][path]["post"]["responses"]["200"]
        assert answer["content"].keys() == {"application/json", "text/event-stream"}


def test_document_bears_the_licence_of_what_it_is_made_of(document: dict[str, Any]) -> None:
    assert "Copyright (c) OpenAI" in document["info"]["x-openai-license"]


def test_document_is_small() -> None:
    assert DOCUMENT.stat().st_size < MAX_BYTES
