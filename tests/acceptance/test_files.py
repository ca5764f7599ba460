"""Files by plain HTTP: every field, lists, ranges, limits, names, and two projects apart from each other."""

import hashlib
import http.client
from typing import Any

import pytest

from acceptance.server import Server
from acceptance.wire import (
    ASSISTANT,
    ASSISTANTS,
    BOUNDARY,
    FILE,
    FILES,
    MESSAGES,
    MULTIPART,
    RUNS,
    THREAD,
    THREAD_AND_RUN,
    THREADS,
    Answer,
    Wire,
    expect_error,
    form,
)

BYTES = bytes(range(256)) * 40
NOWHERE = "file-000000000000000000000000"
TOO_MANY = (512 << 20) + 1


def test_file_has_every_field(wire: Wire) -> None:
    made = wire.upload(BYTES, "näme.bin", **{"expires_after[anchor]": "created_at", "expires_after[seconds]": "3600"})
    assert {key: made[key] for key in ("object", "bytes", "filename", "purpose", "status", "status_details")} == {
        "object": "file",
        "bytes": len(BYTES),
        "filename": "näme.bin",
        "purpose": "assistants",
        "status": "processed",
        "status_details": None,
    }
    assert made["expires_at"] == made["created_at"] + 3600
    assert made["id"].startswith("file-")
    assert len(made["id"]) == 29
    assert wire.get(FILE, file_id=made["id"]) == made
    assert wire.get(FILES, {"limit": 1})["data"] == [made]
    assert wire.content(made["id"]).raw == BYTES
    assert wire.delete(FILE, file_id=made["id"]) == {"id": made["id"], "object": "file", "deleted": True}
    error = wire.refused(404, "GET", FILE, file_id=made["id"])
    assert (error["message"], error["param"]) == (f"No such File object: {made['id']}", "id")
    assert wire.content(made["id"]).status == 404
    wire.refused(404, "DELETE", FILE, file_id=made["id"])


@pytest.mark.parametrize("purpose", ["assistants", "batch", "fine-tune", "vision", "user_data", "evals"])
def test_file_may_be_for_every_purpose(wire: Wire, purpose: str) -> None:
    made = wire.upload(b"", purpose=purpose)
    lives = 30 * 86_400 if purpose == "batch" else None
    assert (made["purpose"], made["bytes"]) == (purpose, 0)
    assert made["expires_at"] == (lives and made["created_at"] + lives)
    assert made in wire.get(FILES, {"purpose": purpose, "limit": 5})["data"]


def test_list_is_paged_both_ways_and_goes_on_from_what_is_gone(wire: Wire) -> None:
    made = [wire.upload(b"%d" % number, purpose="vision")["id"] for number in range(5)]
    seen: list[str] = []
    query: dict[str, Any] = {"purpose": "vision", "limit": 2, "order": "desc"}
    while len(seen) < 5:
        page = wire.get(FILES, query)
        seen += [file["id"] for file in page["data"]]
        wire.delete(FILE, file_id=page["last_id"])
        query["after"] = page["last_id"]
    assert seen[:5] == made[::-1]
    assert wire.get(FILES, {"order": "asc", "after": made[0], "limit": 1, "purpose": "vision"})["data"][0]["id"] in made


@pytest.mark.parametrize(
    ("query", "param"),
    [({"limit": 0}, "limit"), ({"limit": 10_001}, "limit"), ({"order": "up"}, "order"), ({"after": "x"}, "after")],
)
def test_list_that_can_not_be_is_refused(wire: Wire, query: dict[str, Any], param: str) -> None:
    assert wire.refused(400, "GET", FILES, None, query)["param"] == param


def test_list_takes_as_many_as_the_document_says(wire: Wire) -> None:
    assert wire.get(FILES, {"limit": 10_000})["object"] == "list"


# Content


def test_content_says_what_it_is_and_nothing_that_runs(wire: Wire) -> None:
    answer = wire.content(wire.upload(b"<script>", 'Ünï "q".html')["id"])
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["etag"] == f'"{hashlib.sha256(b"<script>").hexdigest()}"'
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert answer.headers["content-length"] == "8"


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=5-9", 5, 10),
        ("bytes=10200-", 10200, 10240),
        ("bytes=-7", 10233, 10240),
        ("bytes=-99999", 0, 10240),
        ("bytes=10239-99999", 10239, 10240),
        ("bytes=0-", 0, 10240),
    ],
)
def test_range_is_answered_with_the_range(wire: Wire, asked: str, start: int, end: int) -> None:
    answer = wire.content(wire.upload(BYTES)["id"], Range=asked)
    assert (answer.status, answer.raw) == (206, BYTES[start:end])
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(BYTES)}"
    assert answer.headers["content-length"] == str(end - start)


