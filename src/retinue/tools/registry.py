"""The toolbox of Python functions."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from retinue.core.errors import NotStarted
from retinue.core.tools import FunctionTool
from retinue.tools.base import Exposed, NoTools, ToolContext, ToolResult
from retinue.tools.declaration import Tool
from retinue.tools.exposure import Exposure, Rule
from retinue.tools.function import Function
from retinue.tools.work import Work


class Registry:
    """Functions made with `@tool`, and for whom they run. See `Toolbox`."""

    def __init__(
        self,
        tools: Iterable[Tool[..., Any]],
        rules: Sequence[Rule],
        *,
        now: Callable[[], float] = time.monotonic,
        work: Work | None = None,
    ) -> None:
        """Raise NotStarted for functions that no model can call, or that a rule means but there are not.

        `now` must not be set back: by it the breakers rest.
        """
        self.work = work or Work()
        self._functions: dict[str, Function] = {}
        for tool in tools:
            self._register(Function(tool, self.work, now=now))
        self._exposure = Exposure(rules, self._functions)

    @property
    def functions(self) -> Mapping[str, Function]:
        """All functions by name, exposed or not."""
        return self._functions

    def audiences(self) -> dict[str, list[str]]:
        """Return for whom each function runs, for people."""
        return {name: self._exposure.audience(name) for name in self._functions}

    def served(self, project: str, assistant_id: str, names: Sequence[str]) -> tuple[str, ...]:
        """See `Toolbox.served`."""
        return tuple(
            name
            for name in names
            if name in self._functions and self._exposure.allows(name, project=project, assistant_id=assistant_id)
        )

    def exposed(self, project: str) -> tuple[Exposed, ...]:
        """See `Toolbox.exposed`."""
        return tuple(
            Exposed(name=name, assistants=None if everyone else tuple(sorted(assistants)))
            for name in self._functions
            if (everyone := self._exposure.to_project(name, project))
            | bool(assistants := self._exposure.to_assistants(name, project))
        )

    def declaration(self, name: str) -> FunctionTool:
        """See `Toolbox.declaration`."""
        return self._functions[name].declaration

    def idempotent(self, name: str) -> bool:
        """See `Toolbox.idempotent`."""
        return name in self._functions and self._functions[name].options.idempotent

    async def run(self, name: str, arguments: str, context: ToolContext) -> ToolResult:
        """See `Toolbox.run`."""
        if name not in self._functions:
            return await NoTools().run(name, arguments, context)
        return await self._functions[name].run(arguments, context)

    def _register(self, function: Function) -> None:
        if other := self._functions.get(function.name):
            raise NotStarted(
                f"Two functions are called '{function.name}': {other.place} and {function.place}. "
                f"Give one of them another name: @tool(name=...)."
            )
        self._functions[function.name] = function
