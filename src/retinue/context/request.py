"""A run's next request to its model, and the manifest that says what went in."""

from retinue.context.chat import Json
from retinue.context.correction import correction
from retinue.context.window import Window, read_window
from retinue.core.errors import InvalidRequest
from retinue.core.history import History
from retinue.core.item import ImageFile, Message
from retinue.core.next_action import CallModel
from retinue.core.run import RunSpec
from retinue.core.tokens import estimate_message
from retinue.core.tools import FunctionTool, NamedTool, Tool, function_names
from retinue.core.turn import Manifest
from retinue.models import ModelRequest
from retinue.store import Scope

DEFAULT_WINDOW_TOKENS = 120_000
"""How much of a thread is sent where the run sets no bound: what fits common models' 128,000 with room to reply."""


class PromptTooLong(InvalidRequest):
    """Not even the newest exchange fits into what is left of the run's max_prompt_tokens."""


async def build_request(scope: Scope, history: History, action: CallModel) -> tuple[ModelRequest, Manifest]:
    """Return the request for the run's next turn and its manifest; raises PromptTooLong."""
    run, spec = history.run, history.run.spec
    system: list[Json] = [{"role": "system", "content": spec.instructions}] if spec.instructions else []
    room = DEFAULT_WINDOW_TOKENS if action.prompt_tokens is None else action.prompt_tokens
    said_wrong = correction(history)
    room -= sum(map(estimate_message, (*system, *said_wrong)))
    window = await read_window(scope, run.branch, run=run.id, tokens=room, last_messages=spec.last_messages)
    if action.prompt_tokens is not None and window.tokens > room:
        raise PromptTooLong("The newest messages alone exceed what is left of max_prompt_tokens.")
    functions = [tool for tool in spec.tools if isinstance(tool, FunctionTool)]
    choice = _tool_choice(spec, functions, answered=bool(history.turns))
    request = ModelRequest(
        model=spec.model,
        messages=(*system, *window.chat, *said_wrong),
        tools=tuple(map(_declaration, functions)),
        tool_choice=choice,
        # true is every provider's default, and some refuse to be told
        parallel_tool_calls=False if functions and not spec.parallel_tool_calls else None,
        response_format=spec.response_format if isinstance(spec.response_format, dict) else None,
        reasoning_effort=spec.reasoning_effort,
        temperature=spec.temperature,
        top_p=spec.top_p,
        max_tokens=action.completion_tokens,
    )
    return request, _manifest(window, spec.tools)


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


def _manifest(window: Window, tools: tuple[Tool, ...]) -> Manifest:
    hosted = [tool.__struct_config__.tag for tool in tools if not isinstance(tool, FunctionTool)]
    notes = [f"{tag} is declared, but this server doesn't have it: it was not offered to the model." for tag in hosted]
    if any(
        isinstance(placed.item, Message) and any(isinstance(part, ImageFile) for part in placed.item.content)
        for exchange in window.exchanges
        for placed in exchange.items
    ):
        notes.append("Image files were left out: this server has no files API yet.")
    return Manifest(
        items=window.ranges,
        dropped=window.dropped,
        tools=tuple(function_names(tools)),
        notes=tuple(notes),
    )
