"""The commands under `retinue models`."""

from typing import Annotated

import typer

from retinue.cli.options import ConfigOption, DataOption

models = typer.Typer(
    help="List what models there are. How much they read and what they cost; find out what a provider takes.",
    invoke_without_command=True,
)


@models.callback()
def list_(
    context: typer.Context,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List what models there are. How much they read and what they cost; find out what a provider takes."""
    if context.invoked_subcommand is None:
        from retinue.cli.models import run_models

        run_models(data=data, config=config, as_json=as_json)


@models.command()
def probe(
    provider: Annotated[
        str | None, typer.Argument(help="The provider, as the settings name it; the first one by default.")
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", metavar="M", help="Its name for a model; its default one, or the first.")
    ] = None,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Find out by a few tiny requests what a provider takes for a model, and keep it for the server."""
    from retinue.cli.probe import run_probe

    run_probe(provider, model, data=data, config=config)
