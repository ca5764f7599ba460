"""The house keeps its floors: imports point down, and concrete back ends are known to the app alone."""

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "retinue"

FLOORS = {
    "core": 0,
    "system": 0,
    "store": 1,
    "blobs": 1,
    "jobs": 1,
    "models": 1,
    "schemas": 1,
    "sandbox": 1,
    "knowledge": 2,
    "tools": 3,
    "context": 3,
    "engine": 4,
    "gateway": 5,
    "api": 6,
    "channels": 6,
    "web": 6,
    "app": 7,
    "cli": 8,
    "embed": 8,
    "__main__": 9,
}
# Rooms off the stairs: what each may import (`*` is everything), and who may import it. "" is `retinue` itself.
BESIDE_MAY_IMPORT = {"": set(), "client": {"core"}, "settings": {"core"}, "testing": {"*"}}
BESIDE_SERVES = {"": {"*"}, "client": {"cli", "embed"}, "settings": {"app", "cli", "embed"}, "testing": set[str]()}

BACK_ENDS = (
    "retinue.store.sqlite",
    "retinue.store.postgres",
    "retinue.blobs.folder",
    "retinue.blobs.memory",
    "retinue.jobs.embedded",
    "retinue.models.openai",
    "retinue.models.rehearsal",
    "retinue.models.discover",
    "retinue.models.routing.router",
    "retinue.tools.registry",
    "retinue.knowledge.embedders",
    "retinue.knowledge.embedding",
    "retinue.knowledge.fusion",
    "retinue.knowledge.index",
    "retinue.knowledge.ingest",
    "retinue.knowledge.loading",
    "retinue.knowledge.reading",
    "retinue.knowledge.search",
    "retinue.knowledge.service",
    "retinue.knowledge.words",
    "retinue.sandbox.fork_server",
    "retinue.sandbox.remote.door",
    "retinue.sandbox.remote.runner",
    "retinue.sandbox.remote.runners",
    "retinue.sandbox.remote.session",
    "retinue.sandbox.remote.streamed",
)
PUTS_TOGETHER = {"app", "testing"}

IO_MODULES = {
    "asyncio",
    "concurrent",
    "http",
    "multiprocessing",
    "select",
    "selectors",
    "socket",
    "sqlite3",
    "ssl",
    "subprocess",
    "threading",
    "urllib",
}


@dataclass(frozen=True, kw_only=True)
class Module:
    """A source file under its dotted name."""

    name: str
    source: str
    is_package: bool = False

    @property
    def room(self) -> str:
        return room_of(self.name)


@dataclass(frozen=True, kw_only=True)
class Import:
    """One imported module, named in full, and where."""

    target: str
    line: int
    in_function: bool


def test_the_house_keeps_its_floors() -> None:
    assert breaches(modules_under(SOURCE)) == []


def test_a_serving_process_pays_for_one_http_client_alone() -> None:
    """aiohttp serves the provider of tests, and takes 8 MB: a server that has runners alone loads it."""
    modules = {
        module.name
        for module in modules_under(SOURCE)
        for imported in imports_of(module, ast.parse(module.source), set())
        if top_of(imported.target) == "aiohttp"
    }
    with_runners = {"retinue.sandbox.remote.runner", "retinue.sandbox.remote.runners"}
    assert {room_of(name) for name in modules - with_runners} == {"testing"}
    assert [*who_loads(with_runners | {"retinue.sandbox.remote.session"})] == []


def who_loads(names: set[str]) -> Iterator[str]:
    """Yield the modules beside these that load one of them as they are loaded themselves."""
    for module in modules_under(SOURCE):
        for imported in imports_of(module, ast.parse(module.source), names):
            if imported.target in names and not imported.in_function and module.name not in names:
                yield module.name


def modules_under(root: Path) -> Iterator[Module]:
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root.parent).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        yield Module(name=name, source=path.read_text(encoding="utf-8"), is_package=is_package)


def breaches(modules: Iterable[Module]) -> list[str]:
    """Return every breach of the house's rules as `module:line: what is wrong`."""
    house = list(modules)
    names = {module.name for module in house}
    return [f"{module.name}:{line}: {what}" for module in house for line, what in breaches_in(module, names)]


def breaches_in(module: Module, names: set[str]) -> Iterator[tuple[int, str]]:
    tree = ast.parse(module.source)
    if module.room not in FLOORS and module.room not in BESIDE_MAY_IMPORT:
        yield 1, f"'{module.room}' has no floor"
        return
    for imported in imports_of(module, tree, names):
        for what in wrongs_of(module, imported):
            yield imported.line, what
    for node in ast.walk(tree):
        if names_type_checking(node):
            yield line_of(node), "TYPE_CHECKING is no way around a floor"
        if module.room == "core" and isinstance(node, ast.AsyncFunctionDef | ast.Await):
            yield node.lineno, "core has no async"


