"""Callers who go away while their answer is still being made."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import Scope

LEAVING = "retinue.leaving"
"""An ASGI extension, whose `watch` takes what to call once when this request's connection is lost; None takes it back.

ASGI's own `receive` tells the same, but only to a second task that does nothing but wait for it.
"""

_Watch = Callable[[Callable[[], None] | None], None]


class WhileCallerStays:
    """Within it, a caller who goes away cancels what is awaited, and ClientDisconnect is raised in its place.

    A server that knows no such extension, or a program that calls the app itself, cancels the call instead.
    """

    def __init__(self, scope: Scope) -> None:
        extension = (scope.get("extensions") or {}).get(LEAVING)
        self._watch: _Watch = extension["watch"] if extension else _nobody_watches
        self._task: asyncio.Task[Any] | None = None
        self._left = False

    def __enter__(self) -> None:
        self._watch(self._leave)
        if self._left:
            self._watch(None)
            raise ClientDisconnect
        self._task = asyncio.current_task()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watch(None)
        if self._left and self._task is not None:
            self._task.uncancel()
            if kind is asyncio.CancelledError:
                raise ClientDisconnect from error

    def _leave(self) -> None:
        self._left = True
        if self._task is not None:
            self._task.cancel()


def _nobody_watches(_leave: Callable[[], None] | None) -> None:
    pass
