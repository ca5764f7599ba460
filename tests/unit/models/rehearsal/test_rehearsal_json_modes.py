"""Answers in JSON: any object, or one that a schema describes."""

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rehearsal_driver import ask, assistant, call, function, output, schema_format

from retinue.core.errors import ModelFault
from retinue.models.rehearsal.mentions import find
from retinue.models.rehearsal.picks import Picks
from retinue.models.rehearsal.schema_values import Filler

NAMES = st.sampled_from(["name", "city", "count", "email", "note", "tags", "date", "is_new"])
LENGTHS = st.tuples(st.integers(0, 12), st.integers(0, 12)).map(sorted)
BOUNDS = st.tuples(st.integers(-50, 50), st.integers(1, 60)).map(lambda pair: (pair[0], sum(pair)))

STRINGS = st.one_of(
    st.just({"type": "string"}),
    LENGTHS.map(lambda pair: {"type": "string", "minLength": pair[0], "maxLength": pair[1]}),
    st.sampled_from(["date", "email", "uuid", "uri"]).map(lambda name: {"type": "string", "format": name}),
    st.sampled_from([r"^\d{3}-[A-Z]+$", "^(a|b)c?$", r"\w+@x", "^[^a]{2,4}$"]).map(
        lambda pattern: {"type": "string", "pattern": pattern}
    ),
)
NUMBERS = st.one_of(
    st.sampled_from(["integer", "number"]).map(lambda kind: {"type": kind}),
    BOUNDS.map(lambda pair: {"type": "integer", "minimum": pair[0], "maximum": pair[1]}),
    BOUNDS.map(lambda pair: {"type": "number", "exclusiveMinimum": pair[0], "exclusiveMaximum": pair[1]}),
    st.sampled_from([2, 5, 0.5]).map(lambda step: {"type": "number", "multipleOf": step, "minimum": 3}),
)
CHOICES = st.one_of(
    st.lists(st.one_of(st.integers(), st.text(), st.none(), st.booleans()), min_size=1).map(lambda v: {"enum": v}),
    st.one_of(st.integers(), st.text(), st.none()).map(lambda value: {"const": value}),
    st.sampled_from([{"type": "boolean"}, {"type": "null"}, {}, {"type": ["string", "null"]}]),
)


def _nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    arrays = st.tuples(inner, LENGTHS).map(
        lambda pair: {"type": "array", "items": pair[0], "minItems": pair[1][0], "maxItems": pair[1][1]}
    )
    objects = st.tuples(st.dictionaries(NAMES, inner, max_size=4), st.booleans(), st.lists(NAMES, max_size=3)).map(
        lambda parts: {
            "type": "object",
            "properties": parts[0],
            "required": [name for name in dict.fromkeys(parts[2]) if name in parts[0] or parts[1]],
            "additionalProperties": parts[1],
        }
    )
    unions = st.lists(inner, min_size=1, max_size=3).map(lambda schemas: {"anyOf": schemas})
    references = inner.map(lambda schema: {"allOf": [schema]})
    return st.one_of(arrays, objects, unions, references)


SCHEMAS = st.recursive(st.one_of(STRINGS, NUMBERS, CHOICES), _nested, max_leaves=8)


@settings(deadline=None)
@given(schema=SCHEMAS, text=st.sampled_from(["", "Ada is 36", 'tell "Bob" 12 in Paris', "not new, a@b.cd, 2025-01-01"]))
def test_any_schema_gets_a_valid_value(schema: Any, text: str) -> None:
    for sparse in (True, False):
        value = Filler(schema, Picks(find(text)), sparse=sparse).value(schema)
        jsonschema.validate(value, schema)


async def _valid(schema: Any, *messages: Any) -> Any:
    heard = await ask(*messages or ("Go",), response_format=schema_format(schema))
    value = json.loads(heard.text)
    jsonschema.validate(value, schema)
    return value


async def test_json_object_mode_gives_an_object() -> None:
    heard = await ask("Hello", response_format={"type": "json_object"})
    assert isinstance(json.loads(heard.text), dict)
    assert heard.finished.reason == "stop"


