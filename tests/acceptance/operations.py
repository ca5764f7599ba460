"""The API's operations as rows of the scoreboard, and which of them a client has no method for."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from acceptance.sdks import MATRIX, Client

_DOORS = re.compile(r"^/(openai/deployments/[^/]+|openai/v1|openai|v1)(?=/)")
"""What stands before an operation's path: ours, or Azure's forms of it."""


@dataclass(frozen=True)
class Operation:
    """A method and a path; streamed and whole answers count as two."""

    group: str
    method: str
    template: str
    python: str
    """The method that calls it, from the client on; `name:parameter` where it is a parameter that asks for it; several
    with | between them, where it changed."""
    node: str = ""
    """Its name in npm's package, several alike; the same as Python's if not given."""
    streamed: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.template}{', streamed' if self.streamed else ''}"

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What its path matches, without what stands before it; a model's name may hold slashes."""
        one = re.sub(r"\{model\}", ".+", self.template)
        return re.compile(re.sub(r"\{\w+\}", "[^/]+", one))


def _vector_stores(method: str, path: str, name: str, node: str = "") -> Operation:
    """A row of vector stores, which were under `beta` before Python 1.66."""
    python = "|".join(f"{client}vector_stores.{name}" for client in ("", "beta."))
    npm = "|".join(f"{client}vectorStores.{each}" for client in ("", "beta.") for each in (node or name).split("|"))
    return Operation("Vector stores", method, f"/vector_stores{path}", python, npm)


def _containers(method: str, path: str, name: str, node: str = "") -> Operation:
    """A row of containers, which old clients don't have."""
    return Operation("Containers", method, f"/containers{path}", f"containers.{name}", f"containers.{node or name}")


_A, _AF = "/assistants", "/assistants/{assistant_id}/files"
_T, _TR = "/threads", "/threads/runs"
_M, _MF = "/threads/{thread_id}/messages", "/threads/{thread_id}/messages/{message_id}/files"
_R, _S = "/threads/{thread_id}/runs", "/threads/{thread_id}/runs/{run_id}/steps"
_C, _CF = "/{container_id}", "/{container_id}/files"
_V, _VF, _VB = "/{vector_store_id}", "/{vector_store_id}/files", "/{vector_store_id}/file_batches"

