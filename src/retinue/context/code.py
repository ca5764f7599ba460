"""What a model is told of its code beside what that printed: the files it can read, what it drew and wrote."""

from collections.abc import Sequence

from retinue.core.container_paths import FOLDER, mounted_paths
from retinue.core.errors import NotFound
from retinue.core.item import ToolOutput
from retinue.core.links import link_to
from retinue.core.run import Run
from retinue.core.tools import CodeInterpreterTool, given_to_code
from retinue.store import Scope

MOST_NAMES = 50
"""Files that are named at once."""


def told_of(output: ToolOutput) -> str:
    """Return what the model reads of a call that ran code."""
    lines = [output.output or "(no output)", *output.notes]
    if output.charts:
        lines.append(f"[Shown to the user: {_counted(len(output.charts), 'chart')}]")
    if output.files:
        links = [link_to(file.path) for file in output.files[:MOST_NAMES]]
        lines.append(f"[Written, to be linked: {', '.join(links)}{_more(len(output.files))}]")
    return "\n".join(lines)


async def files_for(scope: Scope, run: Run) -> list[str]:
    """Return the paths below `/mnt/data` of the files that the run's code is given; none where it may not run code."""
    if not any(isinstance(tool, CodeInterpreterTool) for tool in run.spec.tools):
        return []
    try:
        thread = await scope.threads.get(run.thread_id)
    except NotFound:  # deleted meanwhile, and the run with it
        return []
    ids, _ = given_to_code(run.spec.tool_resources, thread.tool_resources)
    names = await scope.files.names(ids) if ids else {}
    return list(mounted_paths([(id_, names[id_]) for id_ in ids if id_ in names]).values())


def named(paths: Sequence[str]) -> str:
    """Return the paragraph that names the files to the model. Names are data: quoted, and on one line."""
    listed = ", ".join(map(repr, paths[:MOST_NAMES]))
    return f"Files that the user has given for your code lie in {FOLDER}: {listed}{_more(len(paths))}."


def _more(count: int) -> str:
    return f" and {count - MOST_NAMES:,} more" if count > MOST_NAMES else ""


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