async def test_values_come_from_the_text() -> None:
    schema = {"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}}
    assert await _valid(schema, "Ada Lovelace, 36 years old") == {"name": "Ada Lovelace", "age": 36}


async def test_values_come_from_tool_outputs_of_the_same_name() -> None:
    schema = {"type": "object", "properties": {"degrees": {"type": "number"}, "sky": {"type": "string"}}}
    made = assistant(None, call("a", "get_weather", "{}"))
    told = output("a", '{"now": {"degrees": 21.5, "sky": "clear"}}')
    assert await _valid(schema, "Weather?", made, told) == {"degrees": 21.5, "sky": "clear"}


async def test_the_result_of_a_sum_goes_into_the_answer() -> None:
    schema = {"type": "object", "properties": {"answer": {"type": "number"}}}
    assert await _valid(schema, "What is 12*(3+4)?") == {"answer": 84}


async def test_references_and_definitions_are_followed() -> None:
    step = {"type": "object", "properties": {"output": {"type": "string"}}, "required": ["output"]}
    schema = {
        "type": "object",
        "properties": {"steps": {"type": "array", "items": {"$ref": "#/$defs/step"}, "minItems": 2}},
        "required": ["steps"],
        "additionalProperties": False,
        "$defs": {"step": step},
    }
    assert len((await _valid(schema))["steps"]) == 2


async def test_a_schema_within_itself_comes_to_an_end() -> None:
    schema = {
        "type": "object",
        "properties": {
            "value": {"type": "string"},
            "next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]},
            "children": {"type": "array", "items": {"$ref": "#"}},
        },
        "required": ["value", "next", "children"],
    }
    await _valid(schema)


async def test_exactly_one_alternative_of_one_of_is_met() -> None:
    await _valid({"oneOf": [{"type": "number"}, {"type": "integer"}, {"type": "string", "minLength": 2}]})


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "items": {"enum": ["a", "b", "c"]}, "minItems": 3, "uniqueItems": True},
        {"type": "array", "items": {"type": "integer"}, "minItems": 300, "uniqueItems": True},
        {"type": "array", "items": {"type": "string"}, "minItems": 4, "uniqueItems": True},
        {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False},
        {"type": "object", "required": ["a"], "additionalProperties": {"type": "integer"}},
        {"type": "object", "minProperties": 2},
        {"type": "string", "minLength": 40, "pattern": "^[a-z]+$"},
        {"allOf": [{"properties": {"a": {"type": "string"}}}, {"properties": {"b": {"const": 1}}, "required": ["b"]}]},
        {"type": "integer", "multipleOf": 7, "exclusiveMinimum": 14, "maximum": 21},
        {"type": "number", "minimum": 0.25, "maximum": 0.5},
        True,
        {},
    ],
)
async def test_rarer_keywords_are_met(schema: Any) -> None:
    await _valid(schema)


MALFORMED = [{"type": 5}, {"properties": []}, {"required": "a"}, {"required": [[]]}, {"anyOf": [7]}, {"minLength": "1"}]


@pytest.mark.parametrize("schema", [*MALFORMED, {"items": {"enum": "a"}}, "text", []])
async def test_malformed_schema_is_refused_as_a_provider_does(schema: Any) -> None:
    with pytest.raises(
        ModelFault, match=r"did not accept the request \(400\): Invalid schema for response_format"
    ) as caught:
        await ask("Go", response_format=schema_format(schema))
    assert caught.value.run_code == "invalid_prompt"


@pytest.mark.parametrize("schema", MALFORMED)
async def test_malformed_parameters_are_refused_by_the_name_of_the_function(schema: Any) -> None:
    with pytest.raises(ModelFault, match="Invalid schema for function 'act'"):
        await ask("act", tools=(function("act", inner=schema),))


@pytest.mark.parametrize(
    "schema", [{"exclusiveMinimum": True, "minimum": 3}, {"items": [{"type": "string"}]}, {"enum": []}]
)
async def test_old_and_odd_schemas_get_some_json(schema: Any) -> None:
    json.loads((await ask("Go", response_format=schema_format(schema))).text)
