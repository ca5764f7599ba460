"""Two projects on one server never see each other's anything: every route that is served is tried.

The routes are the server's own table. One that is added is walked by itself, or fails here until `BODIES`, `place_of`
or one of the sets below says how it is asked for.
"""

import asyncio
import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from acceptance.reading import settled
from acceptance.runs import WEATHER, calls_of, told
from acceptance.server import SCRIPT, Server
from acceptance.terminal import make_key
from acceptance.wire import (
    ASSISTANTS,
    BATCHES,
    CONTAINER_FILES,
    CONTAINERS,
    MESSAGES,
    MULTIPART,
    STEPS,
    STORES,
    THREAD,
    THREADS,
    Answer,
    Wire,
    expect_error,
    form,
)
from retinue.api.app import routing_table
from retinue.api.call import Router
from retinue.app.offline import open_store
from retinue.core.assistant import Assistant
from retinue.core.item import Message, Text
from retinue.core.run import EVENTS_PER_FENCE, Run, RunSpec, Status
from retinue.core.thread import Thread

Place = dict[str, str]
"""Ids of one project by what they name: the names of the parameters in paths, and those in `BODIES`."""

OPEN = {"/", "/healthz", "/openapi.json", "/v1/openapi.json"}
"""Routes that nobody needs a key for."""
SHARED = {"/v1/models", "/v1/models/{model}"} | {
    f"/v1/{name}" for name in ("chat/completions", "completions", "embeddings", "moderations")
}
"""Routes that keep nothing: they show every project the same."""
AZURE = re.compile(r"/openai(/v1)?(/deployments/\{deployment\})?(?=/)")
"""Azure's beginnings of the same paths."""

MESSAGE = {"role": "user", "content": "taken"}
METADATA = {"metadata": {"taken": "yes"}}
PART = form({}, "data", b"taken", "part")
ATTACHED = {**MESSAGE, "attachments": [{"file_id": "<file>", "tools": [{"type": "code_interpreter"}]}]}
PICTURED = {"role": "user", "content": [{"type": "image_file", "image_file": {"file_id": "<file>"}}]}
MOUNTED = {"code_interpreter": {"file_ids": ["<file>"]}}
BODIES: dict[str, list[dict[str, Any] | bytes]] = {
    "/v1/assistants": [{"model": "gpt-4o"}, {"model": "gpt-4o", "tool_resources": MOUNTED}],
    "/v1/assistants/{assistant}": [{"name": "taken"}, {"tool_resources": MOUNTED}],
    "/v1/assistants/{assistant}/files": [{"file_id": "<file>"}],
    "/v1/files": [form({"purpose": "assistants"}, "file", b"taken", "a.txt")],
    "/v1/uploads": [{"filename": "a.txt", "purpose": "assistants", "bytes": 5, "mime_type": "text/plain"}],
    "/v1/uploads/{upload}/parts": [PART],
    "/v1/uploads/{upload}/complete": [{"part_ids": ["<part>"]}],
    "/v1/uploads/{upload}/cancel": [{}],
    "/v1/vector_stores": [{"name": "taken"}, {"file_ids": ["<file>"]}],
    "/v1/vector_stores/{vector_store}": [{"name": "taken"}],
    "/v1/vector_stores/{vector_store}/search": [{"query": "taken"}, {"query": "taken", "rewrite_query": True}],
    "/v1/vector_stores/{vector_store}/files": [{"file_id": "<file>"}],
    "/v1/vector_stores/{vector_store}/files/{file}": [{"attributes": {"taken": True}}],
    "/v1/vector_stores/{vector_store}/file_batches": [{"file_ids": ["<file>"]}, {"files": [{"file_id": "<file>"}]}],
    "/v1/vector_stores/{vector_store}/file_batches/{file_batch}/cancel": [{}],
    "/v1/containers": [{"name": "taken"}, {"name": "taken", "file_ids": ["<file>"]}],
    "/v1/containers/{container}/files": [{"file_id": "<file>"}, form({}, "file", b"taken", "a.txt")],
    "/v1/chat/completions": [{"model": "rehearsal", "messages": [MESSAGE]}],
    "/v1/completions": [{"model": "rehearsal", "prompt": "taken"}],
    "/v1/embeddings": [{"model": "rehearsal", "input": "taken"}],
    "/v1/moderations": [{"model": "rehearsal", "input": "taken"}],
    "/v1/retinue/terminal": [{}],
    "/v1/retinue/threads/{thread}/rewind": [{"after": "<message>"}, {"before": "<message>"}],
    "/v1/threads": [{"messages": [MESSAGE]}, {"messages": [ATTACHED]}, {"tool_resources": MOUNTED}],
    "/v1/threads/runs": [
        {"assistant_id": "<assistant>", "thread": {"messages": [MESSAGE]}},
        {"assistant_id": "<assistant>", "thread": {"messages": [MESSAGE]}, "stream": True},
    ],
    "/v1/threads/{thread}": [METADATA],
    "/v1/threads/{thread}/messages": [MESSAGE, ATTACHED, PICTURED],
    "/v1/threads/{thread}/messages/{message}": [METADATA],
    "/v1/threads/{thread}/runs": [
        {"assistant_id": "<assistant>"},
        {"assistant_id": "<assistant>", "additional_messages": [ATTACHED], "stream": True},
    ],
    "/v1/threads/{thread}/runs/{run}": [METADATA],
    "/v1/threads/{thread}/runs/{run}/cancel": [{}],
    "/v1/threads/{thread}/runs/{run}/submit_tool_outputs": [
        {"tool_outputs": [{"tool_call_id": "<call>", "output": "taken"}]},
        {"tool_outputs": [{"tool_call_id": "<call>", "output": "taken"}], "stream": True},
    ],
}
"""What each POST route is asked with; `<name>` stands for an id of the place."""
ASKED_IN_VAIN = {"call", "part"}
"""Ids in bodies that are no things of their own: an unknown one is a 400."""
FILTERS = ("after", "before", "run_id")

