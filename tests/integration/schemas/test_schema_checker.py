"""Schemas and texts as the worst of callers and models write them: an answer each, in bounded time."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retinue.schemas import Found, SchemaChecker
from retinue.schemas.process import WORKER, SchemaProcess

FITS = Found()
ENDLESS: dict[str, Any] = {
    "$ref": "#/$defs/a0",
    "$defs": {
        **{f"a{n}": {"anyOf": [{"$ref": f"#/$defs/a{n + 1}"}, {"$ref": f"#/$defs/a{n + 1}"}]} for n in range(60)},
        "a60": {"type": "string"},
    },
}
KEYWORDS = ["type", "properties", "items", "anyOf", "allOf", "not", "$ref", "$defs", "required", "enum", "pattern"]
BOUNDS = ["format", "minimum", "multipleOf", "minLength", "uniqueItems", "unevaluatedProperties", "$schema", "$id"]
NAMES = st.sampled_from([*KEYWORDS, *BOUNDS, "$dynamicRef"])
TEXTS = st.sampled_from(["#", "#/$defs/a", "object", "(a+)+$", "(?=a)", "date", "http://127.0.0.1:1/x"]) | st.text()
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(max_size=3), inner, max_size=4),
    max_leaves=20,
)


@pytest.fixture
async def checker() -> AsyncIterator[SchemaChecker]:
    checker = SchemaChecker(patience_s=60)
    yield checker
    await checker.close()


async def check(checker: SchemaChecker, schema: Any, value: Any) -> Found:
    return await checker.check(json.dumps(schema), json.dumps(value))


@pytest.mark.parametrize(
    ("schema", "value", "place", "rule"),
    [
        ({"type": "string"}, 1, "$", "$/type"),
        ({"properties": {"a": {"minimum": 3}}}, {"a": 2}, "$/a", "$/properties/a/minimum"),
        ({"items": {"enum": ["x"]}}, ["x", "y"], "$/1", "$/items/enum"),
        ({"required": ["a"]}, {}, "$", "$/required"),
        ({"additionalProperties": False}, {"a/b": 1}, "$", "$/additionalProperties"),
        ({"properties": {"a/b~": {"type": "null"}}}, {"a/b~": 1}, "$/a~1b~0", "$/properties/a~1b~0/type"),
        ({"pattern": "^a+$"}, "b", "$", "$/pattern"),
        ({"pattern": r"^(?=.*\d).{3,}$"}, "abc", "$", "$/pattern"),
        ({"format": "date"}, "2024-13-01", "$", "$/format"),
        ({"$ref": "#/$defs/n", "$defs": {"n": {"type": "null"}}}, 1, "$", "$/$defs/n/type"),
        ({"properties": {"next": {"$ref": "#"}}, "required": ["v"]}, {"v": 1, "next": {}}, "$/next", "$/required"),
    ],
)
async def test_what_does_not_fit_is_named_by_place_and_rule(
    checker: SchemaChecker, schema: Any, value: Any, place: str, rule: str
) -> None:
    found = await check(checker, schema, value)
    assert found.schema is None
    assert found.text is not None
    assert found.text.startswith(f"at {place} ")
    assert found.text.endswith(f"(rule {rule})")


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({}, None),
        ({"format": "money"}, "x"),
        ({"x-unknown": {}}, 1),
        ({"$schema": "http://json-schema.org/draft-07/schema#", "type": "integer"}, 1),
        ({"$ref": "#"}, 1),
        ({"properties": {"next": {"$ref": "#"}}}, {"next": {"next": {}}}),
        ({"allOf": [{"$ref": "#"}]}, 1),
    ],
)
async def test_what_fits_has_nothing_to_say(checker: SchemaChecker, schema: Any, value: Any) -> None:
    assert await check(checker, schema, value) == FITS


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ({"type": "objekt"}, "at $/type"),
        ({"properties": {"a": {"minLength": -1}}}, "at $/properties/a/minLength"),
        ({"properties": []}, "at $/properties"),
        ({"pattern": "("}, "at $/pattern"),
        ({"pattern": "((a{999}){999}){999}"}, "at $/pattern"),
        ({"$ref": "#/$defs/no"}, "/$defs/no"),
        ({"$schema": "https://example.com/mine"}, "https://example.com/mine"),
    ],
)
async def test_an_unsound_schema_is_told_with_its_place(checker: SchemaChecker, schema: Any, place: str) -> None:
    found = await checker.check(json.dumps(schema))
    assert found.schema is not None
    assert place in found.schema


async def test_no_reference_is_ever_fetched(checker: SchemaChecker) -> None:
    knocked = asyncio.Event()

    async def knock(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        knocked.set()
        writer.close()

    server = await asyncio.start_server(knock, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    for schema in (
        {"$ref": address},
        {"$id": address, "$ref": "other"},
        {"$schema": address},
        {"items": {"$dynamicRef": address}},
        {"$ref": "file:///etc/hostname"},
    ):
        found = await checker.check(json.dumps(schema))
        assert found.schema is not None, schema
    server.close()
    await server.wait_closed()
    assert not knocked.is_set()


async def test_a_check_that_would_take_years_is_ended() -> None:
    checker = SchemaChecker(patience_s=1)
    found = await check(checker, ENDLESS, 1)
    await checker.close()
    assert found.schema == "checking it takes too long: make it simpler"


async def test_a_check_that_was_given_up_holds_up_no_other(checker: SchemaChecker) -> None:
    waiting = asyncio.create_task(check(checker, ENDLESS, 1))
    while not checker._asked:
        await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert await check(checker, {"type": "null"}, None) == FITS


async def test_a_long_check_holds_up_no_other(checker: SchemaChecker) -> None:
    waiting = asyncio.create_task(check(checker, ENDLESS, 1))
    while not checker._asked:
        await asyncio.sleep(0)
    assert await check(checker, {"type": "null"}, None) == FITS
    assert not waiting.done()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


async def test_a_schema_that_took_too_long_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    checker = SchemaChecker(patience_s=0.3)
    first = await check(checker, ENDLESS, 1)
    monkeypatch.delattr(SchemaProcess, "start")
    assert await check(checker, ENDLESS, 2) == first
    await checker.close()


async def test_closing_ends_a_check_that_is_under_way(checker: SchemaChecker) -> None:
    waiting = asyncio.create_task(check(checker, ENDLESS, 1))
    while not checker._asked:
        await asyncio.sleep(0)
    await checker.close()
    found = await asyncio.wait_for(waiting, 30)
    assert found.schema is not None
    assert found.schema.startswith("checking it broke down")


async def test_the_loop_goes_on_during_a_long_check() -> None:
    checker = SchemaChecker(patience_s=0.3)
    waiting = asyncio.create_task(check(checker, ENDLESS, 1))
    turns = 0
    while not waiting.done():
        turns += 1
        await asyncio.sleep(0)
    await checker.close()
    assert turns > 100


async def test_patterns_that_backtrack_without_end_are_given_up(checker: SchemaChecker) -> None:
    found = await check(checker, {"pattern": "^(?=a)(a|a)+$(?!b)"}, "a" * 60 + "b")
    assert found.text is not None
    assert "backtracking" in found.text


async def test_a_process_that_died_is_replaced(checker: SchemaChecker) -> None:
    assert await check(checker, {}, 1) == FITS
    [process] = checker._idle
    process.kill()
    await process._process.wait()
    assert await check(checker, {}, 1) == FITS


async def test_a_process_that_dies_of_what_it_is_asked_is_told_and_replaced(
    checker: SchemaChecker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dying = tmp_path / "dying.py"
    dying.write_text("import sys; print(flush=True); sys.stdin.readline()")
    monkeypatch.setattr("retinue.schemas.process.WORKER", dying)
    found = await check(checker, {}, 1)
    assert found.schema is not None
    assert found.schema.startswith("checking it broke down")
    monkeypatch.undo()
    assert await check(checker, {}, 1) == FITS


@pytest.mark.skipif(sys.platform == "win32", reason="there is no alarm")
async def test_a_process_whose_server_was_killed_ends_by_itself() -> None:
    command = (sys.executable, "-P", str(WORKER), "1")
    orphan = await asyncio.create_subprocess_exec(*command, stdin=subprocess.PIPE)
    await orphan.communicate(json.dumps({"schema": json.dumps(ENDLESS), "text": "1"}).encode())
    assert orphan.returncode == -signal.SIGALRM


async def test_what_is_said_of_a_long_text_is_short(checker: SchemaChecker) -> None:
    found = await check(checker, {"items": {"enum": ["x" * 100] * 100}}, ["y" * 1000] * 1000)
    assert found.text is not None
    assert len(found.text) < 3000


@pytest.mark.parametrize("text", ["[" * 300 + "]" * 300, "[" * 5000 + "]" * 5000, "1" * 5000, '"\\ud800"', "1e999"])
async def test_json_that_can_not_be_read_is_told(checker: SchemaChecker, text: str) -> None:
    await checker.check("{}")
    idle = list(checker._idle)
    found = await checker.check('{"type": "null"}', text)
    assert found.schema is None
    assert found.text is not None
    assert checker._idle == idle, "it lives on"


async def test_checks_side_by_side_get_their_own_answers(checker: SchemaChecker) -> None:
    found = await asyncio.gather(*(check(checker, {"const": n % 2}, 1) for n in range(20)))
    assert [one.text is None for one in found] == [n % 2 == 1 for n in range(20)]


async def test_closing_twice_or_unused_is_fine() -> None:
    checker = SchemaChecker()
    await checker.close()
    await checker.close()


def test_any_schema_and_any_text_are_answered_by_one_process_that_lives_on() -> None:
    with asyncio.Runner() as runner:
        checker = SchemaChecker(patience_s=60)
        runner.run(checker.check("{}"))
        idle = list(checker._idle)

        @settings(max_examples=300, deadline=None)
        @given(schema=VALUES, value=VALUES)
        def answered(schema: Any, value: Any) -> None:
            runner.run(check(checker, schema, value))
            assert checker._idle == idle

        try:
            answered()
        finally:
            runner.run(checker.close())
