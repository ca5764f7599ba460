"""Calls of functions as a run makes them."""

from collections.abc import Callable
from typing import Any

from retinue.core.clock import Clock
from retinue.testing import FakeClock
from retinue.tools import Tool, ToolContext, ToolResult, tool
from retinue.tools.registry import Registry
from retinue.tools.work import Work

CONTEXT = ToolContext(
    project="default",
    user="ada",
    assistant_id="asst_1",
    thread_id="thread_1",
    run_id="run_1",
    call_id="call_1",
    key="key_1",
)


def registered(*functions: Callable[..., Any], clock: Clock | None = None, work: Work | None = None) -> Registry:
    """A registry of these functions, made tools where they are none; exposed to nobody."""
    tools = [function if isinstance(function, Tool) else tool(function) for function in functions]
    return Registry(tools, [], now=clock or FakeClock(), work=work)


def schema_of(function: Callable[..., Any]) -> dict[str, Any]:
    """The schema that the model gets to see."""
    registry = registered(function)
    (name,) = registry.functions
    schema = registry.declaration(name).parameters
    assert schema is not None
    return schema


async def run(function: Callable[..., Any] | Registry, arguments: str = "{}") -> ToolResult:
    """How a call of the function, or of a registry's only one, ends."""
    registry = function if isinstance(function, Registry) else registered(function)
    (name,) = registry.functions
    return await registry.run(name, arguments, CONTEXT)


async def told(function: Callable[..., Any] | Registry, arguments: str = "{}") -> str:
    """What the model reads of a call that failed."""
    result = await run(function, arguments)
    assert result.outcome == "failed"
    assert result.error == result.output
    return result.output
