"""A run's next request to its model, but for the messages."""

from retinue.context.chat import Json
from retinue.core.caller import Caller
from retinue.core.history import History
from retinue.core.run import RunSpec
from retinue.core.tools import FunctionTool, NamedTool, Tool
from retinue.models import ModelRequest


def bare_request(history: History, *, project: str) -> ModelRequest:
    """Return the request without its messages and the bound of its reply."""
    spec = history.run.spec
    functions = functions_of(spec.tools)
    return ModelRequest(
        model=spec.model,
        messages=(),
        tools=tuple(map(_declaration, functions)),
        tool_choice=_tool_choice(spec, functions, answered=bool(history.turns)),
        # true is every provider's default, and some refuse to be told
        parallel_tool_calls=False if functions and not spec.parallel_tool_calls else None,
        response_format=spec.response_format if isinstance(spec.response_format, dict) else None,
        reasoning_effort=spec.reasoning_effort,
        temperature=spec.temperature,
        top_p=spec.top_p,
        caller=Caller(project=project, user=spec.user),
    )


def functions_of(tools: tuple[Tool, ...]) -> list[FunctionTool]:
    """Return the tools that can be offered to a model."""
    return [tool for tool in tools if isinstance(tool, FunctionTool)]


def _declaration(tool: FunctionTool) -> Json:
    function: Json = {"name": tool.name}
    for key in ("description", "parameters", "strict"):
        if (value := getattr(tool, key)) is not None:
            function[key] = value
    return {"type": "function", "function": function}


def _tool_choice(spec: RunSpec, functions: list[FunctionTool], *, answered: bool) -> str | Json | None:
    """The choice for this turn. One that forces a call holds for the first turn only, or no run would ever end."""
    if not functions:
        return None
    match spec.tool_choice:
        case NamedTool(type="function", name=str(name)):
            return "auto" if answered else {"type": "function", "function": {"name": name}}
        case NamedTool():
            return "auto"  # a hosted tool, which is not offered
        case "required":
            return "auto" if answered else "required"
        case choice:
            return choice
