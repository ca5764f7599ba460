"""Time as a value that tests can hand in."""

from typing import Protocol


class Clock(Protocol):
    """Seconds since 1970-01-01 UTC; `time.time` is one."""

    def __call__(self) -> float: ...
