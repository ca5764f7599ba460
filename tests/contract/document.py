"""Answers and stream events against OpenAI's documents, with the leniencies that the service itself needed."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from jsonschema.validators import extend
from referencing import Registry
from referencing.jsonschema import DRAFT202012

Generation = Literal["v1", "v2"]

DOCUMENTS: dict[Generation, Path] = {
    "v1": Path(__file__).parent / "assistants-v1-2024-04-16.json",
    "v2": Path(__file__).parent / "openai-2026-08-21.json",
}
COMPLETIONS = Path(__file__).parent / "openai-2026-08-21-completions.json"
"""Schemas alone: what is relayed is a provider's to answer, so that no path is ours."""
SCHEMAS = "#/components/schemas/"
URN = "urn:openai"
NULLABLE = {"nullable": True}

ALSO_REQUIRED = {
    "RunObject": ["tool_resources", "reasoning_effort", "temperature", "top_p"],
    "RunStepObject": ["expires_at"],
}
"""Recordings show these in every object of the kind; the document doesn't ask for them."""

REFUSED_BY_PRACTICE = {
    "max_prompt_tokens": "minimum",
    "max_completion_tokens": "minimum",
    "tools": "maxItems",
}
"""Bounds of a run that the service did not keep: it took 16 tokens, and an assistant's 128 tools."""

NULL_IN_FILES = ("expires_at", "status_details")
"""Recordings show these as null in every file that has none; the document only lets them be left out."""

UNSAID = "WhateverJSON"
"""What the document says of an answer of which it says nothing."""

TYPED_BY_CAUSE = {401, 403, 429}
"""Answers whose error type tells the cause (`insufficient_quota`), so that it can't be told from the status."""


class ContractBroken(AssertionError):
    """What came is not what the contract promises."""


def validate_answer(method: str, path_template: str, status: int, body: Any, *, generation: Generation = "v2") -> None:
    """Raise ContractBroken unless `body` is what the operation may answer; `body` is parsed JSON.

    `path_template` is the document's own (`/threads/{thread_id}/runs`).
    """
    where = f"{method.upper()} {path_template} {status}"
    if status >= 400:
        validate_error(status, body, where=where)
        return
    schema = _schema_of_answer(method.lower(), path_template, status, generation)
    _validate(schema, body, where, generation)


def validate_error(status: int, body: Any, *, where: str = "error") -> None:
    """Raise ContractBroken unless `body` is OpenAI's error object with a message for people."""
    _validate("ErrorResponse", body, where)
    error = body["error"]
    if not error["message"].strip():
        raise ContractBroken(f"{where}: the error has no message: {error}")
    if "Traceback" in error["message"] or 'File "' in error["message"]:
        raise ContractBroken(f"{where}: the message is a stack trace: {error['message']!r}")
    expected = "server_error" if status >= 500 else "invalid_request_error"
    if status not in TYPED_BY_CAUSE and error["type"] != expected:
        raise ContractBroken(f"{where}: type is {error['type']!r}, expected {expected!r}")


def validate_event(name: str, data: Any, *, generation: Generation = "v2") -> None:
    """Raise ContractBroken unless `data` is what an event of this name carries."""
    if name == "done":
        if data != "[DONE]":
            raise ContractBroken(f"event done: data is {data!r}, expected '[DONE]'")
    elif name == "error":
        validate_error(500, data, where="event error")
    elif name not in (known := _events(generation)):
        raise ContractBroken(f"event {name!r} is none of the document's: {sorted(known)}")
    else:
        _validate(known[name], data, f"event {name}", generation)


def validate_object(schema: str, body: Any) -> None:
    """Raise ContractBroken unless `body` is an object of the document's schema of this name."""
    _validate(schema, body, schema)


def operations(generation: Generation = "v2") -> Iterator[tuple[str, str]]:
    """Yield (method, path template) of every operation in the document."""
    for path, methods in _document(generation)["paths"].items():
        for method in methods:
            yield method.upper(), path


def _validate(schema: str, body: Any, where: str, generation: Generation = "v2") -> None:
    error = best_match(_validator(schema, generation).iter_errors(body))
    if error is not None:
        value = json.dumps(body, ensure_ascii=False)
        raise ContractBroken(f"{where} ({schema}): at {error.json_path}: {error.message[:600]}\nin {value[:2000]}")


