"""A registered function: its declaration, and how a call of it is run."""

import asyncio
import inspect
import re
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from typing import Any

import structlog

from retinue.core.errors import NotStarted
from retinue.core.surrogates import mended
from retinue.core.tools import FunctionTool
from retinue.tools.arguments import Arguments, WrongArguments
from retinue.tools.base import ToolContext, ToolResult
from retinue.tools.circuit import Circuit
from retinue.tools.declaration import NAME, Retries, Tool, ToolError
from retinue.tools.output import BadOutput, Output
from retinue.tools.signature import place_of, read_signature
from retinue.tools.text import capped
from retinue.tools.work import Ended, Work

log = structlog.get_logger()

_LONGEST_ERROR = 2_000  # characters
_ONCE = Retries(attempts=1)


class Function:
    """A function that is ready to be called by a model."""

    def __init__(self, tool: Tool[..., Any], work: Work, *, now: Callable[[], float]) -> None:
        """Raise NotStarted, which says where the function stands, for one that no model can call."""
        options = tool.options
        self.place = place = place_of(tool.function)
        self.name = options.name or re.sub(r" \(.*", "", place)
        if not re.fullmatch(NAME, self.name):
            raise NotStarted(f"{place} needs a name of letters, digits, underscores and dashes: @tool(name=...).")
        self.options = options
        self._function, self._work = tool.function, work
        self._signature = signature = read_signature(tool.function, place)
        self._arguments = Arguments(signature.parameters, strict=options.strict, place=place)
        self._output = Output(signature.returns, max_output=options.max_output, place=place)
        self._circuit = Circuit(self.name, options.breaker, now=now)
        self._async = _is_async(tool.function)

    @property
    def declaration(self) -> FunctionTool:
        """The function as the model gets to see it."""
        return FunctionTool(
            name=self.name,
            description=self.options.description or self._signature.description,
            parameters=self._arguments.schema,
            strict=self.options.strict or None,
        )

    async def run(self, arguments: str, context: ToolContext) -> ToolResult:
        """Run a call; see `Toolbox.run`."""
        try:
            with self._circuit.call() as verdict:
                with await self._place() as place:  # before its time begins: who waits in turn is not at work
                    attempts, ended = await self._attempted(self._call(arguments, context, place))
                result = self._timed_out(attempts) if ended is None else self._result(ended, attempts)
                verdict.well = self._noted(ended, context, result)
                return result
        except ToolError as error:
            return _failed(error.message, attempts=0)

    async def _place(self) -> ExitStack:
        return ExitStack() if self._async else await self._work.place(self.name, patience_s=self.options.timeout_s)

    def _call(self, arguments: str, context: ToolContext, place: ExitStack) -> Callable[[], Awaitable[Ended]]:
        """The call, ready to be made as often as it takes."""

        def in_thread() -> str:
            args, kwargs = self._signature.bind(self._arguments.parse(arguments), context)
            return self._output.text(self._function(*args, **kwargs))

        async def in_task() -> str:
            args, kwargs = self._signature.bind(self._arguments.parse(arguments), context)
            return self._output.text(await self._function(*args, **kwargs))

        if self._async:
            return lambda: self._work.in_task(self.name, in_task)
        return lambda: self._work.in_thread(self.name, in_thread, place)

    async def _attempted(self, call: Callable[[], Awaitable[Ended]]) -> tuple[int, Ended | None]:
        """How often it was called and how it ended; None where its time was over first."""
        retries = self.options.retries or _ONCE
        attempts, wait_s = 1, retries.wait_s
        try:
            async with asyncio.timeout(self.options.timeout_s):
                while _worth_another(ended := await call(), retries) and attempts < retries.attempts:
                    await asyncio.sleep(wait_s)
                    attempts, wait_s = attempts + 1, wait_s * 2
        except TimeoutError:
            return attempts, None
        return attempts, ended

    def _timed_out(self, attempts: int) -> ToolResult:
        patience = f"{self.options.timeout_s:g} s"
        told = f"'{self.name}' did not answer within {patience}; whether it had its effect is not known."
        return ToolResult(output=told, outcome="timed_out", error=told, attempts=attempts)

    def _result(self, ended: Ended, attempts: int) -> ToolResult:
        if ended.error is None:
            return ToolResult(output=ended.output, attempts=attempts)
        attempts = 0 if isinstance(ended.error, WrongArguments) else attempts
        return _failed(capped(mended(_told(ended.error)), _LONGEST_ERROR), attempts=attempts)

    def _noted(self, ended: Ended | None, context: ToolContext, result: ToolResult) -> bool | None:
        """Log a failure; return whether it was none, None where the function was not called.

        What a function wants the model to know is no failure of it.
        """
        error = ended.error if ended else None
        if isinstance(error, WrongArguments):
            return None
        if result.outcome == "done" or (isinstance(error, ToolError) and not isinstance(error, BadOutput)):
            return True
        where = {"function": self.name, "run": context.run_id, "call": context.call_id}
        log.warning("a function failed", **where, attempts=result.attempts, why=result.error, exc_info=error)
        return False


def _failed(told: str, *, attempts: int) -> ToolResult:
    return ToolResult(output=told, outcome="failed", error=told, attempts=attempts)


def _worth_another(ended: Ended, retries: Retries) -> bool:
    return isinstance(ended.error, retries.on) and not isinstance(ended.error, ToolError)


def _told(error: BaseException) -> str:
    """What the model reads of it: neither a trace nor a path of this machine."""
    try:
        said = error.strerror if isinstance(error, OSError) and error.filename is not None else str(error)
    except BaseException:  # of the user's own making, it may fail in any way at saying what it is
        said = ""
    if isinstance(error, ToolError):
        return error.message
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _is_async(function: Any) -> bool:
    """Whether calling it gives something to await, also below decorators that keep what they wrap."""
    return any(map(inspect.iscoroutinefunction, (function, inspect.unwrap(function), type(function).__call__)))
