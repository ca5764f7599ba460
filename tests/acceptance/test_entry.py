"""The way into a running server that lies in its data folder: who may read that folder gets in, and nobody else."""

import http.client
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from acceptance.server import SCRIPT, Server
from retinue.app.entry import Entry, read_entry
from retinue.app.folder import ENTRY
from retinue.app.keys import create_key
from retinue.core.key import owner_token

OWN = "/v1/retinue/terminal"


def asked(server: Server, token: str | None, *, host: str | None = None) -> tuple[int, Any]:
    """What the server answers to who asks for the terminal's assistant."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    connection.request("POST", OWN, "{}", headers if host is None else {**headers, "Host": host})
    answer = connection.getresponse()
    read = json.loads(answer.read())
    connection.close()
    return answer.status, read


def entry_of(server: Server) -> Entry:
    entry = read_entry(server.data)
    assert entry is not None
    return entry


def test_it_lies_there_for_its_owner_alone_as_long_as_the_server_serves(tmp_path: Path) -> None:
    with Server(tmp_path / "data", script=SCRIPT) as server:
        file = server.data / ENTRY
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert entry_of(server).url == server.address
        first = entry_of(server).secret
        assert first not in server.output
        assert server.stop() == 0
        assert not file.exists()
        server.start()
        assert entry_of(server).secret != first


def test_what_a_killed_server_left_opens_nothing(tmp_path: Path) -> None:
    with Server(tmp_path / "data", script=SCRIPT) as server:
        left = entry_of(server)
        server.kill()
        assert read_entry(server.data) == left
        server.start()
        assert asked(server, owner_token(left.secret, "default"))[0] == 401
        assert asked(server, owner_token(entry_of(server).secret, "default"))[0] == 200


async def test_it_opens_every_project_whether_or_not_there_are_keys(tmp_path: Path) -> None:
    with Server(tmp_path / "data", script=SCRIPT) as server:
        secret = entry_of(server).secret
        assert asked(server, owner_token(secret, "mine"))[0] == 200
        made = await create_key(server.data, name="", project="theirs")
        for project in ("mine", "default"):
            assert asked(server, owner_token(secret, project))[0] == 200
        assert asked(server, made.text)[0] == 200
        for token in (None, "any", secret, owner_token("another", "mine"), owner_token(secret, "no project")):
            status, answer = asked(server, token)
            assert status == 401
            assert secret not in str(answer)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80"])
def test_it_lets_no_page_in_that_bears_another_name(server: Server, host: str) -> None:
    token = owner_token(entry_of(server).secret, "default")
    assert asked(server, token, host=host)[0] == 421