USED = re.compile(r'(?<="status":"running",)"last_active_at":\d+')

NOTHING: Any = None  # the table is made, and nothing in it is called


@dataclass(frozen=True)
class Request:
    """A way to ask one route; ids are still to be filled in."""

    method: str
    path: str
    body: dict[str, Any] | bytes | None = None

    @property
    def names(self) -> list[str]:
        """What ids it takes, in the path and in the body."""
        in_body = [] if isinstance(self.body, bytes) else re.findall(r"<(\w+)>", json.dumps(self.body))
        return re.findall(r"{(\w+)}", self.path) + in_body

    @property
    def shared(self) -> bool:
        return plain(self.path) in SHARED

    def send(self, wire: Wire, place: Place, query: dict[str, str] | None = None) -> Answer:
        path = self.path.format_map(place) + (f"?{urlencode(query)}" if query else "")
        if isinstance(self.body, bytes):
            return wire.send(self.method, path, self.body, {"Content-Type": MULTIPART})
        body = None if self.body is None else re.sub(r"<(\w+)>", lambda name: place[name[1]], json.dumps(self.body))
        return wire.send(self.method, path, None if body is None else body.encode())

    def __str__(self) -> str:
        body = json.dumps(self.body) if isinstance(self.body, dict) else ""
        marks = [mark for mark in ("stream", "attachments", "image_file", "tool_resources") if mark in body]
        return " ".join([self.method, self.path, *marks])


def plain(path: str) -> str:
    """The path as it stands under OpenAI's beginning."""
    return AZURE.sub("/v1", path, count=1)


def requests() -> Iterator[Request]:
    """Every route of the server that needs a key, in every way in which it is asked."""
    for route in routing_table(Router(NOTHING, NOTHING), NOTHING).routes:
        path = getattr(route, "path_format", None)
        assert path, f"{route} is no plain route: say here how to walk it"
        for method in sorted(getattr(route, "methods", None) or set()):
            if path in OPEN or method == "HEAD":
                continue
            if method == "POST":
                assert plain(path) in BODIES, f"say in BODIES what to send to POST {path}"
            for body in BODIES[plain(path)] if method == "POST" else [None]:
                yield Request(method, path, body)


REQUESTS = list(requests())
WITH_IDS = [request for request in REQUESTS if request.names and not request.shared]
READS = [request for request in REQUESTS if request.method == "GET" and not request.shared]


@dataclass(frozen=True)
class Side:
    """One project: its key's client and its ids."""

    wire: Wire
    place: Place


@dataclass(frozen=True)
class Sides:
    server: Server
    mine: Side
    theirs: Side


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sides]:
    data = tmp_path_factory.mktemp("projects") / "data"
    keys = [make_key(data, "--project", project) for project in ("mine", "theirs")]
    with Server(data, script=SCRIPT) as server:
        mine, theirs = [Side(wire, place_of(wire)) for wire in (Wire(server.port, token=key) for key in keys)]
        assert not set(mine.place.values()) & set(theirs.place.values())
        yield Sides(server, mine, theirs)


