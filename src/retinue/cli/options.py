"""Options that several commands take."""

from pathlib import Path
from typing import Annotated

import typer

DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        help="Folder of the database and the files; ~/.local/share/retinue by default. [RETINUE_DATA]",
    ),
]

ProjectOption = Annotated[
    str, typer.Option("--project", metavar="NAME", help="The project whose assistants, threads and runs are meant.")
]

ToolsOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--tools",
        metavar="FILE",
        help="A Python file, or package.module, whose @tool functions assistants may use; may be repeated. "
        "[tools] modules",
    ),
]

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="Settings; ./retinue.toml by default, else ~/.config/retinue/retinue.toml. [RETINUE_CONFIG]",
    ),
]
