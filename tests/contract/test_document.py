from typing import Any

import pytest

from contract import samples
from contract.validator import ContractBroken, validate_answer, validate_error, validate_event

RUN = "/threads/{thread_id}/runs/{run_id}"
EMPTY: dict[str, Any] = {"object": "list", "data": [], "first_id": None, "last_id": None, "has_more": False}


def test_true_run_is_accepted() -> None:
    validate_answer("GET", RUN, 200, samples.run("completed"))


def test_null_is_accepted_where_the_document_says_nullable() -> None:
    changes = {"truncation_strategy": None, "tool_choice": None, "response_format": None}
    validate_answer("GET", RUN, 200, samples.run("queued", **changes))


def test_fields_of_ours_are_accepted() -> None:
    validate_answer("GET", RUN, 200, samples.run("queued", retinue={"cost_usd": 0.1}))


def test_empty_list_has_null_cursors() -> None:
    validate_answer("GET", "/threads/{thread_id}/messages", 200, EMPTY)


@pytest.mark.parametrize("field", ["id", "usage", "tool_resources", "truncation_strategy"])
def test_missing_field_is_caught(field: str) -> None:
    body = samples.run("completed")
    del body[field]
    with pytest.raises(ContractBroken, match=field):
        validate_answer("GET", RUN, 200, body)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("created_at", "yesterday"),
        ("created_at", 1.5),
        ("created_at", 1.0),
        ("created_at", True),
        ("status", "finished"),
        ("instructions", None),
        ("metadata", {"a": 1}),
        ("tools", [{"type": "function", "function": {}}]),
        ("last_error", {"code": "oops", "message": "no"}),
        ("tool_choice", "perhaps"),
    ],
)
def test_wrong_value_is_caught_and_named(field: str, value: object) -> None:
    with pytest.raises(ContractBroken, match=rf"\$\.{field}"):
        validate_answer("GET", RUN, 200, samples.run("completed") | {field: value})


def test_wrong_item_of_a_list_is_caught() -> None:
    listed = EMPTY | {"data": [samples.message("hi", role="system")], "first_id": "msg_1", "last_id": "msg_1"}
    with pytest.raises(ContractBroken, match=r"\$\.data\[0\]\.role"):
        validate_answer("GET", "/threads/{thread_id}/messages", 200, listed)


def test_answer_of_an_unknown_operation_is_caught() -> None:
    with pytest.raises(ContractBroken, match="may not answer 201"):
        validate_answer("POST", "/threads", 201, {})


def test_error_needs_all_four_fields() -> None:
    error = {"message": "no", "type": "invalid_request_error", "param": None, "code": None}
    validate_error(400, {"error": error})
    validate_answer("GET", RUN, 404, {"error": error})
    for field in error:
        less = {key: value for key, value in error.items() if key != field}
        with pytest.raises(ContractBroken, match=field):
            validate_error(400, {"error": less})


@pytest.mark.parametrize(
    "changes", [{"message": " "}, {"message": 'Traceback (most recent call last):\n  File "x.py"'}, {"type": "oops"}]
)
def test_error_without_sense_is_caught(changes: dict[str, str]) -> None:
    error = {"message": "no", "type": "invalid_request_error", "param": None, "code": None}
    with pytest.raises(ContractBroken):
        validate_error(400, {"error": error | changes})


def test_event_is_held_to_the_schema_of_its_name() -> None:
    validate_event("thread.run.completed", samples.run("completed"))
    with pytest.raises(ContractBroken, match=r"thread.message.completed"):
        validate_event("thread.message.completed", samples.run("completed"))


def test_unknown_event_is_caught() -> None:
    with pytest.raises(ContractBroken, match=r"thread.run.paused"):
        validate_event("thread.run.paused", samples.run("queued"))


def test_done_carries_its_text() -> None:
    validate_event("done", "[DONE]")
    with pytest.raises(ContractBroken):
        validate_event("done", {})


def test_error_event_holds_the_error_under_its_key() -> None:
    error = {"message": "gone", "type": "server_error", "param": None, "code": None}
    validate_event("error", {"error": error})
    with pytest.raises(ContractBroken):
        validate_event("error", error)