def place_of(wire: Wire) -> Place:
    """Make one of everything, among it a run that waits for its client with a call and a step."""
    file = wire.upload(b"Some text.")["id"]
    assistant = wire.post(
        ASSISTANTS,
        {
            "model": "gpt-4o",
            "tools": [WEATHER, {"type": "code_interpreter"}],
            "tool_resources": {"code_interpreter": {"file_ids": [file]}},
        },
    )
    said = {"role": "user", "content": "weather in Oslo", "attachments": [{"file_id": file, "tools": []}]}
    run = told(wire, wire.post(THREADS, {"messages": [said]})["id"], assistant["id"]).run
    here = {"thread_id": run["thread_id"]}
    upload = wire.post("/uploads", {"filename": "a", "purpose": "assistants", "bytes": 5, "mime_type": "text/plain"})
    store = wire.post(STORES)["id"]
    batch = wire.post(BATCHES, {"file_ids": [file]}, vector_store_id=store)["id"]
    settled(wire, store)
    container = wire.post(CONTAINERS, {"name": "C", "file_ids": [file]})["id"]
    return {
        "container": container,
        "container_file": wire.get(CONTAINER_FILES, container_id=container)["data"][0]["id"],
        "vector_store": store,
        "file_batch": batch,
        "assistant": assistant["id"],
        "file": file,
        "upload": upload["id"],
        "part": wire.form("/uploads/{upload_id}/parts", PART, upload_id=upload["id"])["id"],
        "thread": run["thread_id"],
        "message": wire.get(MESSAGES, **here)["data"][0]["id"],
        "run": run["id"],
        "step": wire.get(STEPS, **here, run_id=run["id"])["data"][0]["id"],
        "call": calls_of(run)[0]["id"],
        "call_id": calls_of(run)[0]["id"],
    }


def never(id_: str) -> str:
    """An id like this one that nothing ever had."""
    return f"{id_[:-8]}neverwas"


def shown(answer: Answer, place: Place) -> tuple[int, str, list[str], str]:
    """What a client can tell an answer by, the place's ids aside."""
    text = answer.raw.decode()
    for name, id_ in place.items():
        text = text.replace(id_, f"<{name}>")
    headers = sorted(answer.headers.keys() - {"connection"})
    return answer.status, answer.headers.get("content-type", ""), headers, text


def everything(side: Side) -> dict[str, str]:
    """All that the project can read of itself, but for what the reading changes: when its containers were in use."""
    return {str(read): USED.sub("", read.send(side.wire, side.place).raw.decode()) for read in READS}


@pytest.mark.parametrize("request_", REQUESTS, ids=str)
def test_every_id_of_a_route_has_one_to_try(request_: Request, sides: Sides) -> None:
    if not request_.shared:
        missing = set(request_.names) - sides.mine.place.keys()
        assert not missing, f"say in `place_of` how to make one of {missing}"


@pytest.mark.parametrize("request_", REQUESTS, ids=str)
def test_no_route_is_open_without_a_key(request_: Request, sides: Sides) -> None:
    place = {**sides.mine.place, "model": "rehearsal", "deployment": "rehearsal"}
    for token in (None, "sk-anything", "sk-retinue-" + "0" * 48):
        error = expect_error(request_.send(Wire(sides.server.port, token=token), place), 401)
        assert error["code"] == "invalid_api_key"
        for id_ in sides.mine.place.values():
            assert id_ not in error["message"]


@pytest.mark.parametrize("request_", WITH_IDS, ids=str)
def test_another_projects_ids_are_as_if_they_had_never_been(request_: Request, sides: Sides) -> None:
    mine, theirs = sides.mine, sides.theirs
    before = everything(mine), everything(theirs)
    names = dict.fromkeys(request_.names)
    for count in range(1, len(names) + 1):
        for foreign in itertools.combinations(names, count):
            strange = {name: mine.place[name] for name in foreign}
            unknown = {name: never(id_) for name, id_ in strange.items()}
            answer = request_.send(theirs.wire, theirs.place | strange)
            reference = request_.send(theirs.wire, theirs.place | unknown)
            assert shown(answer, strange) == shown(reference, unknown), foreign
            assert answer.status == (400 if set(foreign) <= ASKED_IN_VAIN else 404), (foreign, answer.raw)
    assert (everything(mine), everything(theirs)) == before


@pytest.mark.parametrize("read", READS, ids=str)
def test_what_a_project_reads_shows_nothing_of_another(read: Request, sides: Sides) -> None:
    answer = read.send(sides.theirs.wire, sides.theirs.place)
    assert answer.status == 200
    for id_ in sides.mine.place.values():
        assert id_ not in answer.raw.decode()


