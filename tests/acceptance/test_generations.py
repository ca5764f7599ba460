"""Clients of both generations take turns at the same objects, each in its own words."""

import pytest

from acceptance import sdks
from acceptance.programs import CLIENTS, run_program
from acceptance.sdks import client_named
from acceptance.server import Server

# The environments may have to be made first.
pytestmark = pytest.mark.timeout(3 * sdks.INSTALL_TIMEOUT_S)

PAIRS = [("Python 1.3.8", "Python 3.51.0"), ("Python 1.20.0", "Python 1.35.0")]
TURNS = [("make_v1", "change_v2", "check_v1"), ("make_v2", "change_v1", "check_v2")]


@pytest.mark.parametrize("pair", PAIRS, ids=" and ".join)
@pytest.mark.parametrize("turns", TURNS, ids=lambda turns: turns[0])
def test_what_one_generation_makes_the_other_changes(
    pair: tuple[str, str], turns: tuple[str, str, str], server: Server
) -> None:
    v1, v2 = map(client_named, pair)
    told: list[str] = []
    for program in turns:
        client = v1 if program.endswith("v1") else v2
        told = run_program(client, CLIENTS / "generations" / f"{program}.py", server, *told)
