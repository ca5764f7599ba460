"""The commands under `retinue keys`."""

from typing import Annotated

import typer

from retinue.cli.options import ConfigOption, DataOption, ProjectOption

keys = typer.Typer(
    help="Make, list and revoke the keys that a server asks for. They count at once, also while it serves.",
    no_args_is_help=True,
)


@keys.command()
def create(
    name: Annotated[str, typer.Argument(help="What to call the key, such as ci; shown in the list.")] = "",
    project: ProjectOption = "default",
    data: DataOption = None,
    config: ConfigOption = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the key alone, for scripts.")] = False,
) -> None:
    """Make a key and print it: this once, for only a hash of it is stored."""
    from retinue.cli.keys import run_create

    run_create(name, project, data=data, config=config, quiet=quiet)


@keys.command("list")
def list_(
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List all keys, revoked ones too, the oldest first; of each, how it begins."""
    from retinue.cli.keys import run_list

    run_list(data=data, config=config, as_json=as_json)


@keys.command()
def revoke(
    key: Annotated[str, typer.Argument(metavar="KEY", help="The key's id, or its name if only one key bears it.")],
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Revoke a key, for good. When the last one is revoked nobody gets in until another is made."""
    from retinue.cli.keys import run_revoke

    run_revoke(key, data=data, config=config)