def wrongs_of(module: Module, imported: Import) -> Iterator[str]:
    target = imported.target
    if top_of(target) != "retinue":
        if module.room == "core":
            yield from wrongs_in_core(target)
        return
    if imported.in_function and not may_wait(module, target):
        yield f"{target} is imported inside a function"
    if not may_import(module.room, room_of(target)):
        yield f"{module.room or 'retinue'} may not import {room_of(target) or 'retinue'} ({target})"
    elif (back_end := back_end_of(target)) and not may_know(module, back_end):
        yield f"only the app may import the back end {back_end}"


def wrongs_in_core(target: str) -> Iterator[str]:
    top = top_of(target)
    if top in IO_MODULES:
        yield f"core does no I/O ({target})"
    elif top != "msgspec" and top not in sys.stdlib_module_names:
        yield f"core imports the standard library and msgspec alone ({target})"


def may_import(room: str, target: str) -> bool:
    if room == target:
        return True
    if room in BESIDE_MAY_IMPORT:
        return not BESIDE_MAY_IMPORT[room].isdisjoint({target, "*"})
    if target in BESIDE_SERVES:
        return not BESIDE_SERVES[target].isdisjoint({room, "*"})
    return target not in FLOORS or FLOORS[target] < FLOORS[room]


def may_wait(module: Module, target: str) -> bool:
    """Whether it may be imported when it is first needed: for commands, for a server that never sees a document,
    which has no use for 60 MB of libraries, and for one that has no runners, for 8 MB of an HTTP client."""
    waits = room_of(target) == "knowledge" or target == "retinue.sandbox.remote.runners"
    return module.room == "cli" or (module.room == "app" and waits)


def may_know(module: Module, back_end: str) -> bool:
    """Back ends of one seam may build on each other; its `__init__` and `base` must not know them."""
    if module.room in PUTS_TOGETHER:
        return True
    own = back_end_of(module.name)
    return own is not None and room_of(own) == room_of(back_end)


def back_end_of(name: str) -> str | None:
    return next((end for end in BACK_ENDS if name == end or name.startswith(f"{end}.")), None)


def imports_of(module: Module, tree: ast.Module, names: set[str]) -> Iterator[Import]:
    for node, in_function in statements(tree):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            origin = origin_of(module, node)
            submodules = [f"{origin}.{alias.name}" for alias in node.names]
            # `from retinue.store import sqlite` brings in a module, `from retinue.store import Store` only a name.
            targets = [name if name in names else origin for name in submodules]
        else:
            continue
        for target in dict.fromkeys(targets):
            yield Import(target=target, line=node.lineno, in_function=in_function)


def origin_of(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = module.name.split(".") if module.is_package else module.name.split(".")[:-1]
    return ".".join([*package[: len(package) - node.level + 1], *filter(None, [node.module])])


def statements(node: ast.AST, *, in_function: bool = False) -> Iterator[tuple[ast.AST, bool]]:
    """Yield each node below `node`, and whether it stands inside a function."""
    for child in ast.iter_child_nodes(node):
        yield child, in_function
        inside = in_function or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
        yield from statements(child, in_function=inside)


def names_type_checking(node: ast.AST) -> bool:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
            return name == "TYPE_CHECKING"
    return False


def line_of(node: ast.AST) -> int:
    return getattr(node, "lineno", 1)


def top_of(name: str) -> str:
    return name.partition(".")[0]


def room_of(name: str) -> str:
    """Return the package or module right under `retinue`; of `retinue` itself, ""."""
    return name.split(".")[1] if "." in name else ""


# The checker, tried on small houses: what is allowed, and each way of breaking a rule.

STANDING = [
    Module(name="retinue", source="", is_package=True),
    Module(name="retinue.core", source="", is_package=True),
    Module(name="retinue.core.run", source=""),
    Module(name="retinue.store", source="", is_package=True),
    Module(name="retinue.store.base", source=""),
    Module(name="retinue.store.sqlite", source=""),
    Module(name="retinue.models.openai", source=""),
    Module(name="retinue.engine", source="", is_package=True),
    Module(name="retinue.engine.driver", source=""),
    Module(name="retinue.settings", source=""),
    Module(name="retinue.testing", source=""),
]


def breaches_with(name: str, source: str, *, is_package: bool = False) -> list[str]:
    added = Module(name=name, source=source, is_package=is_package)
    return breaches([*(module for module in STANDING if module.name != name), added])


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("retinue.core.ids", "import secrets\nfrom msgspec import Struct\nfrom retinue.core.run import Run"),
        ("retinue.store.rows", "import sqlite3\nfrom .base import Store\nfrom ..core.run import Run"),
        ("retinue.engine.bus", "from retinue import __version__\nfrom retinue.store.base import Store"),
        ("retinue.engine.bus", "from retinue.store import Store"),
        ("retinue.engine.bus", "def encode():\n    import orjson"),
        ("retinue.models.routing.router", "from retinue.models.openai import OpenAI"),
        ("retinue.store.sqlite.writer", "from retinue.store import sqlite"),
        ("retinue.app", "from retinue.settings import Settings\nfrom retinue.store.sqlite import open_store"),
        ("retinue.cli.serve", "def serve():\n    from retinue.app import build"),
        ("retinue.app", "def open():\n    from retinue.knowledge.service import Service"),
        ("retinue.app", "def open():\n    from retinue.sandbox.remote.runners import Runners"),
        ("retinue.client.threads", "from retinue.core.run import Run"),
        ("retinue.testing", "from retinue.app import build\nimport retinue.store.sqlite"),
    ],
)
def test_imports_that_point_down_are_allowed(name: str, source: str) -> None:
    assert breaches_with(name, source) == []


