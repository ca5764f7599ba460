"""The commands under `retinue tools`."""

from typing import Annotated

import typer

from retinue.cli.options import ConfigOption, ToolsOption

tools = typer.Typer(help="Show the server's own functions, or try one by hand.")


@tools.callback(invoke_without_command=True)
def show(
    context: typer.Context,
    modules: ToolsOption = None,
    config: ConfigOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the server's own functions as models see them, and to whom they are exposed."""
    if context.invoked_subcommand is None:
        from retinue.cli.tools import run_show

        run_show(tuple(modules or ()), config=config, as_json=as_json)


@tools.command()
def call(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The function.")],
    arguments: Annotated[str, typer.Argument(metavar="[JSON]", help="""Its arguments: '{"city": "Oslo"}'.""")] = "{}",
    modules: ToolsOption = None,
    config: ConfigOption = None,
) -> None:
    """Call one as a model would, and print what the model would read."""
    from retinue.cli.tools import run_call

    run_call(name, arguments, tuple(modules or ()), config=config)
