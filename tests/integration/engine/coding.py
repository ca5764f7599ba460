"""A code interpreter whose outcomes a test writes down, and replies that call it."""

import json
from collections import deque

from msgspec import structs

from engine.scripted import Gate, Reply, done
from engine.world import World
from retinue.core.assistant import Assistant
from retinue.core.item import ToolCall, Written
from retinue.core.run import Run
from retinue.core.tools import CodeInterpreterTool
from retinue.engine.commands import assistants
from retinue.models import CallPiece
from retinue.store import Scope
from retinue.tools import ToolResult

DRAWN = ToolResult(
    output="42\n", charts=("file-chart",), files=(Written("sales 1.csv", "file-csv"),), notes=("big.bin was not kept.",)
)


class Interpreter:
    """Answers each call with the next result; at a gate it waits first."""

    idempotent = False

    def __init__(self, *results: ToolResult) -> None:
        self.results = deque(results)
        self.ran: list[str] = []
        self.gates: dict[str, Gate] = {}
        """By call id."""

    async def run(self, scope: Scope, run: Run, call: ToolCall) -> ToolResult:
        self.ran.append(call.arguments)
        result = self.results.popleft()
        if gate := self.gates.get(call.call_id):
            gate.reached.set()
            await gate.go.wait()
        return result


async def with_code(world: World, *results: ToolResult) -> Interpreter:
    """Have the assistant run code, and that come to these results."""
    interpreter = Interpreter(*results)

    def change(assistant: Assistant) -> Assistant:
        return structs.replace(assistant, tools=(*assistant.tools, CodeInterpreterTool()))

    world.assistant = await assistants.modify(world.engine, world.caller, world.assistant.id, change)
    install(world, interpreter)
    return interpreter


def install(world: World, interpreter: Interpreter) -> None:
    """Give the world's engine this interpreter."""
    world.engine._hosted = {**world.engine._hosted, "code_interpreter": interpreter}


def runs_code(*codes: str) -> Reply:
    """A reply that runs these pieces of code; the calls' ids are `call_0` and so on."""
    pieces = []
    for index, code in enumerate(codes):
        wanted = json.dumps({"code": code})
        half = len(wanted) - 4  # amid the code
        pieces.append(CallPiece(index=index, id=f"call_{index}", name="code_interpreter", arguments=wanted[:half]))
        pieces.append(CallPiece(index=index, arguments=wanted[half:]))
    return (*pieces, done("tool_calls"))
