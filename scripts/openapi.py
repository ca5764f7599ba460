"""Makes the OpenAPI document that the server gives of itself: src/retinue/api/openapi.json.

usage: python scripts/openapi.py [--check]

The routing table says what is served, OpenAI's own document (tests/contract) what that is, and scripts/openapi.yaml
what is different here and what is ours. A served operation that neither knows is an error: describe it in the YAML,
or name it in LEFT_OUT. With --check nothing is written; the exit code says whether the file is up to date.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import yaml

from retinue import __version__
from retinue.api.app import routing_table
from retinue.api.call import Router

Json = dict[str, Any]

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "tests" / "contract" / "openai-2026-08-21.json"
LICENCE = ROOT / "tests" / "contract" / "LICENSE.openai"
OWN = ROOT / "scripts" / "openapi.yaml"
TARGET = ROOT / "src" / "retinue" / "api" / "openapi.json"

PREFIX = "/v1"
METHODS = ("get", "post", "put", "patch", "delete")
SCHEMAS = "#/components/schemas/"
NULLABLE = {"nullable": True}
LEFT_OUT = frozenset(
    {
        "POST /assistants/{}/files",
        "GET /assistants/{}/files",
        "GET /assistants/{}/files/{}",
        "DELETE /assistants/{}/files/{}",
        "GET /threads/{}/messages/{}/files",
        "GET /threads/{}/messages/{}/files/{}",
    }
)
"""Served operations that the document keeps silent about: those of Assistants v1 alone."""

DESCRIPTION = """\
The part of OpenAI's API that Retinue serves, and what is its own, under /retinue. The Assistants API is described in \
its second generation. Made from OpenAI's OpenAPI document, under the licence in `x-openai-license`.
"""
STREAM = "text/event-stream"
RUN_EVENTS = {"schema": {"$ref": f"{SCHEMAS}AssistantStreamEvent"}}
HEADERS: Json = {
    "x-request-id": {
        "description": "Names the request in the server's log.",
        "required": True,
        "schema": {"type": "string", "pattern": "^req_"},
    },
    "openai-processing-ms": {
        "description": "How long the server took to begin its answer.",
        "required": True,
        "schema": {"type": "integer", "minimum": 0},
    },
    "openai-version": {"required": True, "schema": {"type": "string", "enum": ["2020-10-01"]}},
}
ERROR: Json = {
    "description": "What is wrong, and with which field.",
    "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS},
    "content": {"application/json": {"schema": {"$ref": f"{SCHEMAS}ErrorResponse"}}},
}


def document() -> Json:
    """Return the document."""
    own = yaml.safe_load(OWN.read_text("utf-8"))
    known = _merged(json.loads(SOURCE.read_text("utf-8")), own["corrections"])
    paths = _served_paths(known["paths"] | own["ours"]["paths"])
    schemas = known["components"]["schemas"] | own["ours"]["schemas"]
    for name, fields in own["also_required"].items():
        schemas[name]["required"] += fields
    schemas = {name: _as_sent(schema) for name, schema in schemas.items()}
    used = _closure({"paths": paths, "responses": ERROR}, schemas)
    return {
        "openapi": known["openapi"],
        "info": {
            "title": "Retinue",
            "description": DESCRIPTION,
            "version": __version__,
            "license": {"name": "MIT", "identifier": "MIT"},
            "x-openai-license": LICENCE.read_text("utf-8"),
        },
        "servers": [{"url": PREFIX}],
        "security": [{"ApiKeyAuth": []}, {"AzureKeyAuth": []}],
        "paths": _modern(paths),
        "components": {
            "schemas": _modern({name: schema for name, schema in schemas.items() if name in used}),
            "headers": HEADERS,
            "responses": {"Error": ERROR},
            "securitySchemes": {
                "ApiKeyAuth": {"type": "http", "scheme": "bearer"},
                "AzureKeyAuth": {"type": "apiKey", "in": "header", "name": "api-key"},
            },
        },
    }


def _served_paths(known: Json) -> Json:
    """The described operations that are served, finished; refuses to pass over one that is not described."""
    described = {
        f"{method.upper()} {_shape(path)}": (path, method)
        for path, operations in known.items()
        for method in operations
        if method in METHODS
    }
    served = set(_served())
    if unknown := served - described.keys() - LEFT_OUT:
        raise SystemExit(f"No description of {', '.join(sorted(unknown))}: add them to {OWN.name} or to LEFT_OUT.")
    paths: Json = {}
    for shape, (path, method) in described.items():
        if shape in served:
            paths.setdefault(path, {})[method] = _finished(known[path][method])
    return paths


def _served() -> Iterator[str]:
    """Every operation under the prefix, such as `GET /threads/{}`; HEAD comes with GET."""
    nobody = cast(Any, None)  # the routes are read here, and never called
    for route in routing_table(Router(nobody, nobody), nobody).routes:
        path, methods = getattr(route, "path", ""), getattr(route, "methods", None) or ()
        if path.startswith(f"{PREFIX}/"):
            yield from (f"{method} {_shape(path.removeprefix(PREFIX))}" for method in methods if method != "HEAD")


def _shape(path: str) -> str:
    """The path without its parameters' names, which differ from the document's."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def _finished(operation: Json) -> Json:
    """An operation with everything that ours have in common."""
    finished: Json = {key: value for key, value in operation.items() if key != "deprecated"}
    finished["parameters"] = [_bounded(parameter) for parameter in operation.get("parameters", ())]
    good = {status: dict(answer) for status, answer in operation["responses"].items() if status.startswith("2")}
    for answer in good.values():
        answer["headers"] = ERROR["headers"]
        if _streams_a_run(operation):
            answer["content"] = {STREAM: RUN_EVENTS} | answer["content"]
        elif STREAM in answer["content"] and answer["content"][STREAM] != RUN_EVENTS:
            answer["content"] = {**answer["content"], STREAM: {"schema": _chunks(answer["content"][STREAM]["schema"])}}
    error = {"$ref": "#/components/responses/Error"}
    finished["responses"] = {**good, "4XX": error, "5XX": error}
    return finished


