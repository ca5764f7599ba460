"""Keys, made and revoked in the terminal, asked for by the server: with none, with some, with all revoked."""

import asyncio
import re
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import openai
import pytest
from openai import OpenAI

from acceptance.server import POLL_S, SCRIPT, Server
from acceptance.terminal import command, environment, list_keys, make_key, retinue, revoke_key
from acceptance.test_start import refusal
from acceptance.wire import ASSISTANTS, Answer, Wire, expect_error
from retinue.app.keys import create_key
from retinue.app.offline import open_store
from retinue.core.key import Key, hash_of

KEY = re.compile(r"sk-retinue-[0-9A-Za-z]{48}")
WRONG = "sk-retinue-" + "0" * 44 + "abcd"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Server]:
    """A server of the test's own, without keys as yet."""
    with Server(tmp_path / "data", script=SCRIPT) as server:
        yield server


def ask(server: Server, token: str | None, **headers: str) -> Answer:
    return Wire(server.port, token=token).send("GET", "/v1/assistants", headers=headers)


def offered(server: Server, key: str) -> list[str]:
    """What the official client is told of models."""
    with OpenAI(base_url=server.base_url, api_key=key, max_retries=0) as client:
        return [model.id for model in client.models.list().data]


# In the terminal


def test_a_key_is_shown_once_with_what_to_do_with_it(tmp_path: Path) -> None:
    said = retinue("keys", "create", "ci", "--project", "alpha", "--data", str(tmp_path / "data"))
    (text,) = KEY.findall(said)
    assert f"export OPENAI_API_KEY={text}\n" in said
    (key,) = list_keys(tmp_path / "data")
    assert (key["name"], key["project"], key["revoked_at"]) == ("ci", "alpha", None)
    assert text.startswith(key["shown"])
    assert key["id"] in said
    listed = retinue("keys", "list", "--data", str(tmp_path / "data"))
    for word in (key["id"], "ci", "alpha", key["shown"], "in force"):
        assert word in listed
    assert not KEY.search(listed)
    for file in (tmp_path / "data").rglob("*"):
        assert file.is_dir() or text.encode() not in file.read_bytes(), f"{file} holds the key"


def test_a_quiet_key_is_alone_on_its_line(tmp_path: Path) -> None:
    said = retinue("keys", "create", "-q", "--data", str(tmp_path / "data"))
    assert KEY.fullmatch(said.removesuffix("\n"))


def test_keys_that_can_not_be_made_leave_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert "no name for a project" in retinue("keys", "create", "--project", "../up", "--data", str(data), code=2)
    assert "can't be called so" in retinue("keys", "create", "a\nb", "--data", str(data), code=2)
    assert not data.exists()
    assert "no keys" in retinue("keys", "list", "--data", str(data))
    assert not data.exists()


def test_revoking_says_so_and_twice_is_no_error(tmp_path: Path) -> None:
    data = tmp_path / "data"
    _, laptop = [asyncio.run(create_key(data, name=name, project="p")) for name in ("ci", "laptop")]
    assert "the last" not in revoke_key(data, "ci")
    assert "the last" in revoke_key(data, laptop.key.id)
    first = list_keys(data)
    assert "Revoked" in revoke_key(data, "ci")
    assert list_keys(data) == first
    assert "No key" in retinue("keys", "revoke", "nobody", "--data", str(data), code=2)


