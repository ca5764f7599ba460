"""What a function takes: read off its type hints and its docstring."""

import functools
import inspect
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from msgspec import Struct

from retinue.core.errors import NotStarted
from retinue.tools.base import ToolContext
from retinue.tools.docstring import read_docstring

NOTHING = inspect.Parameter.empty
"""Stands where there is no default, or no hint for what is returned."""


class Parameter(Struct, frozen=True, kw_only=True):
    """An argument that the model gives."""

    name: str
    hint: Any
    default: Any = NOTHING
    description: str | None = None


class Signature(Struct, frozen=True, kw_only=True):
    """How a function is called."""

    description: str | None
    parameters: tuple[Parameter, ...]
    contexts: tuple[str, ...]
    """Parameters that are given the ToolContext."""
    positional: tuple[str, ...]
    """Those that can't be given by name, in order."""
    returns: Any

    def bind(self, arguments: Mapping[str, Any], context: ToolContext) -> tuple[list[Any], dict[str, Any]]:
        """Return the arguments as the function takes them: those by place, those by name."""
        named = {**arguments, **dict.fromkeys(self.contexts, context)}
        return [named.pop(name) for name in self.positional], named


def read_signature(function: Callable[..., Any], place: str) -> Signature:
    """Return what a function takes; raises NotStarted, beginning with `place`, for one that a model can't call."""
    inner, given = _unwrapped(function)
    if inspect.isasyncgenfunction(inner):
        raise NotStarted(f"{place} yields, and a model reads an answer as a whole: return a list instead.")
    hints = _hints(inner, place)
    docstring = read_docstring(inspect.getdoc(inner))
    parameters = [
        parameter for parameter in inspect.signature(function).parameters.values() if parameter.name not in given
    ]
    contexts = tuple(parameter.name for parameter in parameters if _is_context(hints.get(parameter.name)))
    return Signature(
        description=docstring.description,
        parameters=tuple(
            Parameter(
                name=parameter.name,
                hint=_hint(parameter, hints, place),
                default=parameter.default,
                description=docstring.arguments.get(parameter.name),
            )
            for parameter in parameters
            if parameter.name not in contexts
        ),
        contexts=contexts,
        positional=tuple(parameter.name for parameter in parameters if parameter.kind is parameter.POSITIONAL_ONLY),
        returns=hints.get("return", NOTHING),
    )


def place_of(function: Callable[..., Any]) -> str:
    """Return where a function was written, for people: `get_weather (mytools.py:12)`."""
    inner, _ = _unwrapped(function)
    name = getattr(inner, "__name__", type(function).__name__)
    code = getattr(inspect.unwrap(inner), "__code__", None)
    return f"{name} ({code.co_filename}:{code.co_firstlineno})" if code else name


def _unwrapped(function: Callable[..., Any]) -> tuple[Callable[..., Any], set[str]]:
    """What is behind partials and callable objects, and what was given to the partials by name."""
    given: set[str] = set()
    while isinstance(function, functools.partial):
        given |= function.keywords.keys()
        function = function.func
    if not inspect.isroutine(function) and not inspect.isclass(function):
        function = type(function).__call__.__get__(function)
    return function, given


def _hints(function: Callable[..., Any], place: str) -> dict[str, Any]:
    target = function.__init__ if inspect.isclass(function) else function
    try:
        return get_type_hints(target, include_extras=True)
    except NameError as error:
        raise NotStarted(
            f"{place} has a type hint that can't be read ({error}): what it names must be known where the module "
            f"stands, not inside a function or under TYPE_CHECKING alone."
        ) from error
    except (TypeError, SyntaxError) as error:
        raise NotStarted(f"{place} has a type hint that can't be read: {error}.") from error


def _hint(parameter: inspect.Parameter, hints: Mapping[str, Any], place: str) -> Any:
    if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
        raise NotStarted(f"{place} takes {parameter}, which no schema can name: give each argument a name and a type.")
    if parameter.name not in hints:
        raise NotStarted(
            f"{place} has no type hint for '{parameter.name}': say what it takes, such as {parameter.name}: str."
        )
    return hints[parameter.name]


def _is_context(hint: Any) -> bool:
    return ToolContext in _members(hint)


def _members(hint: Any) -> Iterator[Any]:
    """The types that a hint allows, one by one."""
    origin = get_origin(hint)
    if origin is Annotated:
        yield from _members(get_args(hint)[0])
    elif origin in (Union, types.UnionType):
        for member in get_args(hint):
            yield from _members(member)
    else:
        yield hint
