"""A run's next request to its model, but for the messages."""

from retinue.context.chat import Json
from retinue.core.caller import Caller
from retinue.core.history import History
from retinue.core.hosted import Offer, offered
from retinue.core.run import RunSpec
from retinue.core.tools import FunctionTool, NamedTool
from retinue.models import ModelRequest


def bare_request(history: History, *, project: str) -> ModelRequest:
    """Return the request without its messages and the bound of its reply."""
    spec = history.run.spec
    offers = offered(spec.tools)
    return ModelRequest(
        model=spec.model,
        messages=(),
        tools=tuple(_declaration(function) for _, function in offers),
        tool_choice=_tool_choice(spec, offers, answered=bool(history.turns)),
        # true is every provider's default, and some refuse to be told
        parallel_tool_calls=False if offers and not spec.parallel_tool_calls else None,
        response_format=spec.response_format if isinstance(spec.response_format, dict) else None,
        reasoning_effort=spec.reasoning_effort,
        temperature=spec.temperature,
        top_p=spec.top_p,
        caller=Caller(project=project, user=spec.user),
    )


def _declaration(tool: FunctionTool) -> Json:
    function: Json = {"name": tool.name}
    for key in ("description", "parameters", "strict"):
        if (value := getattr(tool, key)) is not None:
            function[key] = value
    return {"type": "function", "function": function}


def _tool_choice(spec: RunSpec, offers: list[Offer], *, answered: bool) -> str | Json | None:
    """The choice for this turn. One that forces a call holds for the first turn only, or no run would ever end."""
    if not offers:
        return None
    match spec.tool_choice:
        case NamedTool() as choice:
            name = choice.name or next((function.name for kind, function in offers if kind == choice.type), None)
            # none is a hosted tool's that the run doesn't have
            return {"type": "function", "function": {"name": name}} if name and not answered else "auto"
        case "required":
            return "auto" if answered else "required"
        case choice:
            return choice