@pytest.mark.parametrize("asked", ["bytes=", "bytes=-", "bytes=a-b", "bytes=9-5", "lines=1-2", "bytes=0-1,4-5", "0-5"])
def test_range_that_is_none_is_passed_over(wire: Wire, asked: str) -> None:
    answer = wire.content(wire.upload(BYTES)["id"], Range=asked)
    assert (answer.status, answer.raw) == (200, BYTES)


@pytest.mark.parametrize(("content", "asked"), [(BYTES, "bytes=10240-"), (BYTES, "bytes=-0"), (b"", "bytes=0-")])
def test_range_beyond_the_end_is_refused(wire: Wire, content: bytes, asked: str) -> None:
    answer = wire.content(wire.upload(content)["id"], Range=asked)
    assert expect_error(answer, 416)["param"] == "Range"
    assert answer.headers["content-range"] == f"bytes */{len(content)}"


def test_range_of_another_version_is_not_given(wire: Wire) -> None:
    made = wire.upload(BYTES)["id"]
    etag = wire.content(made).headers["etag"]
    assert wire.content(made, Range="bytes=0-1", If_Range=etag).status == 206
    assert wire.content(made, Range="bytes=0-1", If_Range='"other"').raw == BYTES
    assert wire.content(made, Range="bytes=0-1", If_Range="Sat, 21 Nov 2026 08:00:00 GMT").raw == BYTES
    assert wire.content(made, If_None_Match=etag).status == 304


def test_head_tells_all_but_the_bytes(wire: Wire) -> None:
    answer = wire.send("HEAD", f"/v1/files/{wire.upload(BYTES)['id']}/content")
    assert (answer.status, answer.raw, answer.headers["content-length"]) == (200, b"", str(len(BYTES)))


# What is refused


def refused(wire: Wire, body: bytes, status: int = 400, content_type: str = MULTIPART) -> dict[str, Any]:
    before = wire.get(FILES, {"limit": 1})
    answer = wire.send("POST", "/v1/files", body, {"Content-Type": content_type})
    error = expect_error(answer, status)
    assert wire.get(FILES, {"limit": 1}) == before
    return error


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({}, "purpose"),
        ({"purpose": "nonsense"}, "purpose"),
        ({"purpose": "assistants_output"}, "purpose"),
        ({"purpose": "assistants", "colour": "red"}, "colour"),
        ({"purpose": "assistants", "expires_after[anchor]": "created_at"}, "expires_after.seconds"),
        ({"purpose": "assistants", "expires_after[seconds]": "3600"}, "expires_after.anchor"),
        (
            {"purpose": "assistants", "expires_after[anchor]": "created_at", "expires_after[seconds]": "3599"},
            "expires_after.seconds",
        ),
        (
            {"purpose": "assistants", "expires_after[anchor]": "created_at", "expires_after[seconds]": "2592001"},
            "expires_after.seconds",
        ),
        (
            {"purpose": "assistants", "expires_after[anchor]": "created_at", "expires_after[seconds]": "soon"},
            "expires_after.seconds",
        ),
        (
            {"purpose": "assistants", "expires_after[anchor]": "now", "expires_after[seconds]": "3600"},
            "expires_after.anchor",
        ),
    ],
)
def test_field_that_can_not_be_is_named(wire: Wire, fields: dict[str, str], param: str) -> None:
    assert refused(wire, form(fields, "file", b"x", "a.txt"))["param"] == param


def test_name_beyond_its_bound_is_refused(wire: Wire) -> None:
    assert refused(wire, form({"purpose": "assistants"}, "file", b"x", "n" * 513))["param"] == "file"
    assert wire.upload(b"x", "🧵" * 512)["filename"] == "🧵" * 512


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "multipart/form-data", "", "multipart/x"])
def test_body_of_another_kind_is_refused(wire: Wire, content_type: str) -> None:
    refused(wire, b"{}", content_type=content_type or "none")


def test_body_without_an_end_is_refused(wire: Wire) -> None:
    refused(wire, form({"purpose": "assistants"}, "file", BYTES, "a.txt", last=False))


def test_file_that_says_it_is_too_large_is_refused_before_it_is_sent(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.putrequest("POST", "/v1/files")
    for name, value in {"Authorization": "Bearer x", "Content-Type": MULTIPART, "Content-Length": str(1 << 30)}.items():
        connection.putheader(name, value)
    connection.endheaders(form({"purpose": "assistants"}, "file", b"the first of many bytes", "a", last=False))
    response = connection.getresponse()
    assert response.status == 413
    assert b"512 MB" in response.read()
    connection.close()


def test_file_that_is_too_large_is_refused_and_leaves_nothing(wire: Wire, server: Server) -> None:
    """Sent in chunks, so that only its bytes tell."""
    start, end = form({"purpose": "assistants"}, "file", b"|", "a").split(b"|")
    before = sorted((server.data / "blobs").rglob("blob_*"))
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=100)
    block = bytes(1 << 20)

    def chunks() -> Any:
        yield start
        for _ in range(512):
            yield block
        yield b"1" + end

    headers = {"Authorization": "Bearer x", "Content-Type": MULTIPART, "Transfer-Encoding": "chunked"}
    connection.request("POST", "/v1/files", chunks(), headers, encode_chunked=True)
    response = connection.getresponse()
    answer = Answer(response.status, {key.lower(): value for key, value in response.getheaders()}, response.read())
    connection.close()
    assert "larger than 512 MB" in expect_error(answer, 413)["message"]
    assert sorted((server.data / "blobs").rglob("blob_*")) == before