def test_a_key_that_could_not_be_shown_is_not_kept(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Path("/dev/full").open("w") if Path("/dev/full").exists() else pytest.skip("no /dev/full here") as full:
        done = subprocess.run(
            command("keys", "create", "--data", str(data)),
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert "was not kept" in done.stderr
    assert list_keys(data) == []
    with Server(data, script=SCRIPT) as server:  # nor is anybody locked out for its sake
        assert ask(server, "sk-anything").status == 200


Moment = Callable[[Path], bool]
MOMENTS: dict[str, Moment] = {
    "at_once": lambda data: True,
    "with_a_lock": lambda data: (data / "retinue.lock").exists(),
    "with_a_database": lambda data: (data / "retinue.db").exists(),
    "with_a_log": lambda data: (data / "retinue.db-wal").exists(),
    "with_a_full_log": lambda data: _size(data / "retinue.db-wal") > 200_000,
    "when_it_is_done": lambda data: False,
}


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS)
@pytest.mark.parametrize("before", [0, 1])
def test_making_a_key_that_is_killed_leaves_all_or_nothing(tmp_path: Path, moment: Moment, before: int) -> None:
    data = tmp_path / "data"
    texts = {asyncio.run(create_key(data, name="before", project="p")).text for _ in range(before)}
    process = subprocess.Popen(
        command("keys", "create", "-q", "--data", str(data)), env=environment(), stdout=subprocess.PIPE, text=True
    )
    pause = threading.Event()
    while process.poll() is None and not moment(data):
        pause.wait(POLL_S / 10)
    process.kill()
    texts |= set(KEY.findall(process.communicate()[0]))
    after = asyncio.run(keys_by_hash(data))
    assert len(texts) <= len(after) <= before + 1
    assert {hash_of(text) for text in texts} <= after.keys()
    asyncio.run(create_key(data, name="after", project="p"))
    assert len(asyncio.run(keys_by_hash(data))) == len(after) + 1
    with closing(sqlite3.connect(data / "retinue.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


async def keys_by_hash(data: Path) -> dict[str, Key]:
    """What the folder holds, each key found as a server would find it."""
    async with open_store(data) as opened:
        keys = await opened.store.keys.list()
    with closing(sqlite3.connect(data / "retinue.db")) as database:
        hashes = [row[0] for row in database.execute("SELECT hash FROM keys ORDER BY seq")]
    return dict(zip(hashes, keys, strict=True))


# At the server


def test_keys_count_while_the_server_runs(own: Server) -> None:
    assert ask(own, "sk-anything").status == 200
    first = make_key(own.data, "first")
    assert ask(own, "sk-anything").status == 401
    assert ask(own, first).status == 200
    second = make_key(own.data, "second")
    revoke_key(own.data, "first")
    assert (ask(own, first).status, ask(own, second).status) == (401, 200)
    revoke_key(own.data, "second")
    for token in (first, second, "sk-anything", None):
        assert ask(own, token).status == 401
    third = make_key(own.data, "third")
    assert ask(own, third).status == 200
    own.restart()
    assert [ask(own, token).status for token in (first, second, third, "sk-anything")] == [401, 401, 200, 401]
    assert "1 in force" in own.output


def test_what_was_made_before_there_were_keys_is_the_default_projects(own: Server) -> None:
    made = Wire(own.port).post(ASSISTANTS, {"model": "gpt-4o"})
    default, other = make_key(own.data), make_key(own.data, "--project", "other")
    assert [one["id"] for one in Wire(own.port, token=default).get(ASSISTANTS)["data"]] == [made["id"]]
    assert Wire(own.port, token=other).get(ASSISTANTS)["data"] == []


def test_a_key_is_taken_in_azures_header_too(own: Server) -> None:
    key = make_key(own.data)
    assert ask(own, None, **{"api-key": key}).status == 200
    assert ask(own, None, **{"api-key": WRONG}).status == 401
    assert ask(own, key, **{"api-key": WRONG}).status == 200


def test_refusals_say_what_is_wrong_and_never_repeat_a_key(own: Server) -> None:
    key = make_key(own.data)
    missing = expect_error(ask(own, None), 401)
    assert (missing["code"], missing["type"]) == ("invalid_api_key", "invalid_request_error")
    assert missing["message"].startswith("You didn't provide an API key.")
    wrong = expect_error(ask(own, WRONG), 401)
    assert (wrong["code"], wrong["param"]) == ("invalid_api_key", None)
    assert wrong["message"].startswith("Incorrect API key provided: sk-re****abcd. ")
    revoke_key(own.data, list_keys(own.data)[0]["id"])
    answer = ask(own, key)
    assert "revoked" in expect_error(answer, 401)["message"]
    assert key.encode() not in answer.raw
    assert key not in own.output


def test_the_official_client_raises_what_it_raises_for_openai(own: Server) -> None:
    key = make_key(own.data, "ci")
    assert offered(own, key)
    with pytest.raises(openai.AuthenticationError) as refused:
        offered(own, WRONG)
    assert refused.value.code == "invalid_api_key"
    assert "Incorrect API key provided" in refused.value.message
    revoke_key(own.data, "ci")
    with pytest.raises(openai.AuthenticationError):
        offered(own, key)


def test_any_host_name_will_do_with_a_key(own: Server) -> None:
    assert ask(own, "sk-anything", Host="box.example").status == 421
    key = make_key(own.data)
    assert ask(own, key, Host="box.example").status == 200
    assert ask(own, "sk-anything", Host="box.example").status == 401


# Beyond this machine


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_an_open_address_needs_a_key(tmp_path: Path, host: str) -> None:
    data = tmp_path / "data"
    said = refusal(Server(data, environment={"RETINUE_HOST": host}))
    assert host in said
    assert f"retinue keys create --data {data}" in said
    make_key(data, "ci")
    revoke_key(data, "ci")
    assert "all its keys are revoked" in refusal(Server(data, environment={"RETINUE_HOST": host}))


def test_an_open_address_is_served_with_a_key(tmp_path: Path) -> None:
    data = tmp_path / "data"
    key = make_key(data, "ci", "--project", "alpha")
    make_key(data, "--project", "beta")
    with Server(data, script=SCRIPT, environment={"RETINUE_HOST": "0.0.0.0"}) as server:
        assert ask(server, "sk-anything").status == 401
        assert ask(server, key, Host="box.example:80").status == 200
        said = " ".join(server.output.split())
        assert "2 in force, and nobody gets in without one; projects: alpha, beta" in said
        assert "every address of this machine" in said
        assert "any bearer token" not in said
        assert server.stop() == 0


def test_a_host_name_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    said = refusal(Server(tmp_path / "data", environment={"RETINUE_HOST": "no such host"}))
    assert "'no such host' leads to no address" in said
    assert not (tmp_path / "data").exists()
