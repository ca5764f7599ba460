"""Uploads in parts: put together in the order told, once, whole or not at all, also when killed in between."""

import hashlib
import http.client
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from acceptance.crashing import Crashing
from acceptance.server import Server
from acceptance.wire import (
    CANCEL_UPLOAD,
    COMPLETE,
    FILE,
    FILES,
    MULTIPART,
    PARTS,
    UPLOADS,
    Wire,
    form,
)

WANTED = {"filename": "a.bin", "purpose": "assistants", "mime_type": "application/octet-stream"}


def begun(wire: Wire, size: int, **more: Any) -> str:
    made = wire.post(UPLOADS, {**WANTED, "bytes": size, **more})
    assert (made["status"], made["file"], made["expires_at"]) == ("pending", None, made["created_at"] + 3600)
    id_: str = made["id"]
    return id_


def part(wire: Wire, upload: str, content: bytes) -> str:
    made = wire.form(PARTS, form({}, "data", content, "upload"), upload_id=upload)
    assert made["upload_id"] == upload
    id_: str = made["id"]
    return id_


def blobs(server: Server) -> list[Path]:
    return [path for path in (server.data / "blobs").rglob("blob_*") if path.is_file()]


def test_parts_become_a_file_in_the_order_told(wire: Wire) -> None:
    upload = begun(wire, 9, expires_after={"anchor": "created_at", "seconds": 3600})
    with ThreadPoolExecutor() as pool:
        ids = list(pool.map(lambda content: part(wire, upload, content), [b"one", b"two", b"six"]))
    order = [ids[2], ids[0], ids[1]]
    md5 = hashlib.md5(b"sixonetwo").hexdigest().upper()
    done = wire.post(COMPLETE, {"part_ids": order, "md5": md5}, upload_id=upload)
    assert done["status"] == "completed"
    made = done["file"]
    assert (made["bytes"], made["filename"], made["expires_at"]) == (9, "a.bin", made["created_at"] + 3600)
    assert wire.get(FILE, file_id=made["id"]) == made
    answer = wire.content(made["id"])
    assert answer.raw == b"sixonetwo"
    assert answer.headers["etag"] == f'"{hashlib.sha256(b"sixonetwo").hexdigest()}"'


def test_part_of_the_file_may_be_left_out_if_the_size_is_right(wire: Wire) -> None:
    """A part that was sent twice, as its first answer got lost."""
    upload = begun(wire, 3)
    part(wire, upload, b"one")
    again = part(wire, upload, b"one")
    assert wire.post(COMPLETE, {"part_ids": [again]}, upload_id=upload)["file"]["bytes"] == 3


def test_completed_upload_takes_nothing_any_more(wire: Wire) -> None:
    upload = begun(wire, 3)
    ids = {"part_ids": [part(wire, upload, b"one")]}
    file = wire.post(COMPLETE, ids, upload_id=upload)["file"]["id"]
    for template, body in ((COMPLETE, ids), (CANCEL_UPLOAD, {})):
        error = wire.refused(400, "POST", template, body, None, upload_id=upload)
        assert error["code"] == "invalid_upload_state"
        assert file in error["message"]
    wire.form(PARTS, form({}, "data", b"x", "upload"), status=400, upload_id=upload)


def test_cancelled_upload_takes_nothing_any_more(wire: Wire, server: Server) -> None:
    upload = begun(wire, 3)
    before = blobs(server)
    ids = {"part_ids": [part(wire, upload, b"one")]}
    assert wire.post(CANCEL_UPLOAD, upload_id=upload)["status"] == "cancelled"
    assert blobs(server) == before
    for template, body in ((COMPLETE, ids), (CANCEL_UPLOAD, {})):
        assert "cancelled" in wire.refused(400, "POST", template, body, None, upload_id=upload)["message"]
    wire.form(PARTS, form({}, "data", b"x", "upload"), status=400, upload_id=upload)