def test_fields_may_come_after_the_file(wire: Wire) -> None:
    whole = form({}, "file", BYTES, "a.txt").removesuffix(f"--{BOUNDARY}--\r\n".encode())
    whole += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nvision\r\n'.encode()
    made = wire.form(FILES, whole + f"--{BOUNDARY}--\r\n".encode())
    assert (made["purpose"], made["bytes"]) == ("vision", len(BYTES))


# Where files are named


def test_deleted_file_is_taken_out_of_the_lists_that_name_it(wire: Wire) -> None:
    kept, gone = wire.upload(b"1")["id"], wire.upload(b"2")["id"]
    resources = {"tool_resources": {"code_interpreter": {"file_ids": [gone, kept]}}}
    assistant = wire.post(ASSISTANTS, {"model": "gpt-4o", **resources})
    thread = wire.post(THREADS, resources)
    said = {"role": "user", "content": "a", "attachments": [{"file_id": gone, "tools": [{"type": "file_search"}]}]}
    message = wire.post(MESSAGES, said, thread_id=thread["id"])
    wire.delete(FILE, file_id=gone)
    left = {"code_interpreter": {"file_ids": [kept]}}
    assert wire.get(ASSISTANT, assistant_id=assistant["id"])["tool_resources"] == left
    resources = wire.get(THREAD, thread_id=thread["id"])["tool_resources"]
    (store,) = resources.pop("file_search")["vector_store_ids"]  # which the message's attachment made
    assert resources == left
    assert wire.get("/vector_stores/{vector_store_id}", vector_store_id=store)["file_counts"]["total"] == 0
    assert wire.get(MESSAGES, thread_id=thread["id"])["data"] == [message]


def test_file_that_is_there_can_be_shown_and_attached(wire: Wire, assistant_id: str) -> None:
    picture, notes = wire.upload(b"PNG", "a.png", purpose="vision")["id"], wire.upload(b"notes")["id"]
    said = {
        "role": "user",
        "content": [{"type": "image_file", "image_file": {"file_id": picture, "detail": "low"}}],
        "attachments": [{"file_id": notes, "tools": [{"type": "code_interpreter"}]}],
    }
    thread = wire.post(THREADS, {"messages": [said]})
    message = wire.post(MESSAGES, said, thread_id=thread["id"])
    assert (message["content"], message["attachments"]) == (said["content"], said["attachments"])
    wire.post(RUNS, {"assistant_id": assistant_id, "additional_messages": [said]}, thread_id=thread["id"])
    assert len(wire.get(MESSAGES, {"order": "asc", "limit": 3}, thread_id=thread["id"])["data"]) == 3


def test_file_that_is_not_there_can_not_be_named(wire: Wire, assistant_id: str) -> None:
    interpreter = {"code_interpreter": {"file_ids": [NOWHERE]}}
    attached = {"role": "user", "content": "a", "attachments": [{"file_id": NOWHERE, "tools": []}]}
    shown = {"role": "user", "content": [{"type": "image_file", "image_file": {"file_id": NOWHERE}}]}
    thread = wire.post(THREADS)
    here = {"thread_id": thread["id"]}
    run = {"assistant_id": assistant_id}
    assistant = {"assistant_id": assistant_id}
    tries: list[tuple[str, Any, dict[str, str]]] = [
        (ASSISTANTS, {"model": "gpt-4o", "tool_resources": interpreter}, {}),
        (ASSISTANT, {"tool_resources": interpreter}, assistant),
        (THREADS, {"tool_resources": interpreter}, {}),
        (THREADS, {"messages": [attached]}, {}),
        (THREAD, {"tool_resources": interpreter}, here),
        (MESSAGES, attached, here),
        (MESSAGES, shown, here),
        (RUNS, {**run, "additional_messages": [attached]}, here),
        (THREAD_AND_RUN, {**run, "thread": {"messages": [shown]}}, {}),
        (
            THREAD_AND_RUN,
            {**run, "thread": {"messages": [{"role": "user", "content": "a"}]}, "tool_resources": interpreter},
            {},
        ),
    ]
    for template, body, ids in tries:
        error = wire.refused(404, "POST", template, body, None, **ids)
        assert (error["message"], error["param"]) == (f"No such File object: {NOWHERE}", "id"), template
    assert wire.get(MESSAGES, **here)["data"] == []
    assert wire.get(RUNS, **here)["data"] == []
