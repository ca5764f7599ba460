"""Plain HTTP to a server, every answer and event held to the contract on the way."""

import http.client
import json as jsons
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlencode

from contract.validator import ContractBroken, Event, Generation, Parser, validate_answer, validate_error

TIMEOUT_S = 60
PROMISED_HEADERS = {
    "x-request-id": r"\S+",
    "openai-processing-ms": r"\d+",
    "openai-version": r"2020-10-01",
}

THREADS = "/threads"
THREAD = "/threads/{thread_id}"
MESSAGES = "/threads/{thread_id}/messages"
MESSAGE = "/threads/{thread_id}/messages/{message_id}"
RUNS = "/threads/{thread_id}/runs"
RUN = "/threads/{thread_id}/runs/{run_id}"
CANCEL = "/threads/{thread_id}/runs/{run_id}/cancel"
OUTPUTS = "/threads/{thread_id}/runs/{run_id}/submit_tool_outputs"
STEPS = "/threads/{thread_id}/runs/{run_id}/steps"
STEP = "/threads/{thread_id}/runs/{run_id}/steps/{step_id}"
THREAD_AND_RUN = "/threads/runs"
ASSISTANTS = "/assistants"
ASSISTANT = "/assistants/{assistant_id}"
FILES = "/files"
FILE = "/files/{file_id}"
CONTENT = "/files/{file_id}/content"
UPLOADS = "/uploads"
PARTS = "/uploads/{upload_id}/parts"
COMPLETE = "/uploads/{upload_id}/complete"
CANCEL_UPLOAD = "/uploads/{upload_id}/cancel"
STORES = "/vector_stores"
STORE = "/vector_stores/{vector_store_id}"
SEARCH = "/vector_stores/{vector_store_id}/search"
STORE_FILES = "/vector_stores/{vector_store_id}/files"
STORE_FILE = "/vector_stores/{vector_store_id}/files/{file_id}"
STORE_CONTENT = "/vector_stores/{vector_store_id}/files/{file_id}/content"
BATCHES = "/vector_stores/{vector_store_id}/file_batches"
BATCH = "/vector_stores/{vector_store_id}/file_batches/{batch_id}"
CANCEL_BATCH = "/vector_stores/{vector_store_id}/file_batches/{batch_id}/cancel"
BATCH_FILES = "/vector_stores/{vector_store_id}/file_batches/{batch_id}/files"
CONTAINERS = "/containers"
CONTAINER = "/containers/{container_id}"
CONTAINER_FILES = "/containers/{container_id}/files"
CONTAINER_FILE = "/containers/{container_id}/files/{file_id}"
CONTAINER_CONTENT = "/containers/{container_id}/files/{file_id}/content"

BOUNDARY = "a-boundary-of-ours"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"


@dataclass(frozen=True)
class Answer:
    """What came back: `body` is parsed JSON, or None where it isn't any."""

    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        try:
            return jsons.loads(self.raw)
        except ValueError:
            return None


class Stream:
    """The events of one answer, as they come. The connection closes with the `with` block."""

    def __init__(self, connection: http.client.HTTPConnection, response: http.client.HTTPResponse) -> None:
        self._connection = connection
        self._response = response
        self._parser = Parser()
        self.seen: list[Event] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[Event]:
        while (event := self._next()) is not None:
            self.seen.append(event)
            yield event

    def until(self, name: str, *, times: int = 1) -> Event:
        """Read up to the event that bears the name for the `times`-th time, and return it."""
        for event in self:
            times -= event.name == name
            if times == 0:
                return event
        raise AssertionError(f"the stream ended before {name}: {[event.name for event in self.seen]}")

    def rest(self) -> list[Event]:
        """Read to the end, whole or broken off; return all events from the first."""
        for _ in self:
            pass
        return self.seen

    def close(self) -> None:
        self._response.close()
        self._connection.close()

    def _next(self) -> Event | None:
        while True:
            try:
                line = self._response.readline()
            except (OSError, http.client.HTTPException):
                return None  # broken off: what the server's death looks like from here
            if not line:
                return None
            event = self._parser.feed(line.decode().rstrip("\r\n"))
            if event is not None:
                return event


