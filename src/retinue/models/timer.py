"""The time as retries and breakers see it; tests bring their own, in which nothing waits."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable

from msgspec import Struct

Sleep = Callable[[float], Awaitable[object]]


class Timer(Struct, frozen=True, kw_only=True):
    """A clock, a way to wait, and chance."""

    now: Callable[[], float] = time.monotonic
    """Seconds since any moment."""
    sleep: Sleep = asyncio.sleep
    chance: Callable[[], float] = random.random
    """From 0 up to 1: spreads over time what would be asked again all at once."""
