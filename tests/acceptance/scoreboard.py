"""The page docs/conformance.md: operation by operation, client by client, made from what was answered."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from acceptance.matrix import Matrix
from acceptance.operations import LACKS, OPERATIONS, Operation, lack
from acceptance.programs import programs_of
from acceptance.sdks import MATRIX, ROOT, Client

TEMPLATE = ROOT / "docs" / "conformance.in.md"
PAGE = ROOT / "docs" / "conformance.md"

CALLED, LACKING, MISSING = "✓", "–", "✗"


@dataclass(frozen=True)
class Results:
    """What came of one client's programs, all of which passed."""

    operations: frozenset[Operation]
    skipped: tuple[str, ...]
    """Parts of programs that its package has no method for."""


def results(matrix: Matrix) -> dict[Client, Results]:
    """Wait for every client. Raises what kept a program from its end."""
    found = {}
    for client in MATRIX:
        skipped = [part for program in programs_of(client) for part in matrix.skipped(client, program)]
        found[client] = Results(matrix.operations(client), tuple(skipped))
    return found


def faults(board: Mapping[Client, Results]) -> list[str]:
    """What keeps the board from being whole: cells without a call, and dashes beside a call."""
    return [
        f"{client}: {operation} was {'called, though it can not be' if called else 'not called with success'}"
        for client in board
        for operation in OPERATIONS
        if (called := operation in board[client].operations) == (lack(client, operation) is not None)
    ]


def page(board: Mapping[Client, Results], template: str | None = None) -> str:
    """Return the page's text."""
    text = TEMPLATE.read_text("utf-8") if template is None else template
    made = {"clients": _clients(board), "operations": _operations(board), "dashes": _dashes()}
    for name, lines in made.items():
        text = text.replace(f"<!-- {name} -->", "\n".join(lines))
    return text


def write(board: Mapping[Client, Results], target: Path = PAGE) -> None:
    """Write the page."""
    target.write_text(page(board), "utf-8")


def _clients(board: Mapping[Client, Results]) -> Iterator[str]:
    yield from _head(["client", "Assistants", "programs", "left out"])
    for client in board:
        programs = [program.source.stem.replace("_", " ") for program in programs_of(client)]
        without = [f"{name}: {why}" for name, why in client.without.items()]
        left_out = [*without, *board[client].skipped]
        yield _row([client.name, client.generation, f"{len(programs)}: {', '.join(programs)}", "; ".join(left_out)])


def _operations(board: Mapping[Client, Results]) -> Iterator[str]:
    names = [client.name.replace(" ", "<br>") for client in board]
    ordered = sorted(OPERATIONS, key=lambda each: _GROUPS.index(each.group))
    yield from _head(["operation", *names])
    for group, operations in groupby(ordered, key=lambda each: each.group):
        yield _row([f"**{group}**", *("" for _ in names)])
        for operation in operations:
            yield _row([f"{operation}", *(_cell(client, operation, board[client]) for client in board)])


def _dashes() -> Iterator[str]:
    for each in LACKS:
        names = ", ".join(client.name for client in MATRIX if client.name in each.clients)
        yield f"- {', '.join(_short(each.operations))}: {each.why} ({names})"


def _short(operations: Iterable[Operation]) -> list[str]:
    """The names of operations, a whole group by the group's."""
    given = set(operations)
    shown = []
    for group in _GROUPS:
        rows = [each for each in OPERATIONS if each.group == group]
        shown += [group] if given.issuperset(rows) else [str(each) for each in rows if each in given]
    return shown


def _cell(client: Client, operation: Operation, found: Results) -> str:
    if operation in found.operations:
        return CALLED
    return LACKING if lack(client, operation) else MISSING


def _head(cells: list[str]) -> list[str]:
    return [_row(cells), _row(["---", *(":-:" if len(cells) > 5 else "---" for _ in cells[1:])])]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


_GROUPS = (
    "Assistants",
    "Threads",
    "Messages",
    "Runs",
    "Run steps",
    "Assistants v1 alone",
    "Files",
    "Uploads",
    "Vector stores",
    "Containers",
    "Chat completions",
    "Completions",
    "Embeddings",
    "Moderations",
    "Models",
)