class Wire:
    """A client of one server. `ids` fill the path's template: `wire.get(RUN, thread_id=..., run_id=...)`."""

    def __init__(self, port: int, *, token: str | None = "sk-anything", generation: Generation = "v2") -> None:
        self.port = port
        self._token = token
        self._generation: Generation = generation

    def get(self, template: str, query: Mapping[str, Any] | None = None, /, **ids: str) -> Any:
        """GET, which must answer 200; the body."""
        return self.ok("GET", template, None, query, **ids)

    def post(self, template: str, body: Any = None, /, **ids: str) -> Any:
        """POST, which must answer 200; the body."""
        return self.ok("POST", template, {} if body is None else body, **ids)

    def delete(self, template: str, /, **ids: str) -> Any:
        """DELETE, which must answer 200; the body."""
        return self.ok("DELETE", template, **ids)

    def ok(
        self, method: str, template: str, body: Any = None, query: Mapping[str, Any] | None = None, /, **ids: str
    ) -> Any:
        answer = self.call(method, template, body, query, **ids)
        if answer.status != 200:
            raise AssertionError(f"{method} {template} answered {answer.status}, expected 200: {answer.raw!r}")
        return answer.body

    def refused(
        self,
        status: int,
        method: str,
        template: str,
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        /,
        **ids: str,
    ) -> dict[str, Any]:
        """A request that must be answered with this error status; the error."""
        answer = self.call(method, template, body, query, **ids)
        if answer.status != status:
            raise AssertionError(
                f"{method} {template} {_short(body)} {query or ''} answered {answer.status}, expected {status}: "
                f"{answer.raw[:2000]!r}"
            )
        error: dict[str, Any] = answer.body["error"]
        return error

    def call(
        self, method: str, template: str, body: Any = None, query: Mapping[str, Any] | None = None, /, **ids: str
    ) -> Answer:
        """Ask, and hold answer and headers to the contract, whatever the status."""
        path = f"/v1{_fill(template, ids)}" + (f"?{urlencode(query, doseq=True)}" if query else "")
        encoded = None if body is None else jsons.dumps(body).encode()
        answer = self.send(method, path, encoded)
        where = f"{method} {template} {answer.status}"
        if answer.body is None:
            raise ContractBroken(f"{where}: the body is no JSON: {answer.raw[:2000]!r}")
        validate_answer(method, template, answer.status, answer.body, generation=self._generation)
        check_headers(answer, where)
        return answer

    def upload(self, content: bytes, filename: str = "a.txt", **fields: str) -> Any:
        """POST a file, which must answer 200; the body."""
        return self.form(FILES, form({"purpose": "assistants", **fields}, "file", content, filename))

    def form(self, template: str, encoded: bytes, /, *, status: int = 200, **ids: str) -> Any:
        """POST a multipart body that `form` made, which must answer this status; the body."""
        answer = self.send("POST", f"/v1{_fill(template, ids)}", encoded, {"Content-Type": MULTIPART})
        where = f"POST {template} {answer.status}"
        if answer.status != status:
            raise AssertionError(f"{where}, expected {status}: {answer.raw[:2000]!r}")
        validate_answer("POST", template, answer.status, answer.body)
        check_headers(answer, where)
        return answer.body

    def content(self, file_id: str, **headers: str) -> Answer:
        """GET the file's bytes; a header's underscores stand for hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.send("GET", f"/v1{_fill(CONTENT, {'file_id': file_id})}", headers=named)
        check_headers(answer, f"GET {CONTENT} {answer.status}")
        return answer

    def send(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send exactly this. A header set to the empty text is left out."""
        connection = self._connect()
        try:
            connection.request(method, path, body, self._headers(body, headers))
            response = connection.getresponse()
            return Answer(response.status, _lower(response), response.read())
        finally:
            connection.close()

    def stream(self, template: str, body: Mapping[str, Any], /, **ids: str) -> Stream:
        """POST with `stream: true`, which must answer an event stream."""
        encoded = jsons.dumps({**body, "stream": True}).encode()
        return self._open("POST", f"/v1{_fill(template, ids)}", encoded, {})

    def events(self, run_id: str, *, after: int | None = None) -> Stream:
        """The run's events after the one with this number: the resume extension."""
        headers = {} if after is None else {"Last-Event-ID": str(after)}
        return self._open("GET", f"/v1/retinue/runs/{run_id}/events", None, headers)

    def _open(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Stream:
        connection = self._connect()
        connection.request(method, path, body, self._headers(body, headers))
        response = connection.getresponse()
        answer = Answer(response.status, _lower(response), b"")
        if answer.status != 200:
            text = response.read()
            connection.close()
            raise AssertionError(f"{method} {path} answered {answer.status}, expected a stream: {text!r}")
        kind = answer.headers.get("content-type")
        if kind != "text/event-stream; charset=utf-8":
            raise ContractBroken(f"{method} {path}: content type {kind!r} of a stream")
        check_headers(answer, f"{method} {path}")
        return Stream(connection, response)

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)

    def _headers(self, body: bytes | None, more: Mapping[str, str] | None) -> dict[str, str]:
        headers = {"OpenAI-Beta": f"assistants={self._generation}"}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        return {key: value for key, value in {**headers, **(more or {})}.items() if value != ""}


def form(fields: Mapping[str, str], file: str, content: bytes, filename: str, *, last: bool = True) -> bytes:
    """A multipart body of short fields and a file after them; `last` closes it."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    filename = filename.replace('"', "%22")  # as browsers do
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{file}"; filename="{filename}"\r\n'
    parts += [head.encode(), b"Content-Type: application/octet-stream\r\n\r\n", content]
    return b"".join(parts) + (f"\r\n--{BOUNDARY}--\r\n".encode() if last else b"")


def check_headers(answer: Answer, where: str) -> None:
    """Raise ContractBroken unless the answer bears the headers that every one has."""
    for name, pattern in PROMISED_HEADERS.items():
        value = answer.headers.get(name, "")
        if not re.fullmatch(pattern, value):
            raise ContractBroken(f"{where}: header {name} is {value!r}, expected {pattern}")


def expect_error(answer: Answer, status: int) -> dict[str, Any]:
    """The error of an answer outside the document's operations."""
    if answer.status != status or answer.body is None:
        raise AssertionError(f"answered {answer.status}, expected {status}: {answer.raw[:2000]!r}")
    validate_error(status, answer.body)
    check_headers(answer, f"error {status}")
    error: dict[str, Any] = answer.body["error"]
    return error


def _fill(template: str, ids: Mapping[str, str]) -> str:
    return template.format_map({key: quote(value, safe="") for key, value in ids.items()})


def _lower(response: http.client.HTTPResponse) -> dict[str, str]:
    return {key.lower(): value for key, value in response.getheaders()}


def _short(body: Any) -> str:
    return repr(body)[:300]