def _schema_of_answer(method: str, path: str, status: int, generation: Generation) -> str:
    try:
        answer = _document(generation)["paths"][path][method]["responses"][str(status)]
    except KeyError:
        raise ContractBroken(f"{method.upper()} {path} may not answer {status} by the document") from None
    if "content" not in answer:
        return UNSAID
    reference: str = answer["content"]["application/json"]["schema"]["$ref"]
    return reference.removeprefix(SCHEMAS)


@cache
def _document(generation: Generation) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(DOCUMENTS[generation].read_text("utf-8"))
    schemas = document["components"]["schemas"]
    schemas.update(json.loads(COMPLETIONS.read_text("utf-8"))["components"]["schemas"])
    for name, schema in schemas.items():
        schemas[name] = _lenient(name, _modern(schema), generation)
    schemas.update({UNSAID: {}, **_event_schemas(schemas)})
    return document


@cache
def _events(generation: Generation) -> dict[str, str]:
    """The schema of each event's data, by the event's name."""
    return {name.removeprefix("event:"): name for name in _document(generation)["components"]["schemas"] if ":" in name}


@cache
def _validator(schema: str, generation: Generation) -> Draft202012Validator:
    resource = DRAFT202012.create_resource(_document(generation))
    registry: Registry[Any] = Registry().with_resource(URN, resource)
    return _Strict({"$ref": f"{URN}{SCHEMAS}{schema}"}, registry=registry)


def _is_integer(_: object, instance: object) -> bool:
    """JSON Schema takes 1.0 for an integer; typed clients don't."""
    return isinstance(instance, int) and not isinstance(instance, bool)


_Strict: type[Draft202012Validator] = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer),
)


def _event_schemas(schemas: dict[str, Any]) -> dict[str, Any]:
    """One schema for each event name, so that a wrong event is told apart from a wrong body."""
    found = {}
    for part in schemas["AssistantStreamEvent"]["anyOf"]:
        union = schemas[part["$ref"].removeprefix(SCHEMAS)]
        for event in union.get("anyOf", [union]):
            (name,) = event["properties"]["event"]["enum"]
            found[f"event:{name}"] = event["properties"]["data"]
    return found


def _modern(node: Any) -> Any:
    """Rewrite 3.0's `nullable` as a union with null; `oneOf`, whose members overlap here, as `anyOf`."""
    if isinstance(node, list):
        return [_modern(member) for member in node]
    if not isinstance(node, dict):
        return node
    schema = {}
    for key, value in node.items():
        if key == "allOf":
            schema[key] = [_modern(member) for member in value if member != NULLABLE]
        elif key != "nullable":
            schema["anyOf" if key == "oneOf" else key] = _modern(value)
    nullable = node.get("nullable") is True or NULLABLE in node.get("allOf", [])
    return {"anyOf": [schema, {"type": "null"}]} if nullable else schema


def _lenient(name: str, schema: dict[str, Any], generation: Generation) -> dict[str, Any]:
    properties = schema.get("properties", {})
    for cursor in ("first_id", "last_id"):
        if (name.startswith("List") or name.endswith("ListResource")) and cursor in properties:
            properties[cursor] = {"type": ["string", "null"]}  # of an empty list
    if generation == "v1":
        if "items" in schema.get("required", ()) and "items" not in properties:
            schema["required"] = [name for name in schema["required"] if name != "items"]  # the document means `data`
        return schema
    if name in ALSO_REQUIRED:
        schema["required"] = [*schema["required"], *ALSO_REQUIRED[name]]
    if name == "OpenAIFile":
        properties["purpose"]["enum"].append("evals")  # may be asked for by the same document
        for field in NULL_IN_FILES:
            properties[field]["type"] = [properties[field]["type"], "null"]
    if name == "VectorStoreSearchResultItem":
        properties["retinue"] = {"type": "object"}  # ours, where the document has no room for more
    if name == "RunObject":
        for field, bound in REFUSED_BY_PRACTICE.items():
            properties[field].get("anyOf", [properties[field]])[0].pop(bound)
    return schema
