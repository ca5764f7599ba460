"""A toolbox whose functions do what a test wrote down for them, and stop where the test wants to look."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence

from engine.scripted import Gate
from retinue.core.tools import FunctionTool
from retinue.tools import ToolContext, ToolResult
from retinue.tools.base import Exposed

Act = Gate | ToolResult | BaseException


class ScriptedToolbox:
    """Serves some functions to everyone; what a call does unless told otherwise is to say who it is and to end."""

    def __init__(self) -> None:
        self.serves: tuple[str, ...] = ()
        self.repeatable: set[str] = set()
        self.effects: list[ToolContext] = []
        """The calls that took effect: each before it waits at its gate, if it has one."""
        self.asked: list[tuple[str, str, tuple[str, ...]]] = []
        self.broken_off: list[str] = []
        """Functions that were cancelled amid their work."""
        self.stubborn: set[str] = set()
        """Functions that hold on when they are cancelled, until their gate opens."""
        self.under_way = self.most_under_way = 0
        self._acts: dict[str, list[Act]] = defaultdict(list)

    def will(self, name: str, *acts: Act) -> None:
        """Have each further call of the function do the next of these."""
        self._acts[name].extend(acts)

    def served(self, project: str, assistant_id: str, names: Sequence[str]) -> tuple[str, ...]:
        self.asked.append((project, assistant_id, tuple(names)))
        return tuple(name for name in names if name in self.serves)

    def exposed(self, project: str) -> tuple[Exposed, ...]:
        return ()

    def declaration(self, name: str) -> FunctionTool:
        return FunctionTool(name=name, description=f"The server's own {name}.")

    def idempotent(self, name: str) -> bool:
        return name in self.repeatable

    async def run(self, name: str, arguments: str, context: ToolContext) -> ToolResult:
        self.effects.append(context)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            return await self._act(name, arguments)
        except asyncio.CancelledError:
            self.broken_off.append(name)
            raise
        finally:
            self.under_way -= 1

    async def _act(self, name: str, arguments: str) -> ToolResult:
        act = self._acts[name].pop(0) if self._acts[name] else None
        match act:
            case Gate():
                act.reached.set()
                await (_stubbornly(act) if name in self.stubborn else act.go.wait())
            case ToolResult():
                return act
            case BaseException():
                raise act
        return ToolResult(output=f"{name}({arguments}) is done")


async def _stubbornly(gate: Gate) -> None:
    while not gate.go.is_set():
        try:
            await gate.go.wait()
        except asyncio.CancelledError:
            continue