@pytest.mark.parametrize(
    ("name", "source", "what"),
    [
        ("retinue.core.run", "from retinue.store.base import Store", "core may not import store"),
        ("retinue.core.run", "import aiohttp", "core imports the standard library and msgspec alone"),
        ("retinue.core.run", "import asyncio", "core does no I/O"),
        ("retinue.core.run", "from concurrent.futures import Future", "core does no I/O"),
        ("retinue.core.run", "async def go() -> None: ...", "core has no async"),
        ("retinue.store.base", "from retinue.models import Model", "store may not import models"),
        ("retinue.store.base", "from retinue import engine", "store may not import engine"),
        ("retinue.store.base", "from ..engine.driver import Driver", "store may not import engine"),
        ("retinue.store.base", "import retinue.engine.driver", "store may not import engine"),
        ("retinue.store.base", "class A:\n    from retinue.engine import x", "store may not import engine"),
        ("retinue.tools", "import retinue.context", "tools may not import context"),
        ("retinue.engine.bus", "from retinue.store.sqlite import Row", "only the app may import"),
        ("retinue.engine.bus", "from retinue.store import sqlite", "only the app may import"),
        ("retinue.store.base", "from . import sqlite", "only the app may import"),
        ("retinue.cli.backup", "from retinue.store.sqlite import copy", "only the app may import"),
        ("retinue.engine.bus", "def f():\n    import retinue.core.run", "inside a function"),
        ("retinue.app", "def f():\n    import retinue.store.sqlite", "inside a function"),
        ("retinue.engine.bus", "from retinue.knowledge.service import Service", "only the app may import"),
        ("retinue.engine.bus", "try:\n    import retinue.api\nexcept ImportError: ...", "engine may not import api"),
        ("retinue.engine.bus", "from typing import TYPE_CHECKING", "TYPE_CHECKING is no way"),
        ("retinue.engine.bus", "import typing\nif typing.TYPE_CHECKING: ...", "TYPE_CHECKING is no way"),
        ("retinue.engine.bus", "from retinue.settings import Settings", "engine may not import settings"),
        ("retinue.app", "from retinue.testing import FakeModel", "app may not import testing"),
        ("retinue.settings", "from retinue.store.base import Store", "settings may not import store"),
        ("retinue.client.threads", "import retinue.api", "client may not import api"),
        ("retinue.api.runs", "import retinue.client", "api may not import client"),
        ("retinue.utils", "", "'utils' has no floor"),
    ],
)
def test_a_breach_is_found(name: str, source: str, what: str) -> None:
    found = breaches_with(name, source)
    assert len(found) == 1, found
    assert what in found[0]


def test_the_root_package_imports_nothing_of_its_own() -> None:
    assert breaches_with("retinue", "from retinue.core.run import Run", is_package=True) == [
        "retinue:1: retinue may not import core (retinue.core.run)"
    ]


def test_a_package_resolves_relative_imports_from_itself() -> None:
    found = breaches_with("retinue.store", "from .sqlite import open_store", is_package=True)
    assert found == ["retinue.store:1: only the app may import the back end retinue.store.sqlite"]