# `/threads/runs` stands before `/threads/{thread_id}`, which its path matches too.
OPERATIONS = (
    Operation("Models", "GET", "/models", "models.list"),
    Operation("Models", "GET", "/models/{model}", "models.retrieve"),
    Operation("Assistants", "POST", _A, "beta.assistants.create"),
    Operation("Assistants", "GET", _A, "beta.assistants.list"),
    Operation("Assistants", "GET", _A + "/{assistant_id}", "beta.assistants.retrieve"),
    Operation("Assistants", "POST", _A + "/{assistant_id}", "beta.assistants.update"),
    Operation(
        "Assistants",
        "DELETE",
        _A + "/{assistant_id}",
        "beta.assistants.delete",
        "beta.assistants.del|beta.assistants.delete",
    ),
    Operation("Runs", "POST", _TR, "beta.threads.create_and_run", "beta.threads.createAndRun"),
    Operation(
        "Runs",
        "POST",
        _TR,
        "beta.threads.create_and_run:stream",
        "beta.threads.createAndRunStream",
        streamed=True,
    ),
    Operation("Threads", "POST", _T, "beta.threads.create"),
    Operation("Threads", "GET", _T + "/{thread_id}", "beta.threads.retrieve"),
    Operation("Threads", "POST", _T + "/{thread_id}", "beta.threads.update"),
    Operation("Threads", "DELETE", _T + "/{thread_id}", "beta.threads.delete", "beta.threads.del|beta.threads.delete"),
    Operation("Messages", "POST", _M, "beta.threads.messages.create"),
    Operation("Messages", "GET", _M, "beta.threads.messages.list"),
    Operation("Messages", "GET", _M + "/{message_id}", "beta.threads.messages.retrieve"),
    Operation("Messages", "POST", _M + "/{message_id}", "beta.threads.messages.update"),
    Operation(
        "Messages",
        "DELETE",
        _M + "/{message_id}",
        "beta.threads.messages.delete",
        "beta.threads.messages.del|beta.threads.messages.delete",
    ),
    Operation("Runs", "POST", _R, "beta.threads.runs.create"),
    Operation("Runs", "POST", _R, "beta.threads.runs.create:stream", "beta.threads.runs.stream", streamed=True),
    Operation("Runs", "GET", _R, "beta.threads.runs.list"),
    Operation("Runs", "GET", _R + "/{run_id}", "beta.threads.runs.retrieve"),
    Operation("Runs", "POST", _R + "/{run_id}", "beta.threads.runs.update"),
    Operation("Runs", "POST", _R + "/{run_id}/cancel", "beta.threads.runs.cancel"),
    Operation(
        "Runs",
        "POST",
        _R + "/{run_id}/submit_tool_outputs",
        "beta.threads.runs.submit_tool_outputs",
        "beta.threads.runs.submitToolOutputs",
    ),
    Operation(
        "Runs",
        "POST",
        _R + "/{run_id}/submit_tool_outputs",
        "beta.threads.runs.submit_tool_outputs:stream",
        "beta.threads.runs.submitToolOutputsStream",
        streamed=True,
    ),
    Operation("Run steps", "GET", _S, "beta.threads.runs.steps.list"),
    Operation("Run steps", "GET", _S + "/{step_id}", "beta.threads.runs.steps.retrieve"),
    Operation("Files", "POST", "/files", "files.create"),
    Operation("Files", "GET", "/files", "files.list"),
    Operation("Files", "GET", "/files/{file_id}", "files.retrieve"),
    Operation("Files", "DELETE", "/files/{file_id}", "files.delete", "files.del|files.delete"),
    Operation("Files", "GET", "/files/{file_id}/content", "files.content"),
    Operation("Uploads", "POST", "/uploads", "uploads.create"),
    Operation("Uploads", "POST", "/uploads/{upload_id}/parts", "uploads.parts.create"),
    Operation("Uploads", "POST", "/uploads/{upload_id}/complete", "uploads.complete"),
    Operation("Uploads", "POST", "/uploads/{upload_id}/cancel", "uploads.cancel"),
    _vector_stores("POST", "", "create"),
    _vector_stores("GET", "", "list"),
    _vector_stores("GET", _V, "retrieve"),
    _vector_stores("POST", _V, "update"),
    _vector_stores("DELETE", _V, "delete", "del|delete"),
    _vector_stores("POST", _V + "/search", "search"),
    _vector_stores("POST", _VF, "files.create"),
    _vector_stores("GET", _VF, "files.list"),
    _vector_stores("GET", _VF + "/{file_id}", "files.retrieve"),
    _vector_stores("POST", _VF + "/{file_id}", "files.update"),
    _vector_stores("DELETE", _VF + "/{file_id}", "files.delete", "files.del|files.delete"),
    _vector_stores("GET", _VF + "/{file_id}/content", "files.content"),
    _vector_stores("POST", _VB, "file_batches.create", "fileBatches.create"),
    _vector_stores("GET", _VB + "/{batch_id}", "file_batches.retrieve", "fileBatches.retrieve"),
    _vector_stores("POST", _VB + "/{batch_id}/cancel", "file_batches.cancel", "fileBatches.cancel"),
    _vector_stores("GET", _VB + "/{batch_id}/files", "file_batches.list_files", "fileBatches.listFiles"),
    _containers("POST", "", "create"),
    _containers("GET", "", "list"),
    _containers("GET", _C, "retrieve"),
    _containers("DELETE", _C, "delete", "del|containers.delete"),
    _containers("POST", _CF, "files.create"),
    _containers("GET", _CF, "files.list"),
    _containers("GET", _CF + "/{file_id}", "files.retrieve"),
    _containers("DELETE", _CF + "/{file_id}", "files.delete", "files.del|containers.files.delete"),
    _containers("GET", _CF + "/{file_id}/content", "files.content.retrieve"),
    Operation("Chat completions", "POST", "/chat/completions", "chat.completions.create"),
    Operation("Chat completions", "POST", "/chat/completions", "chat.completions.create", streamed=True),
    Operation("Completions", "POST", "/completions", "completions.create"),
    Operation("Completions", "POST", "/completions", "completions.create", streamed=True),
    Operation("Embeddings", "POST", "/embeddings", "embeddings.create"),
    Operation("Moderations", "POST", "/moderations", "moderations.create"),
    Operation("Assistants v1 alone", "POST", _AF, "beta.assistants.files.create"),
    Operation("Assistants v1 alone", "GET", _AF, "beta.assistants.files.list"),
    Operation("Assistants v1 alone", "GET", _AF + "/{file_id}", "beta.assistants.files.retrieve"),
    Operation(
        "Assistants v1 alone",
        "DELETE",
        _AF + "/{file_id}",
        "beta.assistants.files.delete",
        "beta.assistants.files.del",
    ),
    Operation("Assistants v1 alone", "GET", _MF, "beta.threads.messages.files.list"),
    Operation("Assistants v1 alone", "GET", _MF + "/{file_id}", "beta.threads.messages.files.retrieve"),
)


