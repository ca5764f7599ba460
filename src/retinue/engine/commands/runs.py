"""Verbs for runs."""

from collections.abc import Mapping, Sequence

from msgspec import Struct, structs

from retinue.core.assistant import Assistant, Metadata, ReasoningEffort, ResponseFormat
from retinue.core.caller import Caller
from retinue.core.errors import InvalidRequest
from retinue.core.events import Event, RunChanged
from retinue.core.history import History, RunChange
from retinue.core.ids import new_id
from retinue.core.item import Message
from retinue.core.outputs import accept_outputs
from retinue.core.paging import PageQuery
from retinue.core.run import EVENTS_PER_FENCE, LEGAL, Run, RunSpec, Status
from retinue.core.thread import Thread
from retinue.core.tools import FunctionTool, NamedTool, Tool, ToolChoice, ToolResources, function_names, kinds_of
from retinue.core.vector_store import FilledStore
from retinue.engine.commands import files, messages, threads
from retinue.engine.engine import Engine
from retinue.engine.outputs import kept
from retinue.store import Scope
from retinue.tools import Toolbox

_LOOKS = (4, 100)
"""How many messages are looked through for one of the user's, the newest first: it is nearly always among the first."""


class RunRequest(Struct, frozen=True, kw_only=True):
    """What a caller asks of a run; None is the assistant's own value."""

    assistant_id: str
    model: str | None = None
    instructions: str | None = None
    additional_instructions: str | None = None
    additional_messages: tuple[Message, ...] = ()
    """Drafts, put at the thread's end before the run."""
    tools: tuple[Tool, ...] | None = None
    tool_resources: ToolResources | None = None
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    temperature: float | None = None
    top_p: float | None = None
    response_format: ResponseFormat | None = None
    reasoning_effort: ReasoningEffort | None = None
    max_prompt_tokens: int | None = None
    max_completion_tokens: int | None = None
    last_messages: int | None = None
    metadata: Metadata = {}


async def create(engine: Engine, caller: Caller, thread_id: str, request: RunRequest) -> Run:
    """Start a run over a thread and return it, queued; raises NotFound, or Locked while another run is live."""
    scope = engine.store.scoped(caller.project)
    thread = await scope.threads.get(thread_id)
    assistant = await scope.assistants.get(request.assistant_id)
    said = [messages.prepare(engine, thread_id, message) for message in request.additional_messages]
    run = await _new_run(engine, caller, thread, assistant, request)
    if not run.spec.instructions and not _has_user(said) and not await _user_spoke(scope, thread):
        raise _nothing_to_do()
    await files.require_named(scope, said, request.tool_resources)
    await scope.runs.create(run, said)
    messages.have_read(engine, said)
    _drive_new(engine, scope, run)
    return run


async def create_with_thread(
    engine: Engine,
    caller: Caller,
    draft: Thread,
    first: tuple[Message, ...],
    request: RunRequest,
    *,
    store: FilledStore | None = None,
) -> tuple[Thread, Run]:
    """Make a thread, perhaps with a vector store, and start a run over it, in one step; return both.

    Raises NotFound.
    """
    scope = engine.store.scoped(caller.project)
    assistant = await scope.assistants.get(request.assistant_id)
    thread = threads.prepare(engine, draft)
    said = [messages.prepare(engine, thread.id, message) for message in first]
    run = await _new_run(engine, caller, thread, assistant, request)
    if not run.spec.instructions and not _has_user(said):
        raise _nothing_to_do()
    await files.require_named(scope, said, request.tool_resources)
    thread = await scope.runs.create(run, said, new_thread=thread, store=threads.new_store(engine, store))
    messages.have_read(engine, said, store)
    _drive_new(engine, scope, run)
    return thread, run


async def modify(engine: Engine, caller: Caller, thread_id: str, run_id: str, metadata: Metadata) -> Run:
    """Give a run other metadata; raises NotFound."""
    scope = engine.store.scoped(caller.project)
    run = await scope.runs.set_metadata(thread_id, run_id, metadata)
    engine.note_metadata(scope, run_id, run_id, metadata)
    return run


async def cancel(engine: Engine, caller: Caller, thread_id: str, run_id: str) -> Run:
    """Ask a live run to end and return it, cancelling; raises NotFound, or InvalidRequest if it has ended."""
    scope = engine.store.scoped(caller.project)
    async with engine.alone_with(scope, run_id):
        run = await scope.runs.ask_to_cancel(thread_id, run_id, check=_check_cancellable)
        await engine.interrupt(scope, run_id, "cancel")
    return run


