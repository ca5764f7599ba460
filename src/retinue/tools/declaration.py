"""`@tool`: makes a Python function one that a model may call."""

import math
import re
from collections.abc import Callable
from typing import Any, Generic, ParamSpec, TypeVar, overload

from msgspec import Struct, structs

from retinue.core.errors import RetinueError

P = ParamSpec("P")
R = TypeVar("R")

TIMEOUT_S = 60.0
MAX_OUTPUT = 200_000
"""Characters."""

NAME = r"[a-zA-Z0-9_-]{1,64}"
"""What functions may be called, as the API has it."""
_SHORTEST_OUTPUT = 200  # characters: the note that something was left out must find room


class ToolError(RetinueError):
    """Raised by a function to tell the model something, in just these words."""


class Retries(Struct, frozen=True, kw_only=True):
    """How a function is tried again that raised. A call that timed out is not: it may still be at work."""

    attempts: int = 3
    """Calls in all."""
    on: tuple[type[Exception], ...] = (Exception,)
    """What makes another attempt worth while."""
    wait_s: float = 0.5
    """Before the second attempt; doubled before each that follows."""


class Breaker(Struct, frozen=True, kw_only=True):
    """When a function that keeps failing is left alone, so that neither the model nor what is broken is kept busy."""

    failures: int = 5
    """Calls that failed in a row."""
    pause_s: float = 30.0
    """For how long the model then reads that it is not available; after that, one call is a trial."""


class Options(Struct, frozen=True, kw_only=True):
    """What `@tool` was told."""

    name: str | None = None
    """By which the model calls it: the function's own unless told."""
    description: str | None = None
    """For the model; the docstring's first paragraph unless told."""
    timeout_s: float = TIMEOUT_S
    """For a whole call, further attempts included."""
    retries: Retries | None = None
    breaker: Breaker | None = None
    idempotent: bool = False
    """Whether a call may be repeated when nobody knows if it had its effect."""
    max_output: int = MAX_OUTPUT
    """Characters that the model gets to read; of a longer output the middle is left out, and the model told so."""
    strict: bool = False
    """Whether the provider has to hold the model to the schema; every argument is then required."""

    def __post_init__(self) -> None:
        if self.name is not None and not re.fullmatch(NAME, self.name):
            raise ValueError(
                f"The name {self.name!r} must be 1 to 64 letters of a-z, A-Z, 0-9, underscores and dashes."
            )
        if not (0 < self.timeout_s < math.inf):
            raise ValueError(f"timeout_s is {self.timeout_s!r}; it must be a number of seconds above 0.")
        if self.max_output < _SHORTEST_OUTPUT:
            raise ValueError(f"max_output is {self.max_output!r}; it must be {_SHORTEST_OUTPUT} characters or more.")
        if self.retries and (self.retries.attempts < 1 or not 0 <= self.retries.wait_s < math.inf):
            raise ValueError(f"{self.retries} must make 1 attempt or more, and wait 0 seconds or more.")
        if self.breaker and (self.breaker.failures < 1 or not 0 < self.breaker.pause_s < math.inf):
            raise ValueError(f"{self.breaker} must open after 1 failure or more, for more than 0 seconds.")


class Tool(Struct, Generic[P, R], frozen=True, kw_only=True, eq=False):
    """A function that a model may call. Called from Python, it is the function that it was made of."""

    function: Callable[P, R]
    options: Options = Options()

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function as it is, without bounds."""
        return self.function(*args, **kwargs)

    def __get__(self, instance: object, owner: type | None = None) -> "Tool[..., R]":
        """Bind a method to its object."""
        if instance is None:
            return self
        bind = getattr(type(self.function), "__get__", None)
        return structs.replace(self, function=bind(self.function, instance, owner)) if bind else self


@overload
def tool(function: Callable[P, R], /) -> Tool[P, R]: ...


@overload
def tool(
    *,
    name: str | None = None,
    description: str | None = None,
    timeout_s: float = TIMEOUT_S,
    retries: Retries | None = None,
    breaker: Breaker | None = None,
    idempotent: bool = False,
    max_output: int = MAX_OUTPUT,
    strict: bool = False,
) -> Callable[[Callable[P, R]], Tool[P, R]]: ...


def tool(function: Callable[..., Any] | None = None, /, **options: Any) -> Any:
    """Make a plain or async function one that a model may call: `@tool`, or `@tool(timeout_s=5)`.

    Its type hints and its docstring tell the model what it takes. A parameter of type `ToolContext` is not shown to
    the model: it says for whom the function is called. See `Options` for what may be told.
    """
    if function is None:
        told = Options(**options)
        return lambda function: Tool(function=_checked(function), options=told)
    return Tool(function=_checked(function), options=Options(**options))


def _checked(function: Any) -> Callable[..., Any]:
    if not callable(function):
        raise TypeError(f"@tool is for functions, and {function!r} is none; put it below @classmethod, nearest to def.")
    return function  # type: ignore[no-any-return]  # `callable` tells mypy nothing of the arguments
