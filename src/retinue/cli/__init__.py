"""The terminal's commands. Each imports what it needs when it is called: `retinue --help` must come at once."""

from retinue.cli.main import main

__all__ = ["main"]
