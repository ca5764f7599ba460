"""A cell: what a model wrote, run in the session's own module, its last value shown."""

import ast
import linecache
import sys
import traceback
from typing import Any

from retinue.sandbox.inside.places import moved

NAME = "<cell {}>"
_MOST_SHOWN = 100_000  # characters of a value's repr


class Cells:
    """Runs one cell after another; what one defines the next ones have."""

    def __init__(self, data: str) -> None:
        """`data` is where `/mnt/data` lies."""
        self._data = data
        module = type(sys)("__main__")
        sys.modules["__main__"] = module  # where pickle looks for what cells define
        self._names: dict[str, Any] = module.__dict__
        self._number = 0

    def run(self, code: str) -> None:
        """Run a cell and print the value of its last expression, unless that is None; raises what the cell raises."""
        self._number += 1
        name = NAME.format(self._number)
        # tracebacks show the cell's lines as they do a file's
        linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
        tree = moved(ast.parse(code, name), self._data)
        last = tree.body[-1] if tree.body else None
        if isinstance(last, ast.Expr):
            tree.body.pop()
        exec(compile(tree, name, "exec"), self._names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), name, "eval"), self._names)
            if value is not None:
                self._names["_"] = value
                print(_shown(value))  # noqa: T201


def told(problem: BaseException) -> str:
    """Return a traceback of the model's own code alone: neither what runs it nor what its libraries do is shown."""
    told = traceback.TracebackException.from_exception(problem)
    _keep_own(told)
    return "".join(told.format())


def _keep_own(told: traceback.TracebackException) -> None:
    told.stack = traceback.StackSummary.from_list([frame for frame in told.stack if frame.filename.startswith("<cell")])
    for other in (told.__cause__, told.__context__, *(getattr(told, "exceptions", None) or ())):
        if other is not None:
            _keep_own(other)


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= _MOST_SHOWN else f"{shown[:_MOST_SHOWN]}... ({len(shown):,} characters)"
