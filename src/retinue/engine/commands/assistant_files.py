"""Verbs for assistants with their files as one list, as v1 clients have them."""

from collections.abc import Callable, Sequence

from msgspec import structs

from retinue.core.assistant import Assistant, AttachedFile
from retinue.core.assistant_files import MAX_FILES
from retinue.core.caller import Caller
from retinue.core.errors import InvalidRequest, NotFound
from retinue.core.ids import new_id
from retinue.engine.commands import assistants
from retinue.engine.engine import Engine

Files = tuple[AttachedFile, ...]


async def create(engine: Engine, caller: Caller, draft: Assistant, file_ids: Sequence[str]) -> Assistant:
    """Store a new assistant whose hosted tools all get these files; return it with them."""
    await engine.answers.accept(draft.response_format, project=caller.project)
    now = engine.clock()
    assistant = structs.replace(draft, id=new_id("asst"), created_at=now)
    files = tuple(AttachedFile(file_id=id_, attached_at=now) for id_ in dict.fromkeys(file_ids))
    made = await engine.store.scoped(caller.project).assistant_files.insert(assistant, files)
    engine.jobs_added.set()
    return made


async def modify(
    engine: Engine,
    caller: Caller,
    assistant_id: str,
    change: Callable[[Assistant], Assistant],
    file_ids: Sequence[str] | None,
) -> tuple[Assistant, Files]:
    """Change an assistant, and its files if any are given; return both. Raises NotFound."""
    now = engine.clock()
    await assistants.accept_format(engine, caller, assistant_id, change)

    def make(assistant: Assistant, files: Files) -> tuple[Assistant, Files]:
        if file_ids is None:
            return change(assistant), files
        there = {file.file_id: file for file in files}
        wanted = dict.fromkeys(file_ids)
        return change(assistant), tuple(there.get(id_) or AttachedFile(file_id=id_, attached_at=now) for id_ in wanted)

    changed = await engine.store.scoped(caller.project).assistant_files.change(assistant_id, make)
    engine.jobs_added.set()
    return changed


async def attach(engine: Engine, caller: Caller, assistant_id: str, file_id: str) -> AttachedFile:
    """Add a file to the assistant's; one that it has stays as it is. Raises NotFound, InvalidRequest if it has 20."""
    attached = AttachedFile(file_id=file_id, attached_at=engine.clock())

    def make(assistant: Assistant, files: Files) -> tuple[Assistant, Files]:
        if any(file.file_id == file_id for file in files):
            return assistant, files
        if len(files) >= MAX_FILES:
            raise InvalidRequest(
                f"An assistant has at most {MAX_FILES} files. Detach one first.", param="file_id", code="invalid_value"
            )
        return assistant, (*files, attached)

    _, files = await engine.store.scoped(caller.project).assistant_files.change(assistant_id, make)
    engine.jobs_added.set()
    return next(file for file in files if file.file_id == file_id)


async def detach(engine: Engine, caller: Caller, assistant_id: str, file_id: str) -> None:
    """Take a file from the assistant's; the file itself stays. Raises NotFound."""

    def make(assistant: Assistant, files: Files) -> tuple[Assistant, Files]:
        left = tuple(file for file in files if file.file_id != file_id)
        if len(left) == len(files):
            raise NotFound("assistant file", file_id)
        return assistant, left

    await engine.store.scoped(caller.project).assistant_files.change(assistant_id, make)