def test_parts_that_are_not_the_file_are_refused_and_the_upload_stays_pending(wire: Wire) -> None:
    upload, other = begun(wire, 6), begun(wire, 3)
    one, two, foreign = part(wire, upload, b"one"), part(wire, upload, b"two"), part(wire, other, b"six")
    tries: list[tuple[dict[str, Any], str]] = [
        ({"part_ids": [one]}, "part_ids"),
        ({"part_ids": [one, one]}, "part_ids"),
        ({"part_ids": [one, foreign]}, "part_ids[1]"),
        ({"part_ids": [one, "part_nowhere"]}, "part_ids[1]"),
        ({"part_ids": []}, "part_ids"),
        ({"part_ids": [one, two], "md5": "0" * 32}, "md5"),
        ({"part_ids": [one, two], "md5": "no checksum"}, "md5"),
        ({}, "part_ids"),
    ]
    for body, param in tries:
        assert wire.refused(400, "POST", COMPLETE, body, None, upload_id=upload)["param"] == param
    assert wire.post(COMPLETE, {"part_ids": [two, one]}, upload_id=upload)["status"] == "completed"


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"bytes": -1}, "bytes"),
        ({"bytes": (8 << 30) + 1}, "bytes"),
        ({"bytes": "7"}, "bytes"),
        ({"purpose": "nonsense"}, "purpose"),
        ({"filename": ""}, "filename"),
        ({"filename": "n" * 513}, "filename"),
        ({"mime_type": None}, "mime_type"),
        ({"expires_after": {"anchor": "created_at", "seconds": 1}}, "expires_after.seconds"),
    ],
)
def test_upload_that_can_not_be_is_refused(wire: Wire, changes: dict[str, Any], param: str) -> None:
    body = {**WANTED, "bytes": 1, **changes}
    assert wire.refused(400, "POST", UPLOADS, body)["param"] == param


def test_upload_that_is_not_there_is_not_found(wire: Wire) -> None:
    tries: list[tuple[str, dict[str, Any]]] = [(COMPLETE, {"part_ids": []}), (CANCEL_UPLOAD, {})]
    for template, body in tries:
        wire.refused(404, "POST", template, body, None, upload_id="upload_nowhere")
    wire.form(PARTS, form({}, "data", b"x", "upload"), status=404, upload_id="upload_nowhere")


def test_part_beyond_64_mb_is_refused(wire: Wire, server: Server) -> None:
    upload = begun(wire, 1)
    before = blobs(server)
    body = form({}, "data", bytes((64 << 20) + 1), "upload")
    assert "64 MB" in wire.form(PARTS, body, status=413, upload_id=upload)["error"]["message"]
    assert blobs(server) == before


def test_upload_completed_many_times_at_once_makes_one_file(wire: Wire) -> None:
    upload = begun(wire, 3 << 20, filename=(name := "only-once.bin"))
    body = {"part_ids": [part(wire, upload, bytes(1 << 20)) for _ in range(3)]}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: wire.call("POST", COMPLETE, body, None, upload_id=upload).status, range(8)))
    assert sorted(answers) == [200] + [400] * 7
    assert [file["filename"] for file in wire.get(FILES)["data"]].count(name) == 1


# Killed


def half_sent(server: Server, path: str, body: bytes) -> http.client.HTTPConnection:
    """A request whose body is announced and does not come to its end."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.putrequest("POST", path)
    headers = {"Authorization": "Bearer x", "Content-Type": MULTIPART, "Content-Length": str(len(body) * 2)}
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    return connection


def wait_for(server: Server, found: int) -> None:
    """Ask the server until so many files lie in its folder; each answer is a chance for it to have got on."""
    for _ in range(10_000):
        if len(blobs(server)) == found:
            return
        server_is_up = Wire(server.port).send("GET", "/healthz").status
        assert server_is_up == 200
    raise AssertionError(f"{len(blobs(server))} files, expected {found}")


HALF = form({"purpose": "assistants"}, "file", bytes(4 << 20), "half.bin", last=False)


def test_client_that_goes_away_amid_an_upload_leaves_nothing(crashing: Crashing) -> None:
    connection = half_sent(crashing, "/v1/files", HALF)
    wait_for(crashing, 1)
    connection.close()
    wait_for(crashing, 0)
    assert crashing.wire.get(FILES)["data"] == []


def test_server_killed_amid_uploads_keeps_what_it_acknowledged_and_nothing_else(crashing: Crashing) -> None:
    kept = crashing.wire.upload(b"kept")
    upload = begun(crashing.wire, 6)
    one = part(crashing.wire, upload, b"one")
    connections = [
        half_sent(crashing, "/v1/files", HALF),
        half_sent(crashing, f"/v1/uploads/{upload}/parts", form({}, "data", bytes(4 << 20), "half.bin", last=False)),
    ]
    wait_for(crashing, 4)
    crashing.die()
    for connection in connections:
        connection.close()
    orphan = crashing.data / "blobs" / "zz" / ("blob_zz" + "0" * 22)  # as a crash between bytes and row leaves it
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_bytes(b"nobody's")
    crashing.come_back()
    wait_for(crashing, 2)
    assert not orphan.exists()
    wire = crashing.wire
    assert wire.get(FILES)["data"] == [kept]
    assert wire.content(kept["id"]).raw == b"kept"
    two = part(wire, upload, b"two")
    file = wire.post(COMPLETE, {"part_ids": [one, two]}, upload_id=upload)["file"]
    assert wire.content(file["id"]).raw == b"onetwo"
    wait_for(crashing, 2)
