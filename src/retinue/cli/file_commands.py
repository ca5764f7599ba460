"""The commands under `retinue files`."""

from pathlib import Path
from typing import Annotated

import typer

from retinue.cli.options import ConfigOption, DataOption, ProjectOption

files = typer.Typer(
    help="Add documents that assistants can search, list and search them. A server may be serving meanwhile.",
    no_args_is_help=True,
)

StoreOption = Annotated[
    str | None,
    typer.Option("--store", metavar="S", help="The vector store, by id or name; the only one by default."),
]


@files.command()
def add(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files, or folders with all in them.")],
    store: Annotated[
        str | None,
        typer.Option("--store", metavar="S", help="The vector store, by id or name; made where the name is new."),
    ] = None,
    project: ProjectOption = "default",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Add files to a vector store, and wait until each can be searched.

    Skipped, that is not tried: what is there already, unchanged; what is empty or of a type that is not read; and in a
    folder what is hidden or a link. Failed: what was tried and can't be searched; the output says why.

    Exit code: 0 where nothing failed; 1 where some files failed, the others can be searched; 2 where the command could
    not be carried out.
    """
    from retinue.cli.files.add import run_add
    from retinue.cli.files.folder import Folder

    run_add(paths, Folder(project=project, data=data, config=config), store=store)


@files.command("list")
def list_(
    store: Annotated[
        str | None, typer.Option("--store", metavar="S", help="List the files of this vector store, by id or name.")
    ] = None,
    project: ProjectOption = "default",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """List the vector stores, or the files of one; of each that can't be searched, why."""
    from retinue.cli.files.folder import Folder
    from retinue.cli.files.listing import run_list

    run_list(Folder(project=project, data=data, config=config), store=store)


@files.command()
def search(
    question: Annotated[
        list[str], typer.Argument(metavar="QUESTION", help="A question, or some words that the passage has, in quotes.")
    ],
    store: StoreOption = None,
    limit: Annotated[int, typer.Option("--limit", "-n", metavar="N", min=1, max=50, help="Passages at most.")] = 5,
    project: ProjectOption = "default",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Search documents and print the passages that fit best, each with its file, page and score."""
    from retinue.cli.files.folder import Folder
    from retinue.cli.files.results import run_search

    run_search(question, Folder(project=project, data=data, config=config), store=store, limit=limit)


@files.command()
def remove(
    which: Annotated[
        list[str] | None, typer.Argument(metavar="[FILE...]", help="Files by id, name or path; or a folder's path.")
    ] = None,
    store: StoreOption = None,
    all_files: Annotated[bool, typer.Option("--all", help="All files, and the vector store itself.")] = False,
    gone: Annotated[bool, typer.Option("--gone", help="Of a folder, only what is gone from it.")] = False,
    project: ProjectOption = "default",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Take documents out of a vector store; your own files stay where they are.

    What `files add` or `chat -f` uploaded is deleted, unless another vector store holds it too.
    """
    from retinue.cli.files.folder import Folder
    from retinue.cli.files.removal import Which, run_remove

    meant = Which(names=which or (), all_files=all_files, gone=gone)
    run_remove(meant, Folder(project=project, data=data, config=config), store=store)