@pytest.mark.parametrize("read", READS, ids=str)
def test_another_projects_ids_are_no_cursors_and_no_filters(read: Request, sides: Sides) -> None:
    theirs = sides.theirs
    for param, (name, id_) in itertools.product(FILTERS, sides.mine.place.items()):
        answer = read.send(theirs.wire, theirs.place, {param: id_, "limit": "1"})
        reference = read.send(theirs.wire, theirs.place, {param: never(id_), "limit": "1"})
        assert shown(answer, {name: id_}) == shown(reference, {name: never(id_)}), (param, name)


def test_what_another_project_deleted_is_no_cursor_either(sides: Sides) -> None:
    gone = sides.mine.wire.post(ASSISTANTS, {"model": "gpt-4o"})["id"]
    sides.mine.wire.delete("/assistants/{assistant_id}", assistant_id=gone)
    assert sides.mine.wire.get(ASSISTANTS, {"after": gone})["data"]
    errors = [sides.theirs.wire.refused(400, "GET", ASSISTANTS, None, {"after": id_}) for id_ in (gone, never(gone))]
    assert errors[0]["message"].replace(gone, "") == errors[1]["message"].replace(never(gone), "")


def test_a_projects_own_things_are_within_its_reach(sides: Sides) -> None:
    """Lest all the refusals above be for some other cause."""
    for side in (sides.mine, sides.theirs):
        for read in READS:
            assert read.send(side.wire, side.place).status == 200, read


# The same ids in two projects

SAME = {"thread_id": "thread_same", "run_id": "run_same", "message_id": "msg_same", "assistant_id": "asst_same"}


async def import_same_ids(data: Path, projects: tuple[str, ...]) -> None:
    """Store, in each project, an assistant, a thread, a message and a queued run of the same ids."""
    async with open_store(data) as opened:
        for project in projects:
            scope, at = opened.store.scoped(project), 1_700_000_000.0
            await scope.assistants.insert(Assistant(id="asst_same", created_at=at, model="gpt-4o", name=project))
            text = (Text(f"echo {project}"),)
            said = Message(id="msg_same", thread_id="thread_same", role="user", created_at=at, content=text)
            thread = Thread(id="thread_same", created_at=at, head="branch_same", metadata={"of": project})
            await scope.threads.insert(thread, [said])
            spec = RunSpec(assistant_id="asst_same", model="gpt-4o")
            new = Run(
                id="run_same", thread_id="thread_same", branch="branch_same", created_at=at, expires_at=9e9, spec=spec
            )
            await scope.runs.create(new.moved(Status.QUEUED, at=at, event=EVENTS_PER_FENCE + 1))


def test_things_of_the_same_ids_are_each_projects_own(tmp_path: Path) -> None:
    data, projects = tmp_path / "data", ("alpha", "beta")
    asyncio.run(import_same_ids(data, projects))
    wires = {}
    with Server(data, script=SCRIPT) as server:
        for project in projects:
            wire = wires[project] = Wire(server.port, token=make_key(data, "--project", project))
            with wire.events("run_same") as stream:
                assert stream.rest()[-1].name == "done"
            texts = [
                message["content"][0]["text"]["value"] for message in wire.get(MESSAGES, **only("thread_id"))["data"]
            ]
            assert texts == [f"You said: echo {project}", f"echo {project}"]
            assert wire.get("/assistants/{assistant_id}", **only("assistant_id"))["name"] == project
            assert wire.get(THREAD, **only("thread_id"))["metadata"] == {"of": project}
            assert told(wire, "thread_same", "asst_same").text == f"You said: echo {project}"
        before = everything_same(wires["beta"])
        wires["alpha"].post("/assistants/{assistant_id}", {"name": "changed"}, **only("assistant_id"))
        wires["alpha"].delete("/threads/{thread_id}/messages/{message_id}", **only("thread_id", "message_id"))
        wires["alpha"].delete(THREAD, **only("thread_id"))
        wires["alpha"].delete("/assistants/{assistant_id}", **only("assistant_id"))
        assert everything_same(wires["beta"]) == before
        assert wires["alpha"].send("GET", "/v1/retinue/runs/run_same/turns").status == 404


def everything_same(wire: Wire) -> list[Any]:
    return [
        wire.get("/assistants/{assistant_id}", **only("assistant_id")),
        wire.get(THREAD, **only("thread_id")),
        wire.get(MESSAGES, **only("thread_id")),
        wire.get(STEPS, **only("thread_id", "run_id")),
        wire.send("GET", "/v1/retinue/runs/run_same/turns").body,
        wire.get(THREADS + "/{thread_id}/runs", **only("thread_id")),
    ]


def only(*names: str) -> dict[str, str]:
    return {name: SAME[name] for name in names}
