"""What no client sends, byte by byte: an answer in the API's form all the same, at once, and never a 500."""

import json
import re
import socket
from typing import Any

import pytest

from acceptance.server import Server
from acceptance.wire import CANCEL, THREADS, Answer, Wire, check_headers, expect_error

TIMEOUT_S = 30
HEAD = b"Host: localhost\r\nAuthorization: Bearer any\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


def request(method: bytes, target: bytes, headers: bytes = b"", body: bytes = b"") -> bytes:
    return method + b" " + target + b" HTTP/1.1\r\n" + HEAD + headers + b"\r\n" + body


def ask(server: Server, raw: bytes) -> Answer:
    """Send the bytes, and read one answer."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=TIMEOUT_S) as connection:
        connection.sendall(raw)
        return _answer(connection, has_body=not raw.startswith(b"HEAD"))


def _answer(connection: socket.socket, *, has_body: bool) -> Answer:
    came = b""
    while not came.partition(b"\r\n\r\n")[1]:
        came += _more(connection)
    head, _, body = came.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while has_body and len(body) < int(headers["content-length"]):
        body += _more(connection)
    return Answer(int(status.split()[1]), headers, body)


def _more(connection: socket.socket) -> bytes:
    piece = connection.recv(65536)
    assert piece, "the connection was closed before the answer was whole"
    return piece


def error(server: Server, raw: bytes, status: int) -> dict[str, Any]:
    return expect_error(ask(server, raw), status)


# Headers


@pytest.mark.parametrize(
    "headers",
    [
        b"OpenAI-Beta: assistants=v1, assistants=v2\r\n",
        b"OpenAI-Beta: assistants=v2\r\nOpenAI-Beta: assistants=v2\r\n",
        b"OpenAI-Beta: ,,;;=\r\n",
        b"OpenAI-Beta: \xff\xfe\r\n",
        b"OpenAI-Beta: \r\n",
        b"Authorization: Bearer another\r\n",
        b"X-Long: " + b"a" * 60_000 + b"\r\n",
        b"Connection: Upgrade\r\nUpgrade: h2c\r\n",
        b"Accept: \xff\r\nAccept-Encoding: gzip;q=nonsense\r\n",
    ],
)
def test_odd_headers_are_no_matter(server: Server, headers: bytes) -> None:
    answer = ask(server, request(b"GET", b"/v1/models", headers))
    assert answer.status in (200, 400), answer.raw
    check_headers(answer, "odd headers")


@pytest.mark.parametrize(
    "headers",
    [
        b"X-Long: " + b"a" * 100_000 + b"\r\n",
        b"".join(b"X-%d: 1\r\n" % number for number in range(10_000)),
    ],
    ids=["one long", "many"],
)
def test_headers_beyond_all_bounds_are_refused(server: Server, headers: bytes) -> None:
    assert error(server, request(b"GET", b"/v1/models", headers), 431)["code"] == "headers_too_large"


def test_header_without_an_end_is_not_listened_to(server: Server) -> None:
    raw = b"GET /v1/models HTTP/1.1\r\nX-Long: " + b"a" * 30_000_000
    with (
        socket.create_connection(("127.0.0.1", server.port), timeout=TIMEOUT_S) as connection,
        pytest.raises(ConnectionError),  # broken pipe, or reset: the server has hung up
    ):
        connection.sendall(raw)


@pytest.mark.parametrize("hosts", [b"evil.example\r\nHost: localhost", b"localhost\r\nHost: evil.example"])
def test_no_host_among_several_may_be_strange(server: Server, hosts: bytes) -> None:
    raw = b"GET /v1/models HTTP/1.1\r\nAuthorization: Bearer any\r\nHost: " + hosts + b"\r\n\r\n"
    assert error(server, raw, 421)["code"] == "wrong_host"


# Framing


@pytest.mark.parametrize(
    "raw",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /v1/models HTTP/9.9\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        request(b"NONSENSE", b"/v1/models"),
        request(b"GET", b"/v1/models", b"no colon\r\n"),
        request(b"GET", b"/v1/models", b"X-Nul: a\x00b\r\n"),
        request(b"GET", b"/v1/threads/\xff"),
        request(b"POST", b"/v1/threads", b"Content-Length: -2\r\n", b"{}"),
        request(b"POST", b"/v1/threads", b"Content-Length: two\r\n", b"{}"),
        request(b"POST", b"/v1/threads", b"Content-Length: 2\r\nContent-Length: 3\r\n", b"{}"),
        request(b"POST", b"/v1/threads", CHUNKED + b"Content-Length: 3\r\n", b"2\r\n{}\r\n0\r\n\r\n"),
        request(b"POST", b"/v1/threads", CHUNKED, b"zz\r\n{}\r\n0\r\n\r\n"),
        request(b"POST", b"/v1/threads", b"Transfer-Encoding: nonsense\r\nContent-Length: 2\r\n", b"{}"),
    ],
)
def test_what_is_no_http_is_told_so(server: Server, raw: bytes) -> None:
    assert error(server, raw, 400)["code"] == "invalid_http"


def test_body_may_come_in_chunks(server: Server) -> None:
    assert ask(server, request(b"POST", b"/v1/threads", CHUNKED, b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n")).status == 200


def test_body_that_breaks_off_leaves_the_server_well(server: Server, wire: Wire) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=TIMEOUT_S) as connection:
        connection.sendall(request(b"POST", b"/v1/threads", b"Content-Length: 50\r\n", b"{}"))
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""
    assert wire.post(THREADS)["object"] == "thread"


def test_what_comes_amid_an_answer_does_not_get_into_it(server: Server, wire: Wire, assistant_id: str) -> None:
    body = {
        "assistant_id": assistant_id,
        "thread": {"messages": [{"role": "user", "content": "count slowly"}]},
        "stream": True,
    }
    raw = json.dumps(body).encode()
    came = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=TIMEOUT_S) as connection:
        connection.sendall(request(b"POST", b"/v1/threads/runs", b"Content-Length: %d\r\n" % len(raw), raw))
        while b"thread.message.delta" not in came:
            came += _more(connection)
        connection.sendall(b"\x00 this is no HTTP\r\n\r\n")
        came += b"".join(iter(lambda: connection.recv(65536), b""))
    assert came.count(b"HTTP/1.1") == 1
    run = json.loads(re.findall(rb"event: thread.run.created\ndata: (.*)\n", came)[0])
    wire.post(CANCEL, thread_id=run["thread_id"], run_id=run["id"])


# Methods


@pytest.mark.parametrize("method", [b"OPTIONS", b"PUT", b"PATCH", b"DELETE", b"TRACE", b"PROPFIND"])
def test_refused_method_is_told_which_are_allowed(server: Server, method: bytes) -> None:
    answer = ask(server, request(method, b"/v1/assistants"))
    expect_error(answer, 405)
    assert answer.headers["allow"] == "GET, HEAD, POST"


def test_page_of_another_origin_gets_no_leave(server: Server) -> None:
    asks = b"Origin: http://evil.example\r\nAccess-Control-Request-Method: POST\r\n"
    answer = ask(server, request(b"OPTIONS", b"/v1/threads", asks))
    assert answer.status == 405
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    ("target", "status"), [(b"/v1/assistants", 200), (b"/v1/threads/thread_none", 404), (b"/v1/threads", 405)]
)
def test_head_is_get_without_a_body(server: Server, target: bytes, status: int) -> None:
    answer = ask(server, request(b"HEAD", target))
    assert (answer.status, answer.raw) == (status, b"")
    check_headers(answer, "HEAD")


# Paths and queries

ODD_IDS = ["%00", "a%00", "%ff", "%ED%A0%80", "%", "%zz", "%2e%2e", "%0d%0aX:1", "%F0%9F%98%80", "a" * 30_000]
PATHS = [
    ("GET", "/v1/assistants/{}"),
    ("POST", "/v1/assistants/{}"),
    ("DELETE", "/v1/assistants/{}"),
    ("GET", "/v1/threads/{}"),
    ("POST", "/v1/threads/{}"),
    ("DELETE", "/v1/threads/{}"),
    ("GET", "/v1/threads/{thread_id}/messages/{}"),
    ("POST", "/v1/threads/{thread_id}/messages/{}"),
    ("DELETE", "/v1/threads/{thread_id}/messages/{}"),
    ("GET", "/v1/threads/{}/messages"),
    ("GET", "/v1/threads/{thread_id}/runs/{}"),
    ("POST", "/v1/threads/{thread_id}/runs/{}"),
    ("POST", "/v1/threads/{thread_id}/runs/{}/cancel"),
    ("GET", "/v1/threads/{thread_id}/runs/{}/steps"),
    ("GET", "/v1/threads/{thread_id}/runs/{run_id}/steps/{}"),
    ("GET", "/v1/retinue/runs/{}/events"),
    ("GET", "/v1/retinue/runs/{}/turns"),
    ("GET", "/v1/retinue/runs/{}/executions"),
    ("GET", "/v1/models/{}"),
]


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_odd_id_is_not_found(server: Server, place: dict[str, str], method: str, path: str) -> None:
    kind = re.findall(r"(assistant|thread|message|run|step|model)s/\{\}", path)[0]
    for odd in ODD_IDS:
        for prefix in ("", {"assistant": "asst_", "message": "msg_"}.get(kind, f"{kind}_")):
            target = path.replace("{}", prefix + odd).format_map(place).encode()
            answer = ask(server, request(method.encode(), target, b"Content-Length: 2\r\n", b"{}"))
            assert answer.status in (400, 404), target
            expect_error(answer, answer.status)


@pytest.mark.parametrize(
    "query",
    ["order=%00", "order=asc&order=nonsense", "limit=%00", "limit=1&limit=0", "limit=1e1", "limit=" + "9" * 5_000]
    + [f"{name}={odd}" for name in ("after", "before") for odd in ("%00", "%ff", "%ED%A0%80", "a" * 30_000)],
)
def test_odd_query_is_refused_by_name(server: Server, query: str) -> None:
    told = error(server, request(b"GET", f"/v1/assistants?{query}".encode()), 400)
    assert told["param"] == query.partition("=")[0]
    assert len(told["message"]) <= 10_000


def test_messages_of_an_impossible_run_are_refused(server: Server, place: dict[str, str]) -> None:
    target = f"/v1/threads/{place['thread_id']}/messages?run_id=%00".encode()
    assert error(server, request(b"GET", target), 400)["param"] == "run_id"


@pytest.mark.parametrize("query", ["%", "&&&", "limit[]=1", "a=1&" * 5_000, "limit=1&limit=2"])
def test_strange_query_is_no_matter(server: Server, query: str) -> None:
    assert ask(server, request(b"GET", f"/v1/assistants?{query}".encode())).status == 200


@pytest.mark.parametrize("path", ["/v1/assistants/", "//v1/assistants", "/v1//assistants", "/v1/threads/a/b", "*"])
def test_path_that_only_looks_like_one_is_not_found(server: Server, path: str) -> None:
    error(server, request(b"GET" if path != "*" else b"OPTIONS", path.encode()), 404)


def test_refusal_does_not_give_back_all_that_it_was_given(server: Server, place: dict[str, str]) -> None:
    for body in ({"assistant_id": "a" * 1_000_000}, {"assistant_id": "asst_a", "b" * 1_000_000: 1}):
        raw = json.dumps(body).encode()
        length = b"Content-Length: %d\r\n" % len(raw)
        answer = ask(server, request(b"POST", f"/v1/threads/{place['thread_id']}/runs".encode(), length, raw))
        expect_error(answer, 400)
        assert len(answer.raw) < 20_000