async def submit_outputs(
    engine: Engine, caller: Caller, thread_id: str, run_id: str, outputs: Mapping[str, str]
) -> History:
    """Hand in what the pending calls came to, all at once, and let the run go on.

    Returns its history, queued. Raises NotFound, or InvalidRequest if the run doesn't wait for just these.
    """
    scope = engine.store.scoped(caller.project)
    told: list[Event] = []

    def decide(history: History) -> RunChange:
        told.clear()
        change, events = accept_outputs(history, stored, at=engine.clock())
        told.extend(events)
        return change

    async with kept(engine.blobs, outputs) as stored, engine.alone_with(scope, run_id):
        history = await scope.runs.decide(thread_id, run_id, decide)
        engine.drive(scope, history, told)
    return history


def _drive_new(engine: Engine, scope: Scope, run: Run) -> None:
    engine.drive(scope, History(run=run), [RunChanged(run.transitions[0].event, run)])


async def _new_run(engine: Engine, caller: Caller, thread: Thread, assistant: Assistant, request: RunRequest) -> Run:
    now = engine.clock()
    await engine.answers.accept(request.response_format or assistant.response_format, project=caller.project)
    file_ids = await _file_ids(engine.store.scoped(caller.project), assistant)
    user = caller.user or thread.metadata.get("user_id") or None
    spec = _spec(assistant, request, file_ids)
    return Run(
        id=new_id("run"),
        thread_id=thread.id,
        branch=thread.head,
        created_at=now,
        expires_at=now + engine.limits.expires_s,
        spec=_with_served(spec, engine.tools, caller.project, user),
        metadata=request.metadata,
    ).moved(Status.QUEUED, at=now, event=EVENTS_PER_FENCE + 1)


async def _file_ids(scope: Scope, assistant: Assistant) -> tuple[str, ...]:
    if not (assistant.files or assistant.tool_resources):
        return ()
    [files] = await scope.assistant_files.of([assistant])
    return tuple(file.file_id for file in files)


def _spec(assistant: Assistant, request: RunRequest, file_ids: tuple[str, ...]) -> RunSpec:
    instructions = request.instructions if request.instructions is not None else assistant.instructions or ""
    if request.additional_instructions:
        instructions = f"{instructions}\n{request.additional_instructions}".lstrip("\n")
    tools = assistant.tools if request.tools is None else request.tools
    _check_choice(request.tool_choice, tools)
    return RunSpec(
        assistant_id=assistant.id,
        model=request.model or assistant.model,
        instructions=instructions,
        tools=tools,
        tool_resources=request.tool_resources or assistant.tool_resources,
        file_ids=file_ids,
        tool_choice=request.tool_choice or "auto",
        parallel_tool_calls=request.parallel_tool_calls is not False,
        temperature=assistant.temperature if request.temperature is None else request.temperature,
        top_p=assistant.top_p if request.top_p is None else request.top_p,
        response_format=request.response_format or assistant.response_format,
        reasoning_effort=request.reasoning_effort or assistant.reasoning_effort,
        max_prompt_tokens=request.max_prompt_tokens,
        max_completion_tokens=request.max_completion_tokens,
        last_messages=request.last_messages,
    )


def _with_served(spec: RunSpec, toolbox: Toolbox, project: str, user: str | None) -> RunSpec:
    """Return what is asked of a run with the functions that run here: what they take and do, the server knows best."""
    served = toolbox.served(project, spec.assistant_id, function_names(spec.tools))
    if not served:
        return spec
    known = {name: toolbox.declaration(name) for name in served}
    tools = tuple(known.get(tool.name, tool) if isinstance(tool, FunctionTool) else tool for tool in spec.tools)
    return structs.replace(spec, tools=tools, served=served, user=user)


def _check_choice(choice: ToolChoice | None, tools: tuple[Tool, ...]) -> None:
    """Refuse a choice that forces what isn't there."""
    wanted = ""
    if choice == "required" and not tools:
        wanted = "'required' needs tools, and this run has none"
    elif isinstance(choice, NamedTool) and choice.name and choice.name not in function_names(tools):
        wanted = f"no function named '{choice.name}' is among the tools of this run"
    elif isinstance(choice, NamedTool) and not choice.name and choice.type not in kinds_of(tools):
        wanted = f"{choice.type} is not among the tools of this run"
    if wanted:
        raise InvalidRequest(f"Invalid 'tool_choice': {wanted}.", param="tool_choice", code="invalid_value")


def _check_cancellable(run: Run) -> None:
    if Status.CANCELLING not in LEGAL[run.status]:
        raise InvalidRequest(f"Cannot cancel run with status '{run.status}'.")


def _has_user(said: Sequence[Message]) -> bool:
    return any(message.role == "user" for message in said)


async def _user_spoke(scope: Scope, thread: Thread) -> bool:
    """Whether the newest messages have one of the user's; a thread with more replies than that is taken to have one."""
    for limit in _LOOKS:
        page = await scope.messages.list(thread.id, PageQuery(limit=limit))
        if _has_user(page.data) or not page.has_more:
            return _has_user(page.data)
    return True


def _nothing_to_do() -> InvalidRequest:
    return InvalidRequest(
        "Run creation requires a Thread with a user message or an assistant with instructions.",
        code="invalid_thread",
    )
