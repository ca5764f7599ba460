"""The end of a process in which functions of the user's may still be at work: nobody can stop a thread."""

import contextlib
import os
import threading

import typer


def leave_within(seconds: float, *, code: int, say: str | None = None, err: bool = False) -> None:
    """End the process with this code, and a last line, if it has not ended by itself until then."""

    def leave() -> None:
        if say:
            with contextlib.suppress(ValueError, OSError):  # a function has closed standard output; nobody reads it
                typer.echo(say, err=err)
        os._exit(code)

    leaving = threading.Timer(seconds, leave)
    leaving.daemon = True
    leaving.start()