@dataclass(frozen=True)
class Lack:
    """Operations that some clients can't call, and why: a dash on the scoreboard."""

    why: str
    clients: frozenset[str]
    operations: frozenset[Operation]


def called(method: str, path: str, *, streamed: bool) -> Operation | None:
    """The operation that a request was for; None for one that is no row."""
    rest = _DOORS.sub("", path)
    fitting = (each for each in OPERATIONS if each.method == method and each.pattern.fullmatch(rest))
    return next((each for each in fitting if each.streamed == streamed), None)


def lack(client: Client, operation: Operation) -> Lack | None:
    """Why the client can't call the operation; None if it can."""
    return next((each for each in LACKS if client.name in each.clients and operation in each.operations), None)


def _named(*names: str) -> frozenset[str]:
    known = {client.name for client in MATRIX}
    assert known.issuperset(names), set(names) - known
    return frozenset(names)


def _rows(*names: str) -> frozenset[Operation]:
    """Rows by their own names, or by their groups'."""
    found = frozenset(each for each in OPERATIONS if str(each) in names or each.group in names)
    assert {str(each) for each in found}.union(each.group for each in found).issuperset(names), names
    return found


def _of(clients: Iterable[Client]) -> frozenset[str]:
    return frozenset(client.name for client in clients)


LACKS = (
    Lack(
        "Assistant files and message files are of Assistants v1; v2 has vector stores and attachments in their place.",
        _of(client for client in MATRIX if client.generation == "v2"),
        _rows("Assistants v1 alone"),
    ),
    Lack(
        "Messages could not be deleted with the packages of Assistants v1.",
        _of(client for client in MATRIX if client.generation == "v1"),
        _rows(f"DELETE {_M}/{{message_id}}"),
    ),
    Lack(
        "Runs could not be streamed before Python 1.14.",
        _named("Python 1.3.8"),
        _rows(f"POST {_TR}, streamed", f"POST {_R}, streamed", f"POST {_R}/{{run_id}}/submit_tool_outputs, streamed"),
    ),
    Lack(
        "Uploads came with Python 1.37, and to npm with a later 4.x.",
        _named("Python 1.3.8", "Python 1.20.0", "Python 1.35.0", "npm 4.36.0", "Azure Python 1.20.0"),
        _rows("Uploads"),
    ),
    Lack(
        "Containers came with Python 1.81, and to npm with 4.102.",
        _named("Python 1.3.8", "Python 1.20.0", "Python 1.35.0", "npm 4.36.0", "Azure Python 1.20.0"),
        _rows("Containers"),
    ),
    Lack(
        "Vector stores came with the packages of Assistants v2; v1 has assistant files in their place.",
        _of(client for client in MATRIX if client.generation == "v1"),
        _rows("Vector stores"),
    ),
    Lack(
        "Vector stores could not be searched, nor their files' attributes be changed and their content be read, "
        "before Python 1.66.",
        _named("Python 1.35.0"),
        _rows(
            f"POST /vector_stores{_V}/search",
            f"POST /vector_stores{_VF}/{{file_id}}",
            f"GET /vector_stores{_VF}/{{file_id}}/content",
        ),
    ),
)