def _bounded(parameter: Json) -> Json:
    """A list's limit has its bounds in the document's prose alone."""
    if parameter["name"] != "limit":
        return parameter
    schema = parameter["schema"]
    return {**parameter, "schema": {**schema, "minimum": 1, "maximum": max(100, schema["default"])}}


def _streams_a_run(operation: Json) -> bool:
    """Whether `stream: true` is among what an operation of runs may be asked."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return content.get("schema", {}).get("$ref", "").removeprefix(SCHEMAS) in {
        "CreateRunRequest",
        "CreateThreadAndRunRequest",
        "SubmitToolOutputsRunRequest",
    }


def _chunks(chunk: Json) -> Json:
    """The events of a stream that has data alone; the document gives the data's schema for the event's."""
    return {
        "type": "object",
        "properties": {"data": {"anyOf": [{"type": "string", "enum": ["[DONE]"]}, _json_text(chunk)]}},
        "required": ["data"],
    }


def _as_sent(node: Any) -> Any:
    """Events as they go over the wire: what the document gives for their data is text that holds it."""
    if isinstance(node, list):
        return [_as_sent(member) for member in node]
    if not isinstance(node, dict):
        return node
    fields = node.get("properties", {})
    if fields.keys() >= {"event", "data"} and fields["data"].get("type") != "string":
        return {**node, "properties": {**fields, "data": _json_text(fields["data"])}}
    return {key: _as_sent(value) for key, value in node.items()}


def _json_text(schema: Json) -> Json:
    return {"type": "string", "contentMediaType": "application/json", "contentSchema": schema}


def _merged(value: Any, patch: Any, where: str = "") -> Any:
    """JSON merge patch (RFC 7396) that refuses to remove what isn't there, or to correct a schema that isn't."""
    if not isinstance(patch, dict) or not isinstance(value, dict):
        return patch
    merged = dict(value)
    for key, change in patch.items():
        place = f"{where}/{key}"
        if key not in value and (change is None or where in ("/paths", "/components/schemas")):
            raise SystemExit(f"{OWN.name} corrects {place}, which OpenAI's document doesn't have.")
        if change is None:
            del merged[key]
        else:
            merged[key] = _merged(value.get(key), change, place)
    return merged


def _closure(node: Any, schemas: Json) -> set[str]:
    """The names of the schemas that are reached from here."""
    found: set[str] = set()
    ahead = [node]
    while ahead:
        names = set(_references(ahead.pop())) - found
        found |= names
        ahead += (schemas[name] for name in names)
    return found


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for member in node:
            yield from _references(member)
    elif isinstance(node, dict):
        if isinstance(reference := node.get("$ref"), str) and reference.startswith(SCHEMAS):
            yield reference.removeprefix(SCHEMAS)
        for member in node.values():
            yield from _references(member)


def _modern(node: Any) -> Any:
    """As JSON Schema reads it: 3.0's `nullable` is a union with null, `oneOf` (its members overlap) is `anyOf`.

    Links into OpenAI's site and its own extensions go.
    """
    if isinstance(node, list):
        return [_modern(member) for member in node]
    if isinstance(node, str):
        return re.sub(r"\[([^\]]+)\]\(/docs[^)]*\)", r"\1", node)
    if not isinstance(node, dict):
        return node
    schema: Json = {}
    for key, value in node.items():
        if key == "allOf":
            schema[key] = [_modern(member) for member in value if member != NULLABLE]
        elif key == "oneOf" and all(member.keys() == {"required"} for member in value):
            continue  # `vector_store_ids` or `vector_stores`; practice takes neither, too
        elif key != "nullable" and not key.startswith("x-oai"):
            schema["anyOf" if key == "oneOf" else key] = _modern(value)
    nullable = node.get("nullable") is True or NULLABLE in node.get("allOf", [])
    return {"anyOf": [schema, {"type": "null"}]} if nullable else schema


def main() -> None:
    """Write the document, or check it."""
    raw = json.dumps(document(), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    if "--check" in sys.argv[1:]:
        if not TARGET.exists() or TARGET.read_bytes() != raw:
            raise SystemExit(f"{TARGET.relative_to(ROOT)} is not up to date: run `make openapi`.")
        return
    TARGET.write_bytes(raw)
    sys.stdout.write(f"{TARGET.relative_to(ROOT)}: {len(raw):,} bytes\n")


if __name__ == "__main__":
    main()
