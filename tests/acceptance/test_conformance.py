"""docs/conformance.md is what the clients' programs have just seen, and every cell of it is green."""

import json
import re

import pytest

from acceptance import scoreboard, sdks
from acceptance.matrix import Matrix
from acceptance.operations import OPERATIONS, called
from acceptance.programs import ProgramFailed
from acceptance.scoreboard import Results
from acceptance.sdks import ClientMissing

# It waits for whatever test_clients.py hasn't waited for.
pytestmark = pytest.mark.timeout(3 * sdks.INSTALL_TIMEOUT_S)

DOCUMENT = sdks.ROOT / "src" / "retinue" / "api" / "openapi.json"
OURS_ALONE = ("/retinue/", "/openapi.json")


@pytest.fixture(scope="module")
def board(matrix: Matrix, sandbox: str) -> dict[sdks.Client, Results]:
    if not matrix.is_whole:
        pytest.skip("not all programs of test_clients.py were chosen; the scoreboard is made from all")
    try:
        return scoreboard.results(matrix)
    except ClientMissing as missing:
        pytest.skip(str(missing))
    except ProgramFailed as failed:
        raise pytest.fail.Exception(f"a program failed, so there is no scoreboard: {failed}", pytrace=False) from None


def test_every_client_was_answered_on_every_operation_that_it_has(board: dict[sdks.Client, Results]) -> None:
    assert scoreboard.faults(board) == []


def test_page_is_what_was_seen(board: dict[sdks.Client, Results]) -> None:
    assert scoreboard.PAGE.read_text("utf-8") == scoreboard.page(board), "`make conformance` makes the page anew"


def test_every_operation_that_the_server_describes_is_a_row() -> None:
    paths = json.loads(DOCUMENT.read_bytes())["paths"]
    described = {
        (method.upper(), shape(path)) for path in paths if not path.startswith(OURS_ALONE) for method in paths[path]
    }
    assert described <= {(operation.method, shape(operation.template)) for operation in OPERATIONS}


@pytest.mark.parametrize(
    ("method", "path", "streamed", "operation"),
    [
        ("POST", "/v1/threads/runs", False, "POST /threads/runs"),
        ("POST", "/v1/threads/runs", True, "POST /threads/runs, streamed"),
        ("POST", "/v1/threads/thread_1", False, "POST /threads/{thread_id}"),
        ("GET", "/openai/assistants/asst_1", False, "GET /assistants/{assistant_id}"),
        ("GET", "/openai/v1/files/file-1/content", False, "GET /files/{file_id}/content"),
        ("POST", "/openai/deployments/mine/chat/completions", True, "POST /chat/completions, streamed"),
        ("POST", "/v1/vector_stores/vs_1", False, "POST /vector_stores/{vector_store_id}"),
        ("POST", "/openai/vector_stores/vs_1/search", False, "POST /vector_stores/{vector_store_id}/search"),
        ("GET", "/v1/models/meta/llama:8b", False, "GET /models/{model}"),
        ("GET", "/v1/retinue/runs/run_1/turns", False, None),
        ("GET", "/healthz", False, None),
    ],
)
def test_requests_are_told_apart(method: str, path: str, streamed: bool, operation: str | None) -> None:
    found = called(method, path, streamed=streamed)
    assert (None if found is None else str(found)) == operation


def shape(path: str) -> str:
    """The path without its parameters' names."""
    return re.sub(r"\{\w+\}", "{}", path)
