"""Values to store."""

from typing import Any, Literal

from msgspec import structs

from retinue.core.assistant import Assistant
from retinue.core.container import Container, ContainerFile
from retinue.core.execution import Execution
from retinue.core.file import File
from retinue.core.history import RunChange
from retinue.core.item import Attachment, Message, Text, ToolCall, ToolOutput
from retinue.core.run import EVENTS_PER_FENCE, Run, RunSpec, Status
from retinue.core.step import Step
from retinue.core.thread import Thread
from retinue.core.turn import Manifest, Turn
from retinue.core.usage import Usage
from retinue.core.vector_store import VectorStore
from retinue.store import Database, Transaction

NOW = 1_700_000_000.0

TABLES = (
    "assistants",
    "threads",
    "branches",
    "items",
    "runs",
    "turns",
    "spending",
    "steps",
    "executions",
    "tombstones",
    "jobs",
    "files",
    "file_uses",
    "uploads",
    "upload_parts",
    "vector_stores",
    "vector_store_files",
    "file_batches",
    "batched_files",
    "document_windows",
    "document_slabs",
    "containers",
    "container_files",
)


def assistant(id_: str = "asst_1", *, at: float = NOW, **more: Any) -> Assistant:
    return Assistant(id=id_, created_at=at, model="gpt-4o", **more)


def thread(id_: str = "thread_1", **more: Any) -> Thread:
    return Thread(id=id_, created_at=NOW, head=f"branch_of_{id_}", **more)


def file(id_: str = "file-1", *, at: float = NOW, **more: Any) -> File:
    more = {"name": "a.txt", "purpose": "assistants", "size": 3, "sha256": "0" * 64, "blob": f"blob_of_{id_}", **more}
    return File(id=id_, created_at=at, **more)


def vector_store(id_: str = "vs_1", **more: Any) -> VectorStore:
    return VectorStore(id=id_, created_at=NOW, **more)


def attached(file_id: str, *tools: Literal["code_interpreter", "file_search"]) -> Attachment:
    return Attachment(file_id=file_id, tools=tools or ("file_search",))


def container(id_: str = "cntr_1", *, at: float = NOW, **more: Any) -> Container:
    return Container(id=id_, created_at=at, name="C", last_active_at=at, **more)


def thread_container(thread_id: str = "thread_1", id_: str = "cntr_t") -> Container:
    return container(id_, thread_id=thread_id, expires_minutes=None)


def container_file(id_: str = "cfile_1", *, of: str = "cntr_1", at: float = NOW, **more: Any) -> ContainerFile:
    """One with bytes of its own, unless it has those of a stored file."""
    more = {"path": f"{id_}.txt", "size": 3, "sha256": "0" * 64, "source": "user", **more}
    if more.get("file_id") is None:
        more.setdefault("blob", f"blob_of_{id_}")
    return ContainerFile(id=id_, container_id=of, created_at=at, **more)


def message(id_: str, *, of: str = "thread_1", **more: Any) -> Message:
    more.setdefault("content", (Text(f"text of {id_}"),))
    return Message(id=id_, thread_id=of, role=more.pop("role", "user"), created_at=NOW, **more)


def run(id_: str = "run_1", *, of: str = "thread_1", at: float = NOW, served: tuple[str, ...] = (), **more: Any) -> Run:
    """A run that was just created."""
    spec = RunSpec(assistant_id="asst_1", model="gpt-4o", served=served)
    new = Run(id=id_, thread_id=of, branch=f"branch_of_{of}", created_at=at, expires_at=at + 600, spec=spec, **more)
    return new.moved(Status.QUEUED, at=at, event=EVENTS_PER_FENCE + 1)


def moved(run_: Run, *statuses: Status) -> Run:
    for number, status in enumerate(statuses, start=2):
        run_ = run_.moved(status, at=NOW + number, event=EVENTS_PER_FENCE + number)
    return run_


def step(
    id_: str = "step_1", *, of: str = "run_1", at: float = NOW, kind: str = "message_creation", **more: Any
) -> Step:
    made = Step(
        id=id_,
        run_id=of,
        thread_id="thread_1",
        assistant_id="asst_1",
        kind="message_creation",
        turn=0,
        created_at=at,
        expires_at=at + 600,
        first_event=EVENTS_PER_FENCE + 3,
    )
    return structs.replace(made, kind=kind, **more)


def turn(index: int = 0, *, of: str = "run_1") -> Turn:
    return Turn(
        run_id=of,
        index=index,
        model="gpt-4o-2024-08-06",
        finish="stop",
        usage=Usage(prompt=10, completion=5),
        manifest=Manifest(items=((0, 3),), notes=("A note.",)),
        started_at=NOW,
        ended_at=NOW + 1,
        cost_usd=0.25,
    )


def call(id_: str = "item_1", *, of: str = "run_1") -> ToolCall:
    return ToolCall(
        id=id_, run_id=of, step_id="step_1", created_at=NOW, call_id=f"call_{id_}", name="get_a", arguments='{"x": 1}'
    )


def output(of: ToolCall) -> ToolOutput:
    return ToolOutput(
        id=f"out_{of.id}", run_id=of.run_id, step_id=of.step_id, created_at=NOW, call_id=of.call_id, output="1"
    )


def execution(of: ToolCall, *, at: float = NOW, **more: Any) -> Execution:
    begun = Execution(
        run_id=of.run_id,
        step_id=of.step_id,
        call_id=of.call_id,
        name=of.name,
        arguments=of.arguments,
        idempotent=False,
        key=f"{of.run_id}:{of.id}",
        fence=1,
        started_at=at,
    )
    return structs.replace(begun, **more)


def ended(run_: Run) -> RunChange:
    """What a driver stores of a run that is done."""
    return RunChange(run=moved(run_, Status.IN_PROGRESS, Status.COMPLETED))


async def counts(database: Database) -> dict[str, int]:
    """How many rows each table has."""

    async def work(tx: Transaction) -> dict[str, int]:
        return {table: (await tx.all(f"SELECT count(*) FROM {table}"))[0][0] for table in TABLES}

    return await database.read(work)
