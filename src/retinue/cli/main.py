"""The command `retinue`."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from retinue import __version__
from retinue.cli.file_commands import files
from retinue.cli.key_commands import keys
from retinue.cli.model_commands import models
from retinue.cli.options import ConfigOption, DataOption, ProjectOption, ToolsOption
from retinue.cli.sandbox_commands import sandbox
from retinue.cli.say import say
from retinue.cli.tool_commands import tools as tool_commands

app = typer.Typer(
    name="retinue",
    help="AI assistants on your own machine, behind the API that your code already calls.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain: drawn boxes take as long again as all the rest, and say nothing in 40 columns
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.add_typer(files, name="files")
app.add_typer(keys, name="keys")
app.add_typer(models, name="models")
app.add_typer(sandbox, name="sandbox")
app.add_typer(tool_commands, name="tools")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"retinue {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """AI assistants on your own machine, behind the API that your code already calls."""


def main() -> None:
    """Run the command line; what can't be done is one line and exit code 2."""
    from retinue.core.errors import RetinueError

    os.umask(0o077)  # what people say is nobody else's business: backups and exports too
    try:
        app()
    except RetinueError as error:
        _refuse(error.message)
    except OSError as error:  # every other one is translated where it happens
        _refuse(f"What there is to say could not be written ({error.strerror}).")


def _refuse(sentence: str) -> None:
    say(f"retinue: {sentence}", err=True, colour=typer.colors.RED)
    raise SystemExit(2)


@app.command()
def serve(
    host: Annotated[
        str | None, typer.Option(metavar="H", help="Address to serve on; 127.0.0.1 by default. [RETINUE_HOST]")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(metavar="P", min=0, max=65535, help="Port, 4747 by default; 0 is any free one. [RETINUE_PORT]"),
    ] = None,
    data: DataOption = None,
    config: ConfigOption = None,
    script: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Answer with the rehearsal model, by this script. [RETINUE_SCRIPT]"),
    ] = None,
    tools: ToolsOption = None,
) -> None:
    """Serve the API, from one process and one folder."""
    from retinue.cli.serve import run_server

    run_server(config, host=host, port=port, data=data, script=script, tools=tuple(tools) if tools else None)


@app.command()
def chat(
    prompt: Annotated[
        str | None,
        typer.Argument(help="A question to answer, and that's all. Without one a conversation begins."),
    ] = None,
    model: Annotated[str | None, typer.Option("--model", "-m", metavar="M", help="What answers.")] = None,
    system: Annotated[str | None, typer.Option("--system", "-s", metavar="TEXT", help="Instructions.")] = None,
    assistant: Annotated[
        str | None,
        typer.Option("--assistant", "-a", metavar="A", help="Whom to talk to: an id or a name. [RETINUE_ASSISTANT]"),
    ] = None,
    go_on: Annotated[bool, typer.Option("--continue", "-c", help="Go on with the last thread.")] = False,
    thread: Annotated[str | None, typer.Option(metavar="ID", help="Go on with this thread.")] = None,
    files: Annotated[
        list[Path] | None,
        typer.Option("--files", "-f", metavar="PATH", help="Answer from this file or folder; may be repeated."),
    ] = None,
    store: Annotated[
        str | None, typer.Option(metavar="S", help="Answer from this vector store, by id or name: see retinue files.")
    ] = None,
    code: Annotated[
        bool, typer.Option("--code", help="Let the model run code; with -f it may on .csv, .tsv, .xlsx anyway.")
    ] = False,
    save: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Save the charts and files of the answer there.")
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="For screen readers: whole sentences, no colours, nothing drawn anew.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as a line of JSON, for programs.")] = False,
    project: ProjectOption = "default",
    data: DataOption = None,
    config: ConfigOption = None,
    tools: ToolsOption = None,
) -> None:
    """Talk to a model or an assistant; ask one question, or pipe something in.

    \b
    retinue chat                                a conversation; /help inside
    retinue chat "What is a run?"               one answer
    cat notes.txt | retinue chat "shorten"      with a file
    retinue chat -f docs "How much is it?"      from your documents
    retinue chat -f sales.csv "Plot it"         by code; --save . keeps the chart
    retinue chat -m gpt-4o -s "Be brief"        another model, instructions
    retinue chat -c                             go on where you left
    """
    from retinue.cli.chat.command import run_chat

    wish: dict[str, Any] = {"model": model, "system": system, "assistant": assistant, "last": go_on, "thread": thread}
    wish |= {"files": tuple(files or ()), "store": store, "code": code}
    places = {"data": data, "config": config, "tools": tuple(tools) if tools else None}
    run_chat(prompt, wish={**wish, "project": project}, places=places, plain=plain, as_json=as_json, save=save)


@app.command()
def config(
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
    example: Annotated[
        bool, typer.Option("--example", help="Print a commented retinue.toml with every setting.")
    ] = False,
    env_example: Annotated[bool, typer.Option("--env-example", help="Print a commented .env.")] = False,
) -> None:
    """Show the settings in force, each with its source. Secrets are masked. Or show an example of a file."""
    from retinue.cli.config import run_config, run_example

    if example or env_example:
        run_example(variables=env_example)
    else:
        run_config(config, data=data, as_json=as_json)


@app.command()
def demo() -> None:
    """Show the whole job by itself. An assistant, two functions called side by side, a streamed run, its cost."""
    from retinue.cli.demo import run_demo

    run_demo()


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The archive to write, such as retinue-backup.tar.gz.")],
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Write all that is stored into one archive. A server may be serving meanwhile."""
    from retinue.cli.backup import run_backup

    run_backup(file, data=data, config=config)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="An archive that `retinue backup` wrote.")],
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Put an archive's content into a data folder that is empty or new."""
    from retinue.cli.backup import run_restore

    run_restore(file, data=data, config=config)


@app.command("import")
def import_(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Dumps: JSON, JSON lines or what Python prints; - is stdin.")
    ],
    project: ProjectOption = "default",
    data: DataOption = None,
    config: ConfigOption = None,
    errors: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write every bad record into this file, a line each.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="List every bad record.")] = False,
) -> None:
    """Take over assistants, threads, messages and runs. As the official client dumped them, with their ids."""
    from retinue.cli.transfer import run_import

    run_import(files, project=project, data=data, config=config, errors=errors, verbose=verbose)


@app.command()
def export(
    file: Annotated[str, typer.Argument(metavar="[FILE]", help="The file to write; - is standard output.")] = "-",
    project: ProjectOption = "default",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Write assistants, threads, messages and runs as JSON lines. That is what `retinue import` takes."""
    from retinue.cli.transfer import run_export

    run_export(file, project=project, data=data, config=config)


@app.command()
def version() -> None:
    """Print the version."""
    _print_version(True)
