"""Which HTTP status each error becomes, and what the body says."""

import pytest

from retinue.api.errors import BodyTooLarge, UnknownModel, WrongHost, to_http
from retinue.core.errors import (
    Fenced,
    InvalidRequest,
    Locked,
    ModelFault,
    NotFound,
    RetinueError,
    StoreFault,
    StoreFull,
    Unauthorized,
)


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (InvalidRequest("m"), 400, "invalid_request_error"),
        (Locked("m"), 400, "invalid_request_error"),
        (BodyTooLarge("m"), 413, "invalid_request_error"),
        (NotFound("run", "run_1"), 404, "invalid_request_error"),
        (UnknownModel("m"), 404, "invalid_request_error"),
        (Unauthorized("m"), 401, "invalid_request_error"),
        (WrongHost("m"), 421, "invalid_request_error"),
        (ModelFault("m"), 502, "server_error"),
        (StoreFull("m"), 507, "server_error"),
        (StoreFault("m"), 500, "server_error"),
        (Fenced("m"), 500, "server_error"),
        (RetinueError("m"), 500, "server_error"),
    ],
)
def test_an_error_has_its_status_and_type(error: RetinueError, status: int, kind: str) -> None:
    told, body = to_http(error)
    assert (told, body["error"]["type"]) == (status, kind)


def test_an_error_tells_message_param_and_code() -> None:
    _, body = to_http(InvalidRequest("No.", param="model", code="invalid_type"))
    expected = {"message": "No.", "type": "invalid_request_error", "param": "model", "code": "invalid_type"}
    assert body == {"error": expected}


@pytest.mark.parametrize(
    ("kind", "id_", "said"),
    [
        ("assistant", "asst_1", "No assistant found with id 'asst_1'."),
        ("thread", "thread_1", "No thread found with id 'thread_1'."),
        ("run", "run_1", "No run found with id 'run_1'."),
        ("message", "msg_1", "No message found with id 'msg_1'."),
        ("step", "step_1", "No run step found with id 'step_1'."),
    ],
)
def test_what_is_not_there_is_named(kind: str, id_: str, said: str) -> None:
    status, body = to_http(NotFound(kind, id_))
    assert (status, body["error"]["message"]) == (404, said)


def test_an_id_that_can_not_be_one_is_told_so() -> None:
    status, body = to_http(NotFound("thread", "1234"))
    assert status == 400
    assert body["error"] == {
        "message": "Invalid 'thread_id': '1234'. Expected an ID that begins with 'thread'.",
        "type": "invalid_request_error",
        "param": "thread_id",
        "code": "invalid_value",
    }
