"""The commands under `retinue sandbox`."""

from typing import Annotated

import typer

from retinue.cli.options import ConfigOption

sandbox = typer.Typer(help="Run models' code for servers on other machines.", no_args_is_help=True)


@sandbox.callback()
def group() -> None:
    """Run models' code for servers on other machines."""


@sandbox.command()
def serve(
    host: Annotated[str, typer.Option(metavar="H", help="Address to serve on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="P", min=0, max=65535, help="Port; 0 is any free one.")] = 4748,
    sessions: Annotated[
        int, typer.Option(metavar="N", min=1, max=10_000, help="How many sessions may be alive at once.")
    ] = 100,
    idle: Annotated[
        float, typer.Option(metavar="S", min=1, help="Seconds after its last call at which a session is ended.")
    ] = 1_800.0,
    config: ConfigOption = None,
) -> None:
    """Run code for Retinue servers that have the key of this runner: the variable RETINUE_RUNNER_KEY of both."""
    from retinue.cli.sandbox import run_serve

    run_serve(host, port, sessions=sessions, idle_s=idle, config=config)
