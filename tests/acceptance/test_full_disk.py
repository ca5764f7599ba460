"""A disk that has no room: files are refused clearly, nothing of them stays, and what fits is taken."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from acceptance.runs import thread_with
from acceptance.server import Server
from acceptance.test_crash import messages_of
from acceptance.wire import (
    CANCEL_UPLOAD,
    COMPLETE,
    FILES,
    MESSAGES,
    MULTIPART,
    PARTS,
    UPLOADS,
    Wire,
    expect_error,
    form,
)

MOUNT = 'mount -t tmpfs -o size=24m none "$0" && exec "$@"'
MB = 1 << 20


@pytest.fixture
def cramped_server(tmp_path: Path) -> Iterator[Server]:
    """A server whose data lies on a disk of 24 MB, which it alone sees."""
    wrapper = ["unshare", "--map-root-user", "--mount", "sh", "-c", MOUNT, str(tmp_path)]
    if not shutil.which("unshare") or subprocess.run([*wrapper, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount a disk of their own")
    server = Server(tmp_path / "data")
    server.wrapper = wrapper
    with server:
        yield server


@pytest.fixture
def cramped(cramped_server: Server) -> Wire:
    return Wire(cramped_server.port)


def test_file_without_room_is_refused_and_leaves_nothing(cramped: Wire) -> None:
    kept = cramped.upload(b"kept")
    for _ in range(5):  # were anything left of one, there would soon be no room for the last
        body = form({"purpose": "assistants"}, "file", bytes(32 * MB), "large.bin")
        answer = cramped.send("POST", "/v1/files", body, {"Content-Type": MULTIPART})
        assert expect_error(answer, 507)["code"] == "storage_full"
        assert cramped.get(FILES)["data"] == [kept]
    fits = cramped.upload(bytes(16 * MB))
    assert cramped.content(fits["id"]).raw == bytes(16 * MB)
    assert cramped.content(kept["id"]).raw == b"kept"


def test_upload_without_room_to_be_completed_stays_pending(cramped: Wire) -> None:
    """Parts are copied into the file, so that for a moment both are there."""
    body = {"filename": "a", "purpose": "assistants", "mime_type": "text/plain", "bytes": 14 * MB}
    upload = cramped.post(UPLOADS, body)["id"]
    part = cramped.form(PARTS, form({}, "data", bytes(14 * MB), "a"), upload_id=upload)["id"]
    assert cramped.refused(507, "POST", COMPLETE, {"part_ids": [part]}, upload_id=upload)
    assert cramped.post(CANCEL_UPLOAD, upload_id=upload)["status"] == "cancelled"
    assert cramped.upload(bytes(16 * MB))["bytes"] == 16 * MB


def test_message_without_room_is_refused_until_there_is_room(cramped_server: Server) -> None:
    wire = Wire(cramped_server.port)
    thread_id = thread_with(wire)
    message = {"role": "user", "content": "x" * 200_000}
    filler = Path(f"/proc/{cramped_server.pid}/root{cramped_server.data}/filler")
    filler.write_bytes(bytes(16 * MB))
    kept = 0
    while (answer := wire.call("POST", MESSAGES, message, thread_id=thread_id)).status == 200:
        kept += 1
    assert expect_error(answer, 507)["code"] == "storage_full"
    assert len(messages_of(wire, thread_id)) == kept
    filler.unlink()
    for _ in range(10):
        wire.post(MESSAGES, message, thread_id=thread_id)
    assert len(messages_of(wire, thread_id)) == kept + 10
