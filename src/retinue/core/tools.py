"""Tools as they are declared on an assistant or a run."""

from collections.abc import Sequence
from typing import Any, Literal

from msgspec import Struct, structs

MAX_MOUNTED = 1_000
"""Files of a thread for its code interpreter, by whatever way they came: a container holds no more."""
MAX_GIVEN = 100
"""Files of these, and of its assistant, that a run's code finds: each may name 20, and messages bring more."""


class FunctionTool(Struct, frozen=True, kw_only=True, tag="function"):
    """A function that the client runs, unless settings expose one on the server."""

    name: str
    description: str | None = None
    parameters: dict[str, Any] | None = None
    """JSON Schema of the arguments."""
    strict: bool | None = None


class CodeInterpreterTool(Struct, frozen=True, kw_only=True, tag="code_interpreter"):
    """The hosted Python interpreter."""


class RankingOptions(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How file search ranks; the values that the hosted service filled in are the defaults."""

    score_threshold: float
    ranker: str = "default_2024_08_21"
    hybrid_search: dict[str, float] | None = None


class FileSearchTool(Struct, frozen=True, kw_only=True, tag="file_search"):
    """The hosted search over vector stores."""

    max_num_results: int | None = None
    ranking_options: RankingOptions | None = None


Tool = FunctionTool | CodeInterpreterTool | FileSearchTool


class NamedTool(Struct, frozen=True, kw_only=True):
    """A tool that the model must call."""

    type: Literal["function", "code_interpreter", "file_search"]
    name: str | None = None
    """Set for functions only."""


ToolChoice = Literal["none", "auto", "required"] | NamedTool


class ToolResources(Struct, frozen=True, kw_only=True):
    """The files and vector stores that hosted tools may use; None where the caller named none."""

    code_interpreter: tuple[str, ...] | None = None
    """File ids."""
    file_search: tuple[str, ...] | None = None
    """Vector store ids."""


def searching(resources: ToolResources | None, store: str) -> ToolResources:
    """Return what hosted tools may use, with this vector store for file search."""
    mounted = None if resources is None else resources.code_interpreter
    return ToolResources(code_interpreter=mounted, file_search=(store,))


def with_mounted(resources: ToolResources | None, files: Sequence[str]) -> ToolResources | None:
    """Return what hosted tools may use, with these files for the code interpreter; of too many, the newest."""
    if not files:
        return resources
    before = resources or ToolResources()
    mounted = tuple(dict.fromkeys((*(before.code_interpreter or ()), *files)))[-MAX_MOUNTED:]
    return structs.replace(before, code_interpreter=mounted)


def given_to_code(run: ToolResources | None, thread: ToolResources | None) -> tuple[list[str], int]:
    """Return the ids of the files that a run's code is given, and how many there are beside them.

    Its own come first, which it has from its assistant, then its thread's: of too many of these the newest.
    """
    own = dict.fromkeys(run.code_interpreter or () if run else ())
    brought = [id_ for id_ in (thread.code_interpreter or () if thread else ()) if id_ not in own]
    first = list(own)[:MAX_GIVEN]
    ids = first + brought[len(brought) - min(len(brought), MAX_GIVEN - len(first)) :]
    return ids, len(own) + len(brought) - len(ids)


def searched(*resources: ToolResources | None) -> list[str]:
    """Return the ids of the vector stores that any of these name for file search."""
    return [store for each in resources if each for store in each.file_search or ()]


def kinds_of(tools: tuple[Tool, ...]) -> set[str]:
    """Return the kinds of the declared tools, as the API names them."""
    return {str(tool.__struct_config__.tag) for tool in tools}


def function_names(tools: tuple[Tool, ...]) -> list[str]:
    """Return the names of the declared functions, in order."""
    return [tool.name for tool in tools if isinstance(tool, FunctionTool)]
