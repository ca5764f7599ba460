"""Containers by the official client and by plain HTTP: files in and out, pages, names, refusals."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from openai import BadRequestError, NotFoundError, OpenAI

from acceptance.server import SCRIPT, Server
from acceptance.wire import (
    CONTAINER,
    CONTAINER_CONTENT,
    CONTAINER_FILE,
    CONTAINER_FILES,
    CONTAINERS,
    FILE,
    MESSAGES,
    MULTIPART,
    THREAD,
    THREADS,
    Wire,
    expect_error,
    form,
)
from retinue.app.offline import open_store
from retinue.core.container import Container, ContainerFile

NOWHERE = "cntr_000000000000000000000000"
NO_FILE = "file-000000000000000000000000"
TOO_MANY = (512 << 20) + 1
CSV = b"city,degrees\nOslo,4\n"


@pytest.fixture
def client(server: Server) -> OpenAI:
    return OpenAI(base_url=f"http://127.0.0.1:{server.port}/v1", api_key="sk-anything", max_retries=0)


@pytest.fixture
def container(wire: Wire) -> str:
    return str(wire.post(CONTAINERS, {"name": "C"})["id"])


def put(wire: Wire, container: str, name: str, content: bytes = CSV) -> Any:
    return wire.form(CONTAINER_FILES, form({}, "file", content, name), container_id=container)


def paths(wire: Wire, container: str) -> list[str]:
    return [file["path"] for file in wire.get(CONTAINER_FILES, {"order": "asc"}, container_id=container)["data"]]


# Containers


def test_a_container_has_every_field(wire: Wire) -> None:
    made = wire.post(CONTAINERS, {"name": "Work"})
    assert made == {
        "id": made["id"],
        "object": "container",
        "created_at": made["created_at"],
        "name": "Work",
        "status": "running",
        "last_active_at": made["created_at"],
        "memory_limit": "1g",
        "network_policy": {"type": "disabled"},
        "expires_after": {"anchor": "last_active_at", "minutes": 20},
    }
    assert made["id"].startswith("cntr_")
    assert wire.get(CONTAINER, container_id=made["id"]) == made
    gone = wire.delete(CONTAINER, container_id=made["id"])
    assert gone == {"id": made["id"], "object": "container.deleted", "deleted": True}
    error = wire.refused(404, "GET", CONTAINER, container_id=made["id"])
    assert error["message"] == f"No container found with id '{made['id']}'."


def test_what_is_asked_of_a_container_is_kept(client: OpenAI) -> None:
    made = client.containers.create(
        name="Work",
        expires_after={"anchor": "last_active_at", "minutes": 5},
        memory_limit="4g",
        network_policy={"type": "disabled"},
        skills=[],
    )
    assert made.expires_after is not None
    assert (made.expires_after.minutes, made.memory_limit) == (5, "4g")


def test_containers_are_listed_page_by_page_and_by_name(wire: Wire, client: OpenAI) -> None:
    made = [wire.post(CONTAINERS, {"name": name})["id"] for name in ("page", "other", "page", "page")]
    assert [c.id for c in client.containers.list(limit=2)][:4] == made[::-1]
    named = client.containers.list(limit=1, name="page", order="asc")
    assert [c.id for c in named] == [made[0], made[2], made[3]]
    assert wire.get(CONTAINERS, {"name": "nobody's"})["data"] == []


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "name"),
        ({"name": 7}, "name"),
        ({"name": "x" * 257}, "name"),
        ({"name": "C", "file_ids": "file-1"}, "file_ids"),
        ({"name": "C", "file_ids": ["file-1"] * 1001}, "file_ids"),
        ({"name": "C", "expires_after": {"anchor": "created_at", "minutes": 1}}, "expires_after.anchor"),
        ({"name": "C", "expires_after": {"anchor": "last_active_at", "minutes": 0}}, "expires_after.minutes"),
        ({"name": "C", "expires_after": {"anchor": "last_active_at"}}, "expires_after.minutes"),
        ({"name": "C", "memory_limit": "2g"}, "memory_limit"),
        ({"name": "C", "network_policy": {"type": "allowlist", "allowed_domains": ["a.org"]}}, "network_policy"),
        ({"name": "C", "skills": [{"type": "skill_reference", "skill_id": "s"}]}, "skills"),
        ({"name": "C", "nonsense": 1}, "nonsense"),
    ],
)
def test_a_bad_container_is_refused_by_the_name_of_the_field(wire: Wire, body: dict[str, Any], param: str) -> None:
    assert wire.refused(400, "POST", CONTAINERS, body)["param"] == param


def test_a_container_of_a_file_that_is_not_there_is_not_made(wire: Wire) -> None:
    before = wire.get(CONTAINERS)["data"]
    error = wire.refused(404, "POST", CONTAINERS, {"name": "C", "file_ids": [NO_FILE]})
    assert error["message"] == f"No such File object: {NO_FILE}"
    assert wire.get(CONTAINERS)["data"] == before


# Files


def test_files_go_in_and_come_out(client: OpenAI, container: str) -> None:
    files = client.containers.files
    uploaded = files.create(container, file=("data.csv", CSV))
    assert uploaded.id.startswith("cfile_")
    assert (uploaded.path, uploaded.bytes, uploaded.source) == ("/mnt/data/data.csv", len(CSV), "user")
    stored = client.files.create(file=("notes.txt", b"Notes."), purpose="assistants")
    referring = files.create(container, file_id=stored.id)
    assert (referring.path, referring.bytes) == ("/mnt/data/notes.txt", 6)
    assert [file.id for file in files.list(container, limit=1)] == [referring.id, uploaded.id]
    assert files.retrieve(uploaded.id, container_id=container).model_dump() == uploaded.model_dump()
    assert files.content.retrieve(uploaded.id, container_id=container).read() == CSV
    assert files.content.retrieve(referring.id, container_id=container).read() == b"Notes."
    files.delete(uploaded.id, container_id=container)
    with pytest.raises(NotFoundError, match="No container file found"):
        files.retrieve(uploaded.id, container_id=container)
    client.files.delete(stored.id)
    assert list(files.list(container)) == []


def test_first_files_of_one_name_stand_beside_each_other(wire: Wire) -> None:
    ids = [wire.upload(text, "a.txt")["id"] for text in (b"1", b"2")]
    made = wire.post(CONTAINERS, {"name": "C", "file_ids": [*ids, ids[0]]})["id"]
    assert paths(wire, made) == ["/mnt/data/a.txt", f"/mnt/data/{ids[1]}-a.txt"]
    shown = wire.get(CONTAINER_FILES, {"order": "asc"}, container_id=made)["data"]
    assert [file["retinue"] for file in shown] == [{"file_id": id_} for id_ in ids]
    wire.delete(CONTAINER, container_id=made)
    assert wire.get(FILE, file_id=ids[0])["id"] == ids[0]


def test_a_file_takes_the_place_of_one_of_its_name(wire: Wire, container: str) -> None:
    old, new = (put(wire, container, "a.txt", text) for text in (b"old", b"new"))
    wire.refused(404, "GET", CONTAINER_FILE, container_id=container, file_id=old["id"])
    assert wire.get(CONTAINER_FILES, container_id=container)["data"] == [new]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("../../etc/passwd", "passwd"),
        ("..", "upload"),
        ("a\\b.txt", "b.txt"),
        ("two\nlines.txt", "two_lines.txt"),
        ("Ünï🧵.csv", "Ünï🧵.csv"),
        ("x" * 300 + ".csv", "x" * 251 + ".csv"),
        ("ü" * 300 + ".csv", "ü" * 125 + ".csv"),
    ],
)
def test_names_are_made_fit_for_a_folder(wire: Wire, container: str, name: str, path: str) -> None:
    quoted = name.replace("\\", "\\\\").replace("\n", "%0A")
    made = put(wire, container, quoted)
    assert made["path"] == f"/mnt/data/{path}"
    answer = wire.send("GET", f"/v1/containers/{container}/files/{made['id']}/content")
    assert (answer.status, answer.raw) == (200, CSV)
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert answer.headers["content-security-policy"] == "sandbox"


def test_a_file_may_be_empty(wire: Wire, container: str) -> None:
    made = put(wire, container, "none.txt", b"")
    assert made["bytes"] == 0
    assert wire.send("GET", f"/v1/containers/{container}/files/{made['id']}/content").raw == b""


def test_a_stored_file_may_be_named_in_a_form(wire: Wire, container: str) -> None:
    stored = wire.upload(CSV, "data.csv")["id"]
    body = form({"file_id": stored}, "file", b"", "").split(b"--a-boundary-of-ours")
    alone = b"--a-boundary-of-ours".join([body[0], body[1], b"--\r\n"])
    assert wire.form(CONTAINER_FILES, alone, container_id=container)["path"] == "/mnt/data/data.csv"


@pytest.mark.parametrize(
    ("fields", "content", "status", "param"),
    [
        ({"file_id": NO_FILE}, b"a", 400, "file_id"),
        ({"file_id": NO_FILE}, b"", 400, "file_id"),
        ({"purpose": "assistants"}, b"a", 400, "purpose"),
    ],
)
def test_a_form_of_something_else_is_refused(
    wire: Wire, container: str, fields: dict[str, str], content: bytes, status: int, param: str
) -> None:
    encoded = form(fields, "file", content, "a.txt")
    assert wire.form(CONTAINER_FILES, encoded, status=status, container_id=container)["error"]["param"] == param
    assert paths(wire, container) == []


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        ({}, 400, "file_id"),
        ({"file_id": 7}, 400, "file_id"),
        ({"file_id": NO_FILE}, 404, "id"),
        ({"file_id": NO_FILE, "x": 1}, 400, "x"),
        ({"file": "text"}, 400, "file"),
    ],
)
def test_a_bad_file_is_refused(wire: Wire, container: str, body: dict[str, Any], status: int, param: str) -> None:
    assert wire.refused(status, "POST", CONTAINER_FILES, body, container_id=container)["param"] == param


def test_a_file_that_is_too_large_is_refused_unread(wire: Wire, container: str) -> None:
    headers = {"Content-Type": MULTIPART, "Content-Length": str(TOO_MANY + (2 << 20))}
    answer = wire.send("POST", f"/v1/containers/{container}/files", b"", headers)
    expect_error(answer, 413)


@pytest.mark.parametrize(
    ("method", "template"),
    [
        ("GET", CONTAINER),
        ("DELETE", CONTAINER),
        ("GET", CONTAINER_FILES),
        ("POST", CONTAINER_FILES),
        ("GET", CONTAINER_FILE),
        ("DELETE", CONTAINER_FILE),
        ("GET", CONTAINER_CONTENT),
    ],
)
def test_nothing_is_in_a_container_that_is_not_there(wire: Wire, method: str, template: str) -> None:
    body = {"file_id": NO_FILE} if method == "POST" else None
    error = wire.refused(404, method, template, body, container_id=NOWHERE, file_id="cfile_1")
    assert error["message"] == f"No container found with id '{NOWHERE}'."


def test_the_client_tells_errors_apart(client: OpenAI, container: str) -> None:
    with pytest.raises(NotFoundError):
        client.containers.files.create(container, file_id=NO_FILE)
    with pytest.raises(BadRequestError):
        client.containers.files.list(container, after="cfile_nowhere")


# Its time


async def store_old(data: Path) -> None:
    """Store a container that nobody has used for years, and its file."""
    made = Container(id="cntr_old", created_at=1e9, name="Old", last_active_at=1e9)
    file = ContainerFile(
        id="cfile_1",
        container_id=made.id,
        created_at=1e9,
        path="a.txt",
        size=1,
        sha256="0" * 64,
        source="user",
        blob="blob_1",
    )
    async with open_store(data) as opened:
        await opened.store.scoped("default").containers.insert(made, [file])


def test_of_an_expired_container_nothing_is_left_but_its_name(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Server(data, script=SCRIPT):
        pass
    asyncio.run(store_old(data))
    with Server(data, script=SCRIPT) as server:
        wire = Wire(server.port)
        shown = wire.get(CONTAINER, container_id="cntr_old")
        assert (shown["name"], shown["status"]) == ("Old", "expired")
        assert wire.get(CONTAINERS)["data"] == [shown]
        for method, template in (
            ("GET", CONTAINER_FILES),
            ("POST", CONTAINER_FILES),
            ("GET", CONTAINER_FILE),
            ("GET", CONTAINER_CONTENT),
            ("DELETE", CONTAINER_FILE),
        ):
            error = wire.refused(400, method, template, None, container_id="cntr_old", file_id="cfile_1")
            assert error["message"] == "The container cntr_old has expired, and its files are gone. Make another one."
        wire.delete(CONTAINER, container_id="cntr_old")


# Files of messages


def test_files_of_messages_are_the_threads_code_interpreters(wire: Wire) -> None:
    first, second, searched = (wire.upload(CSV, f"{n}.csv")["id"] for n in range(3))

    def said(id_: str, tool: str) -> dict[str, Any]:
        return {"role": "user", "content": "a", "attachments": [{"file_id": id_, "tools": [{"type": tool}]}]}

    thread = wire.post(THREADS, {"messages": [said(first, "code_interpreter")]})
    assert thread["tool_resources"]["code_interpreter"] == {"file_ids": [first]}
    of = {"thread_id": thread["id"]}
    for id_, tool in ((second, "code_interpreter"), (first, "code_interpreter"), (searched, "file_search")):
        wire.post(MESSAGES, said(id_, tool), **of)
    assert wire.get(THREAD, **of)["tool_resources"]["code_interpreter"] == {"file_ids": [first, second]}
    wire.delete(FILE, file_id=first)
    assert wire.get(THREAD, **of)["tool_resources"]["code_interpreter"] == {"file_ids": [second]}
