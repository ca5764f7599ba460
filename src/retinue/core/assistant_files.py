"""An assistant's files as its two generations see them: one list (v1), or what each hosted tool may use (v2)."""

from collections.abc import Sequence

from msgspec import structs

from retinue.core.assistant import Assistant, AttachedFile
from retinue.core.tools import CodeInterpreterTool, FileSearchTool, ToolResources

MAX_FILES = 20  # contract: "Limits", of a v1 assistant
MAX_MESSAGE_FILES = 10  # the same, of a v1 message


def searched_stores(assistant: Assistant) -> tuple[str, ...]:
    """Return the ids of the vector stores that the assistant searches."""
    return (assistant.tool_resources and assistant.tool_resources.file_search) or ()


def listed(assistant: Assistant, searched: Sequence[AttachedFile]) -> tuple[AttachedFile, ...]:
    """Return the files as a v1 client sees them; `searched` are those of the assistant's vector stores.

    What a v1 client attached comes first, in its order, as far as a tool still has it; then what v2 clients added.
    """
    if not any(isinstance(tool, CodeInterpreterTool | FileSearchTool) for tool in assistant.tools):
        return assistant.files
    mounted = (assistant.tool_resources and assistant.tool_resources.code_interpreter) or ()
    used = {id_: AttachedFile(file_id=id_, attached_at=assistant.created_at) for id_ in mounted}
    used |= {file.file_id: file for file in searched if file.file_id not in used}
    kept = {file.file_id: file for file in assistant.files if file.file_id in used}
    return tuple({**kept, **{id_: file for id_, file in used.items() if id_ not in kept}}.values())


def spread(assistant: Assistant, files: Sequence[AttachedFile], *, own_store: str) -> Assistant:
    """Return the assistant with these files, and no others, for each of its hosted tools.

    `own_store` is the id of the vector store that is the assistant's alone, or is to become it: one that a v2 client
    made may serve other assistants too, and is not changed but left.
    """
    ids = tuple(file.file_id for file in files)
    runs_code = any(isinstance(tool, CodeInterpreterTool) for tool in assistant.tools)
    searches = bool(ids) and any(isinstance(tool, FileSearchTool) for tool in assistant.tools)
    resources = ToolResources(
        code_interpreter=ids if runs_code else None,
        file_search=(own_store,) if searches else None,
    )
    return structs.replace(assistant, files=tuple(files), tool_resources=resources)
