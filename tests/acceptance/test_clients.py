"""Programs as users wrote them, run by each generation of the official clients against running servers."""

import pytest

from acceptance import sdks
from acceptance.matrix import Matrix, everything
from acceptance.operations import LACKS
from acceptance.programs import CLIENTS, Program, ProgramFailed, run_program
from acceptance.sdks import Client, ClientMissing
from acceptance.server import Server

ALL = everything()

# The first test waits for environments, which are downloaded, and for whatever its client runs before it.
pytestmark = pytest.mark.timeout(3 * sdks.INSTALL_TIMEOUT_S)


@pytest.mark.parametrize(("client", "program"), ALL, ids=[f"{client}-{program}" for client, program in ALL])
def test_program_runs_unchanged(
    client: Client, program: Program, matrix: Matrix, request: pytest.FixtureRequest
) -> None:
    if program.runs_code:
        request.getfixturevalue("sandbox")
    try:
        matrix.skipped(client, program)
    except ClientMissing as missing:
        pytest.skip(str(missing))
    except ProgramFailed as failed:
        raise pytest.fail.Exception(str(failed), pytrace=False) from None


@pytest.mark.parametrize("client", sdks.MATRIX, ids=str)
def test_dashes_stand_for_what_the_package_lacks(client: Client, server: Server) -> None:
    lacking = {
        (operation.python if client.kind == "python" else operation.node or operation.python)
        for lack in LACKS
        if client.name in lack.clients
        for operation in lack.operations
    }
    probe = CLIENTS / ("lacking.py" if client.kind == "python" else "lacking.mjs")
    try:
        run_program(client, probe, server, *sorted(lacking))
    except ClientMissing as missing:
        pytest.skip(str(missing))
    except ProgramFailed as failed:
        raise pytest.fail.Exception(str(failed), pytrace=False) from None


def test_every_program_is_run_by_some_client() -> None:
    run = {program.source for _, program in ALL} | set((CLIENTS / "generations").glob("*.py"))
    there = {path for path in CLIENTS.glob("*/*") if path.suffix in (".py", ".mjs")}
    assert run == there
