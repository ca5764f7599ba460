"""Loads the modules that users keep their functions in."""

import contextlib
import hashlib
import importlib
import importlib.util
import sys
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import structlog

from retinue.core.errors import NotStarted
from retinue.tools.declaration import Tool

log = structlog.get_logger()


def load_tools(modules: Iterable[Path]) -> list[Tool[..., Any]]:
    """Return the functions made with `@tool` in these modules: files, or dotted names such as `package.module`.

    One that is imported from a module into another is one function. Raises NotStarted.
    """
    found: list[Tool[..., Any]] = []
    for path in modules:
        tools = [value for value in vars(_loaded(path)).values() if isinstance(value, Tool)]
        if not tools:
            raise NotStarted(f"{path} has no function for assistants: put @tool (from retinue.tools) on one.")
        found += [tool for tool in tools if all(tool is not other for other in found)]
    return found


def _loaded(path: Path) -> ModuleType:
    is_file = path.suffix == ".py" or path.exists() or len(path.parts) > 1
    if is_file and not path.is_file():
        raise NotStarted(f"There is no file {path} to load functions from.")
    with _importable(path.resolve().parent if is_file else Path.cwd()):
        try:
            return _load_file(path.resolve()) if is_file else importlib.import_module(str(path))
        except (Exception, SystemExit) as error:
            log.debug("a module of functions could not be loaded", module=str(path), exc_info=True)
            raise NotStarted(f"{path} can't be loaded: {_why(error, path)}") from error


def _load_file(file: Path) -> ModuleType:
    # two folders may have files of one name, and a file may be called as a module of Python's own
    name = f"tools_{hashlib.sha256(str(file).encode()).hexdigest()[:8]}_{file.stem}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError("it is no Python file; its name must end in .py")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


@contextlib.contextmanager
def _importable(folder: Path) -> Iterator[None]:
    """Let a module import its neighbours: first of all while it is loaded, and last of all when it is called."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        if str(folder) not in sys.path:
            sys.path.append(str(folder))


def _why(error: BaseException, path: Path) -> str:
    """One sentence, with the place in the user's own file where there is one."""
    said = f"{type(error).__name__}: {error}".splitlines()[0]
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg} ({error.filename}:{error.lineno})."
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename) == path.resolve()]
    outer = [frame for frame in frames if "importlib" not in frame.filename and frame.filename != __file__]
    place = next(reversed(own or outer), None)
    return f"{said} ({place.filename}:{place.lineno})." if place else f"{said}."
